import path from 'node:path';
import * as vscode from 'vscode';
import { toSignal } from '../editor/convert';
import type { Session } from '../editor/session';
import { commands } from '../ids';
import type { Diagnostic } from '../language/diagnostic';
import type { TrialDocument } from '../views/trials/trialDocuments';
import { isCancelled } from '../worker/engineError';
import { type CommandContext, command, modelOf, requireTrust } from './context';

/** Searches for better numbers by the `tune` block. */
export function registerTuningCommands(context: CommandContext): vscode.Disposable[] {
  const running = new Map<string, TrialDocument>();
  return [command(context, commands.tune, target => tune(context, running, target))];
}

async function tune(
  context: CommandContext,
  running: Map<string, TrialDocument>,
  target: unknown,
): Promise<void> {
  const session = await modelOf(context, target);
  if (!session || !(await requireTrust())) return;
  const { version, tuning } = await session.upToDate();
  const under = running.get(session.uri);
  if (under) {
    await context.trialDocuments.show(under);
    return;
  }
  const name = path.basename(session.path);
  if (!session.text.file.statements.some(({ kind }) => kind === 'tune')) {
    void vscode.window.showWarningMessage(`${name} has no \`tune\` block that says what to search.`);
    return;
  }
  if (!tuning || session.diagnostics.some(isObstacle)) {
    void reportErrors(name);
    return;
  }
  const document = context.trialDocuments.begin(session.path);
  running.set(session.uri, document);
  try {
    await context.trialDocuments.show(document);
    await search(context, session, version, document, `Tuning ${name}, ${tuning.summary}`);
  } finally {
    running.delete(session.uri);
  }
}

async function reportErrors(name: string): Promise<void> {
  const problems = 'Show Problems';
  const choice = await vscode.window.showErrorMessage(`${name} cannot be tuned: it has errors.`, problems);
  if (choice === problems) await vscode.commands.executeCommand('workbench.actions.view.problems');
}

/** A model whose checks fail can be tuned all the same. */
function isObstacle({ severity, code }: Diagnostic): boolean {
  return severity === 'error' && code !== 'check-failed';
}

/** Until the end, or until a person has seen enough; what is known stays in the document. */
async function search(
  { engine, log }: CommandContext,
  { uri, path: file, executor }: Session,
  version: number,
  document: TrialDocument,
  title: string,
): Promise<void> {
  const tuneId = `${uri}#${Date.now()}`;
  const location = vscode.ProgressLocation.Notification;
  log.info(`${title}.`);
  try {
    await vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
      let shown = 0;
      const listening = engine.onEvent(event => {
        if (event.kind !== 'tuning' || event.tuneId !== tuneId) return;
        document.hear(event.progress, event.news);
        progress.report({ increment: 100 * (event.progress - shown) });
        shown = event.progress;
      });
      try {
        await engine.call({ kind: 'tune', uri, version, tuneId, executor }, toSignal(token));
      } finally {
        listening.dispose();
      }
    });
    document.end({ kind: 'finished' });
    log.info(`Tuned ${file}.`);
  } catch (error) {
    if (!isCancelled(error)) {
      document.end({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
      throw error;
    }
    document.end({ kind: 'stopped' });
  }
}
