import path from 'node:path';
import * as vscode from 'vscode';
import { formatNumber } from '../drawing/numbers';
import { toOffset, toSignal } from '../editor/convert';
import { nameAt } from '../editor/nodeAt';
import type { Session } from '../editor/session';
import { commands, internalCommands, views } from '../ids';
import type { ParameterItem } from '../views/parametersView';
import type { Analysis, GradcheckReport } from '../worker/protocol';
import { type CommandContext, command, modelOf, requireTrust } from './context';

/** Run, check, ask about another objective, explain, and look at the graph. */
export function registerModelCommands(context: CommandContext): vscode.Disposable[] {
  return [
    command(context, commands.run, target => run(context, target)),
    command(context, commands.gradcheck, target => gradcheck(context, target)),
    command(context, commands.setObjective, target => setObjective(context, target)),
    command(context, commands.explainGradient, (target, node) => explain(context, target, node)),
    command(context, commands.openGraph, async target => {
      const session = await modelOf(context, target);
      if (session) context.panels.show(session);
    }),
    command(context, internalCommands.reveal, (target, span) => reveal(context, target, span)),
  ];
}

/** One forward and backward pass; its values appear everywhere, and the status bar says the loss. */
async function run(context: CommandContext, target: unknown): Promise<void> {
  const session = await modelOf(context, target);
  if (!session || !(await requireTrust())) return;
  const location = vscode.ProgressLocation.Window;
  const title = `Running ${path.basename(session.path)}`;
  const analysis = await vscode.window.withProgress({ location, title }, () => session.run());
  if (analysis.evaluated) {
    vscode.window.setStatusBarMessage(describeRun(session, analysis), 8_000);
    return;
  }
  void vscode.window.showWarningMessage(
    `${path.basename(session.path)} has no values. ${analysis.reason ?? 'The Problems panel says why.'}`,
  );
}

function describeRun(session: Session, analysis: Analysis): string {
  const parts = [path.basename(session.path)];
  const value = analysis.names.find(({ node }) => node === analysis.objectiveNode)?.value;
  if (value) parts.push(`${analysis.objective} = ${formatNumber(value.mean)}`);
  const { checks } = analysis;
  const passed = checks.filter(({ pass }) => pass).length;
  if (checks.length > 0) parts.push(`${passed} of ${checks.length} checks hold`);
  return `${passed === checks.length ? '$(check)' : '$(error)'} ${parts.join(' · ')}`;
}

async function gradcheck(context: CommandContext, target: unknown): Promise<void> {
  const session = await modelOf(context, target);
  if (!session || !(await requireTrust())) return;
  const { version } = await session.upToDate();
  const title = `Checking the gradients of ${path.basename(session.path)}`;
  const report = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      let shown = 0;
      const listening = context.engine.onEvent(event => {
        if (event.kind !== 'gradcheck' || event.uri !== session.uri) return;
        progress.report({ increment: 100 * (event.progress - shown) });
        shown = event.progress;
      });
      try {
        return await context.engine.call({ kind: 'gradcheck', uri: session.uri, version }, toSignal(token));
      } finally {
        listening.dispose();
      }
    },
  );
  context.log.info(describeReport(session, report));
  const details = 'Show Details';
  const choice = report.pass
    ? await vscode.window.showInformationMessage(summarize(report), details)
    : await vscode.window.showErrorMessage(summarize(report), details);
  if (choice === details) context.log.show(true);
}

function summarize({ rows, pass, objective }: GradcheckReport): string {
  const failed = rows.filter(row => !row.pass);
  if (!pass) {
    return `The gradient of ${objective} fails the check at ${failed.map(({ name }) => name).join(', ')}. ${failed[0]?.worst ?? ''}`;
  }
  const deviation = Math.max(0, ...rows.map(row => row.deviation));
  const names = `${rows.length} ${rows.length === 1 ? 'name' : 'names'}`;
  return `The gradient of ${objective} holds for ${names}; the largest deviation is ${formatNumber(deviation)}.`;
}

function describeReport(session: Session, report: GradcheckReport): string {
  const lines = report.rows.map(({ name, pass, entries, deviation, kinks, worst }) => {
    const kinked = kinks > 0 ? `, ${kinks} at kinks` : '';
    return `  ${pass ? '✓' : '✗'} ${name}: ${entries} entries${kinked}, deviation ${formatNumber(deviation)}. ${worst}`;
  });
  return [`Gradient check of ${session.path}, objective ${report.objective}`, ...lines].join('\n');
}

/** The name at the cursor becomes what gradients are of; the objective of now goes back to the file's own. */
async function setObjective(context: CommandContext, target: unknown): Promise<void> {
  const session = await modelOf(context, target);
  if (!session) return;
  const analysis = await session.upToDate();
  const info = nameAtCursor(session);
  if (!info) {
    void vscode.window.showInformationMessage('Put the cursor on the name of a scalar first.');
    return;
  }
  const back = info.node === analysis.objectiveNode;
  if (!back && (info.dtype !== 'float' || (info.sizes ?? [0]).length > 0)) {
    void vscode.window.showWarningMessage(
      `${info.name} is ${info.dtype} ${info.shape}. An objective is a float scalar, of shape []; sum(${info.name}) would be one.`,
    );
    return;
  }
  await session.setObjective(back ? null : info.node);
  const { objective } = await session.upToDate();
  vscode.window.setStatusBarMessage(`Gradients are of ${objective ?? 'nothing: no objective'}.`, 5_000);
}

function nameAtCursor(session: Session) {
  const editor = vscode.window.visibleTextEditors.find(
    ({ document }) => document.uri.toString() === session.uri,
  );
  return editor && nameAt(session, toOffset(session.source, editor.selection.active));
}

/** Shows how a gradient comes about: in a graph that is open already, else in the side bar. */
async function explain(context: CommandContext, target: unknown, node: unknown): Promise<void> {
  const item = isParameterItem(target) ? target : undefined;
  const session = item?.session ?? (await modelOf(context, target));
  if (!session) return;
  await session.upToDate();
  const chosen = item?.info.node ?? (typeof node === 'number' ? node : nameAtCursor(session)?.node);
  if (chosen === undefined) {
    void vscode.window.showInformationMessage('Put the cursor on a name first.');
    return;
  }
  context.selection.select(session, chosen);
  if (!context.panels.reveal(session)) await vscode.commands.executeCommand(`${views.graph}.focus`);
}

async function reveal(context: CommandContext, target: unknown, span: unknown): Promise<void> {
  const session = await modelOf(context, target);
  if (session && isSpan(span)) await context.selection.reveal(session, span);
}

function isSpan(value: unknown): value is { readonly start: number; readonly end: number } {
  return typeof value === 'object' && value !== null && 'start' in value && 'end' in value;
}

function isParameterItem(target: unknown): target is ParameterItem {
  return typeof target === 'object' && target !== null && 'info' in target && 'session' in target;
}
