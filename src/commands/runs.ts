import path from 'node:path';
import * as vscode from 'vscode';
import { commands } from '../ids';
import { summaryOf } from '../views/runs/runDocuments';
import { runLabel } from '../views/runs/runName';
import { describeRun } from '../views/runs/runSummary';
import { isRunItem, type RunItem } from '../views/runs/runsView';
import type { SavedRun } from '../views/runs/savedRuns';
import { type CommandContext, command, modelOf } from './context';
import { resume } from './training';

/** What can be done with runs of the past. */
export function registerRunCommands(context: CommandContext): vscode.Disposable[] {
  return [
    command(context, commands.rerun, target => rerun(target)),
    command(context, commands.resumeRun, target => resumeRun(context, target)),
    command(context, commands.openRunModel, async target => {
      const model = isRunItem(target) && modelUri(target);
      if (model) await vscode.window.showTextDocument(model);
    }),
    command(context, commands.revealRun, async target => {
      const folder = isRunItem(target) && target.saved?.folder;
      const local = vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined;
      if (folder) await vscode.commands.executeCommand(local ? 'revealFileInOS' : 'revealInExplorer', folder);
    }),
    command(context, commands.deleteRun, (target, all) => deleteRuns(context, target, all)),
    command(context, commands.refreshRuns, () => context.savedRuns.read()),
    command(context, commands.keepRun, target => keepRun(context, target)),
    command(context, commands.compareRuns, (target, all) => compareRuns(context, target, all)),
  ];
}

async function rerun(target: unknown): Promise<void> {
  const model = isRunItem(target) && modelUri(target);
  if (!model) return;
  await vscode.window.showTextDocument(model, { preserveFocus: true });
  await vscode.commands.executeCommand(commands.train, model);
}

/** Goes on with a saved run; what it has made so far stays in its own folder. */
async function resumeRun(context: CommandContext, target: unknown): Promise<void> {
  const [run = await pickRun(context, 'Which run is to be resumed?')] = savedOf(target, undefined);
  if (!run) return;
  const model = run.model;
  await vscode.window.showTextDocument(model, { preserveFocus: true });
  const session = await modelOf(context, model);
  if (session) await resume(context, session, { runId: run.record.runId, folder: run.folder.fsPath });
}

function modelUri({ training, saved }: RunItem): vscode.Uri | undefined {
  return training ? vscode.Uri.parse(training.uri, true) : saved?.model;
}

async function deleteRuns(context: CommandContext, target: unknown, all: unknown): Promise<void> {
  const runs = savedOf(target, all);
  const [first] = runs;
  if (!first) return;
  const which = runs.length === 1 ? `the run ${first.record.runId}` : `${runs.length} runs`;
  const confirm = 'Delete';
  const choice = await vscode.window.showWarningMessage(
    `Delete ${which} with its parameters and figures?`,
    { modal: true },
    confirm,
  );
  if (choice !== confirm) return;
  for (const run of runs) {
    await context.savedRuns.delete(run);
    context.trainings.forget(run.record.runId);
  }
}

/** A small text beside the model, to be committed with it. */
async function keepRun(context: CommandContext, target: unknown): Promise<void> {
  const [run = await pickRun(context, 'Which run is to be kept?')] = savedOf(target, undefined);
  if (!run) return;
  const stem = path.posix.basename(run.model.path, '.nabla');
  const file = vscode.Uri.joinPath(run.model, '..', `${stem}.run-${run.record.runId}.txt`);
  await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(await summaryOf(run)));
  await vscode.window.showTextDocument(file, { preview: true });
}

/** Two summaries in the editor's own diff, the older one on the left. */
async function compareRuns(context: CommandContext, target: unknown, all: unknown): Promise<void> {
  const given = savedOf(target, all).slice(0, 2);
  const first = given[0] ?? (await pickRun(context, 'Compare which run …'));
  if (!first) return;
  const second = given[1] ?? (await pickRun(context, '… with which other run?', first));
  if (!second) return;
  const pair = [first, second].sort((a, b) => (a.record.runId < b.record.runId ? -1 : 1));
  const [left, right] = await Promise.all(pair.map(run => context.runDocuments.open(run)));
  const title = pair.map(({ record }) => runLabel(record.runId, new Date())).join(' ↔ ');
  await vscode.commands.executeCommand('vscode.diff', left, right, `Runs ${title}`);
}

async function pickRun(
  { savedRuns }: CommandContext,
  placeHolder: string,
  except?: SavedRun,
): Promise<SavedRun | undefined> {
  const runs = (await savedRuns.list()).filter(run => run !== except);
  if (runs.length === 0) {
    void vscode.window.showInformationMessage('There is no saved run yet: train a model first.');
    return undefined;
  }
  const items = runs.map(run => ({
    run,
    label: runLabel(run.record.runId, new Date()),
    description: `${path.posix.basename(run.model.path)} · ${run.record.phase}`,
    detail: describeRun(run.record),
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true }))?.run;
}

/** The runs chosen in the list: the one that was clicked, or all that are marked. */
function savedOf(target: unknown, all: unknown): SavedRun[] {
  const items = Array.isArray(all) && all.length > 0 ? all : [target];
  return items.filter(isRunItem).flatMap(({ saved }) => (saved ? [saved] : []));
}
