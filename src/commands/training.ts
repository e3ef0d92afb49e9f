import path from 'node:path';
import * as vscode from 'vscode';
import { formatNumber, formatSeconds } from '../drawing/numbers';
import type { Session } from '../editor/session';
import type { StartOptions, Training } from '../editor/trainings';
import { commands, views } from '../ids';
import type { Diagnostic } from '../language/diagnostic';
import { isRunItem } from '../views/runs/runsView';
import { runsFolder } from '../views/runs/savedRuns';
import type { Analysis } from '../worker/protocol';
import { type CommandContext, command, modelOf, requireTrust } from './context';

/** Train, pause, step, stop and reset. */
export function registerTrainingCommands(context: CommandContext): vscode.Disposable[] {
  return [
    command(context, commands.train, target => train(context, target)),
    command(context, commands.pause, target => togglePause(context, target)),
    command(context, commands.step, target => step(context, target)),
    command(context, commands.stop, target => stop(context, target)),
    command(context, commands.reset, target => reset(context, target)),
  ];
}

interface Begun {
  readonly training: Training;
  readonly ended: Promise<void>;
}

async function train(context: CommandContext, target: unknown): Promise<void> {
  const session = await modelOf(context, isRunItem(target) ? target.training?.uri : target);
  const begun = session && (await begin(context, session, { paused: false }));
  if (begun) await conclude(context, begun);
}

/** Takes a saved run up again, as a new run that begins where the checkpoint stands. */
export async function resume(
  context: CommandContext,
  session: Session,
  from: NonNullable<StartOptions['from']>,
): Promise<void> {
  const begun = await begin(context, session, { paused: false, from });
  if (begun) await conclude(context, begun);
}

/** Starts a training, unless the model, a person or the lack of trust is against it. */
async function begin(
  context: CommandContext,
  session: Session,
  options: Pick<StartOptions, 'paused' | 'from'>,
): Promise<Begun | undefined> {
  if (!(await requireTrust()) || !(await mayStart(context, session))) return undefined;
  const analysis = await session.upToDate();
  if (session.diagnostics.some(isObstacle)) {
    void reportErrors(session);
    return undefined;
  }
  const missing = missingForTraining(analysis);
  if (missing) {
    void vscode.window.showWarningMessage(`There is nothing to train: the model has no ${missing}.`);
    return undefined;
  }
  // a second call may have come while this one waited
  if (context.trainings.active(session.uri)) return undefined;
  const saved = vscode.Uri.parse(session.uri).scheme === 'file';
  const begun = context.trainings.start(session, {
    ...options,
    ...(saved ? { runs: runsFolder(session.path) } : {}),
  });
  context.log.info(`Training ${session.path}, run ${begun.training.runId}.`);
  session.show({ kind: 'run', runId: begun.training.runId }).catch(() => {}); // it may have failed by now
  void vscode.window.withProgress({ location: { viewId: views.runs } }, () => begun.ended);
  return begun;
}

async function conclude(context: CommandContext, { training, ended }: Begun): Promise<void> {
  await ended;
  report(context, training);
  context.sessions.get(training.uri)?.refresh();
  await context.savedRuns.read();
}

function missingForTraining({ objective, names }: Analysis): string | undefined {
  if (objective === undefined) return 'scalar loss';
  return names.some(({ kind }) => kind === 'param') ? undefined : 'parameter';
}

/** A model whose checks fail can be trained all the same. */
function isObstacle({ severity, code }: Diagnostic): boolean {
  return severity === 'error' && code !== 'check-failed';
}

/** One training of a file at a time: a second one asks. */
async function mayStart({ trainings }: CommandContext, session: Session): Promise<boolean> {
  const active = trainings.active(session.uri);
  if (!active) return true;
  const again = 'Stop It and Start Anew';
  const choice = await vscode.window.showWarningMessage(
    `${path.basename(session.path)} is being trained: run ${active.label} is at step ${active.recorder.lastStep}.`,
    { modal: true },
    again,
  );
  if (choice !== again) return false;
  await stopAndWait({ trainings }, active);
  return true;
}

async function stopAndWait(
  { trainings }: Pick<CommandContext, 'trainings'>,
  training: Training,
): Promise<void> {
  if (!training.isActive) return;
  const ended = new Promise<void>(resolve => {
    const listening = trainings.onDidChange(changed => {
      if (changed !== training || training.isActive) return;
      listening.dispose();
      resolve();
    });
  });
  await trainings.steer(training, { kind: 'stop' });
  await ended;
}

async function reportErrors(session: Session): Promise<void> {
  const problems = 'Show Problems';
  const sentence = `${path.basename(session.path)} cannot be trained: it has errors.`;
  const choice = await vscode.window.showErrorMessage(sentence, problems);
  if (choice === problems) await vscode.commands.executeCommand('workbench.actions.view.problems');
}

/** Says how it ended; a training that ended well only in the status bar. */
function report({ log }: CommandContext, training: Training): void {
  const name = path.basename(training.path);
  const { outcome, error } = training;
  if (error !== undefined || !outcome) {
    log.error(`Run ${training.runId}: ${error ?? 'no outcome'}`);
    void vscode.window.showErrorMessage(`Training ${name} failed: ${error ?? 'the engine gave no reason'}`);
    return;
  }
  const loss = outcome.loss === undefined ? '' : `, loss ${formatNumber(outcome.loss)}`;
  const metrics = Object.entries(outcome.metrics).map(([key, value]) => `, ${key} ${formatNumber(value)}`);
  const done = outcome.phase === 'finished' ? 'Trained' : 'Stopped training';
  const sentence = `${done} ${name}: ${outcome.steps} steps${loss}${metrics.join('')}, ${formatSeconds(outcome.seconds)}`;
  log.info(sentence);
  vscode.window.setStatusBarMessage(`$(check) ${sentence}`, 8_000);
}

async function togglePause(context: CommandContext, target: unknown): Promise<void> {
  const training = await trainingOf(context, target);
  if (training)
    await context.trainings.steer(training, { kind: training.phase === 'paused' ? 'resume' : 'pause' });
}

/** One update: of the training that runs, which then waits, or of a new one that begins so. */
async function step(context: CommandContext, target: unknown): Promise<void> {
  const session = await modelOf(context, isRunItem(target) ? target.training?.uri : target);
  if (!session) return;
  const active = context.trainings.active(session.uri);
  if (active) {
    await context.trainings.steer(active, { kind: 'step' });
    return;
  }
  const begun = await begin(context, session, { paused: true });
  if (!begun) return;
  void conclude(context, begun); // the training waits, and the command does not
  await context.trainings.steer(begun.training, { kind: 'step' });
}

async function stop(context: CommandContext, target: unknown): Promise<void> {
  const training = await trainingOf(context, target);
  if (training) await stopAndWait(context, training);
}

/** The same start: the initial parameters of the seed are shown, and the next training begins with them. */
async function reset(context: CommandContext, target: unknown): Promise<void> {
  const session = await modelOf(context, target);
  if (!session) return;
  const active = context.trainings.active(session.uri);
  if (active) await stopAndWait(context, active);
  await session.show({ kind: 'initial' });
}

async function trainingOf(context: CommandContext, target: unknown): Promise<Training | undefined> {
  if (isRunItem(target)) return target.training;
  const uri = target instanceof vscode.Uri || typeof target === 'string' ? target.toString() : undefined;
  const all = context.trainings.all.filter(training => training.isActive);
  const wanted = uri ?? context.sessions.active?.uri;
  const training = all.find(each => each.uri === wanted) ?? (uri === undefined ? all[0] : undefined);
  if (!training) void vscode.window.showInformationMessage('No model is being trained.');
  return training;
}
