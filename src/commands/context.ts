import * as vscode from 'vscode';
import type { Selection } from '../editor/selection';
import type { Session } from '../editor/session';
import type { Sessions } from '../editor/sessions';
import type { Trainings } from '../editor/trainings';
import type { GraphPanels } from '../views/graphPanels';
import type { RunDocuments } from '../views/runs/runDocuments';
import type { SavedRuns } from '../views/runs/savedRuns';
import type { TrialDocuments } from '../views/trials/trialDocuments';
import type { EngineClient } from '../worker/engineClient';
import { isCancelled } from '../worker/engineError';

/** What commands work with. */
export interface CommandContext {
  readonly extension: vscode.Uri;
  readonly engine: EngineClient;
  readonly log: vscode.LogOutputChannel;
  readonly sessions: Sessions;
  readonly trainings: Trainings;
  readonly selection: Selection;
  readonly panels: GraphPanels;
  readonly savedRuns: SavedRuns;
  readonly runDocuments: RunDocuments;
  readonly trialDocuments: TrialDocuments;
}

/** Registers a command whose failure a person gets to see. */
export function command(
  { log }: CommandContext,
  id: string,
  action: (...args: unknown[]) => Promise<void> | void,
): vscode.Disposable {
  return vscode.commands.registerCommand(id, async (...args: unknown[]) => {
    try {
      await action(...args);
    } catch (error) {
      if (isCancelled(error)) return;
      log.error(error instanceof Error ? error : String(error));
      void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  });
}

/** The model a command is about: the one it was called with (a menu, a lens, a tree), else the active one. */
export async function modelOf({ sessions }: CommandContext, target: unknown): Promise<Session | undefined> {
  const uri = uriOf(target);
  if (uri) return sessions.require(uri);
  if (!sessions.active) void vscode.window.showInformationMessage('Open a .nabla model first.');
  return sessions.active;
}

function uriOf(target: unknown): vscode.Uri | undefined {
  if (target instanceof vscode.Uri) return target;
  if (typeof target === 'string') return vscode.Uri.parse(target, true);
  return undefined;
}

/** Running needs trust, since a model names files to read. Says so and offers the way. */
export async function requireTrust(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = 'Manage Workspace Trust';
  const choice = await vscode.window.showWarningMessage(
    'This workspace is not trusted, so no data is read and no model is run.',
    manage,
  );
  if (choice === manage) await vscode.commands.executeCommand('workbench.trust.manage');
  return false;
}
