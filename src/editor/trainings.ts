import { Emitter } from '../base/emitter';
import type { RunPhase } from '../views/protocol';
import { runIdAt, runLabel } from '../views/runs/runName';
import { type Points, SeriesRecorder } from '../views/runs/runSeries';
import type { Engine } from '../worker/engineClient';
import { isCancelled } from '../worker/engineError';
import type { Event, RunOutcome, Steering } from '../worker/protocol';
import type { Session } from './session';

/** One training of this window, from its start until the window closes. */
export class Training {
  readonly recorder: SeriesRecorder;
  phase: RunPhase = 'running';
  outcome: RunOutcome | undefined;
  error: string | undefined;
  /** What runs the steps, by name; empty before the first news. */
  executor = '';
  private lastSequence = 0;

  constructor(
    readonly runId: string,
    readonly label: string,
    /** The model's document; follows a renamed file. */
    public uri: string,
    readonly path: string,
    /** Of the text that is trained, whatever is edited meanwhile. */
    readonly version: number,
    readonly text: string,
    readonly folder: string | undefined,
  ) {
    this.recorder = new SeriesRecorder(runId, label);
  }

  get isActive(): boolean {
    return this.phase === 'running' || this.phase === 'paused';
  }

  /** Adds the points, and says how many events were lost before them. */
  progress(event: Event & { kind: 'progress' }): { points: Points; lost: number } {
    const lost = event.sequence - this.lastSequence - 1;
    this.lastSequence = event.sequence;
    this.phase = event.phase;
    this.executor = event.executor;
    return { points: this.recorder.add(event), lost };
  }
}

export interface TrainingProgress {
  readonly training: Training;
  readonly points: Points;
}

export interface StartOptions {
  /** The folder that holds the folders of the model's runs; absent for an untitled file. */
  readonly runs?: string;
  /** Waits for the first step to be taken by hand. */
  readonly paused?: boolean;
  /** A saved run that is taken up again from its last checkpoint. */
  readonly from?: { readonly runId: string; readonly folder: string };
}

/** All trainings of this window. */
export class Trainings {
  private readonly byId = new Map<string, Training>();
  private readonly changes = new Emitter<Training>();
  private readonly progresses = new Emitter<TrainingProgress>();

  /** A training began, paused, went on or ended. */
  readonly onDidChange = this.changes.listen;
  readonly onDidProgress = this.progresses.listen;

  constructor(
    private readonly engine: Engine,
    private readonly join: (folder: string, name: string) => string,
    private readonly log: (message: string) => void,
  ) {}

  get(runId: string): Training | undefined {
    return this.byId.get(runId);
  }

  /** Of one model, the oldest first. */
  of(uri: string): Training[] {
    return [...this.byId.values()].filter(training => training.uri === uri);
  }

  get all(): Training[] {
    return [...this.byId.values()];
  }

  active(uri: string): Training | undefined {
    return this.of(uri).find(training => training.isActive);
  }

  /** Starts training the session's present text. `ended` never rejects: a failure is in the training's `error`. */
  start(session: Session, options: StartOptions): { training: Training; ended: Promise<void> } {
    const now = new Date();
    const runId = runIdAt(now, id => this.byId.has(id));
    const folder = options.runs === undefined ? undefined : this.join(options.runs, runId);
    const { uri, path, version, source } = session;
    const training = new Training(runId, runLabel(runId, now), uri, path, version, source.text, folder);
    this.byId.set(runId, training);
    const run = {
      runId,
      paused: options.paused ?? false,
      executor: session.executor,
      ...(folder === undefined ? {} : { folder }),
      ...(options.from ? { from: options.from } : {}),
    };
    const answer = this.engine.call({ kind: 'train', uri, version, run });
    this.changes.fire(training);
    return { training, ended: answer.then(this.finish(training), this.fail(training)) };
  }

  async steer(training: Training, action: Steering): Promise<void> {
    if (training.isActive) await this.engine.call({ kind: 'steer', runId: training.runId, action });
  }

  hear(event: Event): void {
    if (event.kind !== 'progress') return;
    const training = this.byId.get(event.runId);
    if (!training?.isActive) return;
    const phase = training.phase;
    const { points, lost } = training.progress(event);
    if (lost > 0) this.log(`${lost} progress messages of run ${training.label} were lost.`);
    if (training.phase !== phase) this.changes.fire(training);
    this.progresses.fire({ training, points });
  }

  renamed(from: string, to: string): void {
    for (const training of this.of(from)) training.uri = to;
  }

  /** Runs whose folder was deleted are no longer offered. */
  forget(runId: string): void {
    if (!this.byId.get(runId)?.isActive) this.byId.delete(runId);
  }

  private finish(training: Training) {
    return (outcome: RunOutcome) => {
      training.outcome = outcome;
      training.error = outcome.error?.message;
      training.phase = outcome.phase;
      training.recorder.finish(outcome, training.error);
      this.changes.fire(training);
    };
  }

  private fail(training: Training) {
    return (error: unknown) => {
      training.error = describeFailure(error);
      training.phase = 'failed';
      training.recorder.fail(training.error);
      this.changes.fire(training);
    };
  }
}

function describeFailure(error: unknown): string {
  if (isCancelled(error)) return 'The engine was restarted.'; // nothing else cancels a training without an outcome
  return error instanceof Error ? error.message : String(error);
}
