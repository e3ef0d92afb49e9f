import * as vscode from 'vscode';
import { formatNumber } from '../drawing/numbers';
import type { Session } from '../editor/session';
import type { Training } from '../editor/trainings';
import { commands, internalCommands } from '../ids';
import type { StateChoice } from '../worker/protocol';
import { type CommandContext, command, modelOf } from './context';

/** Chooses whose values everything shows, and offers what can be done. */
export function registerStateCommands(context: CommandContext): vscode.Disposable[] {
  return [
    command(context, commands.showState, target => showState(context, target)),
    command(context, internalCommands.actions, () => offerActions(context)),
    command(context, commands.showLog, () => context.log.show(true)),
    command(context, commands.restartEngine, async () => {
      await context.engine.restart();
      for (const session of context.sessions.all) session.refresh();
      context.log.info('The engine was restarted.');
    }),
  ];
}

interface StateItem extends vscode.QuickPickItem {
  readonly choice?: StateChoice;
}

async function showState(context: CommandContext, target: unknown): Promise<void> {
  const session = await modelOf(context, target);
  if (!session) return;
  const items = stateItems(context, session);
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Whose values are shown',
    placeHolder: 'The initial parameters, or a step of a run',
    matchOnDescription: true,
  });
  if (picked?.choice) await session.show(picked.choice);
}

function stateItems({ trainings }: CommandContext, session: Session): StateItem[] {
  const seed = session.analysis?.state.seed ?? 0;
  const items: StateItem[] = [
    { label: 'Initial', description: `the parameters of seed ${seed}`, choice: { kind: 'initial' } },
  ];
  for (const training of trainings.of(session.uri).reverse()) items.push(...runItems(training));
  return items;
}

function runItems({ runId, label, recorder, phase }: Training): StateItem[] {
  const loss = recorder.lastLoss === undefined ? '' : `, loss ${formatNumber(recorder.lastLoss)}`;
  const separator = { label: `Run ${label} (${phase})`, kind: vscode.QuickPickItemKind.Separator };
  const latest = {
    label: `Latest of run ${label}`,
    description: `step ${recorder.lastStep}${loss}`,
    choice: { kind: 'run', runId },
  } as const;
  const kept = recorder.series.kept.map(step => ({
    label: `Step ${step} of run ${label}`,
    choice: { kind: 'run', runId, step } as const,
  }));
  return [separator, latest, ...kept.reverse()];
}

interface ActionItem extends vscode.QuickPickItem {
  readonly command: string;
}

/** What a click on the status item offers: only what makes sense now. */
async function offerActions({ sessions, trainings }: CommandContext): Promise<void> {
  const session = sessions.active;
  const training = (session && trainings.active(session.uri)) ?? trainings.all.find(each => each.isActive);
  const items: ActionItem[] = [];
  if (training) {
    const paused = training.phase === 'paused';
    items.push({
      label: paused ? '$(play) Resume Training' : '$(debug-pause) Pause Training',
      command: commands.pause,
    });
    items.push({ label: '$(debug-step-over) Step', command: commands.step });
    items.push({ label: '$(debug-stop) Stop Training', command: commands.stop });
  } else if (session) {
    items.push({ label: '$(play) Train Model', command: commands.train });
  }
  if (session) {
    items.push({ label: '$(history) Show State …', command: commands.showState });
    items.push({ label: '$(discard) Reset to the Same Start', command: commands.reset });
    items.push({ label: '$(run-all) Run Model', command: commands.run });
    items.push({ label: '$(checklist) Check Gradients', command: commands.gradcheck });
    items.push({ label: '$(type-hierarchy) Open Graph', command: commands.openGraph });
  }
  if (session?.failure !== undefined) {
    items.push({ label: '$(debug-restart) Restart Engine', command: commands.restartEngine });
  }
  items.push({ label: '$(output) Show Log', command: commands.showLog });
  const picked = await vscode.window.showQuickPick(items, { title: 'Nabla' });
  const target = training?.uri ?? session?.uri;
  if (picked) await vscode.commands.executeCommand(picked.command, target);
}
