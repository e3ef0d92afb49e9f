import { basename } from 'node:path';
import { type Diagnostic, ModelError } from '../language/diagnostic';
import { evaluate } from '../runtime/evaluate';
import type { SavedCheckpoint } from '../training/checkpointFiles';
import { Divergence } from '../training/divergence';
import { executorName } from '../training/executor';
import { fingerprintWarnings } from '../training/fingerprint';
import type { EpochResult, StepResult } from '../training/results';
import { Run, type RunEvent } from '../training/run';
import { RunFolder } from '../training/runFolder';
import { divergenceFinding } from './divergenceFinding';
import { findingOf, type LoadedModel } from './loadedModel';
import type { EpochResult as EpochFigures, Event, RunOutcome, RunRequest, Steering } from './protocol';
import { KeptSteps } from './runStore';

/** How long steps run before other requests are served. */
const SLICE_MILLISECONDS = 12;

/** Progress is sent at most ten times a second. */
const PROGRESS_MILLISECONDS = 100;

/** Points of one progress event at most; more are thinned evenly. */
const PROGRESS_POINTS = 500;

/** One training on the worker: takes steps in slices, so that hovers are answered meanwhile. */
export class TrainingSession {
  readonly kept = new KeptSteps();
  private readonly run: Run;
  private readonly folder: RunFolder | undefined;
  private phase: 'running' | 'paused';
  private stopping = false;
  /** Steps to take before pausing again. */
  private allowance = Number.POSITIVE_INFINITY;
  private untilEpoch = false;
  private wake: (() => void) | undefined;
  private sequence = 0;
  private epoch = 0;
  private pendingSteps: StepResult[] = [];
  private pendingEpochs: EpochResult[] = [];
  private readonly started = performance.now();
  private lastProgress = 0;

  constructor(
    private readonly loaded: LoadedModel,
    private readonly request: RunRequest,
    private readonly emit: (event: Event) => void,
    private readonly cancelled: () => boolean,
    /** The checkpoint of the run that `request` takes up. */
    resume?: SavedCheckpoint,
  ) {
    const { model, tables } = loaded;
    if (model.parameters.length === 0) throw new Error(`${basename(loaded.path)} has no parameter to train.`);
    this.run = explaining(loaded, () => {
      const { executor } = request;
      const options = {
        ...(executor ? { executor } : {}),
        ...(resume ? { resume: resume.checkpoint } : {}),
      };
      return new Run(model, tables, { evaluate, ...options });
    });
    if (this.run.stepsDone >= this.run.totalSteps) {
      this.run.dispose();
      throw new Error(
        `The run has made all its ${this.run.totalSteps} steps: raise epochs or steps to take it up again.`,
      );
    }
    this.epoch = this.run.epoch;
    if (resume) this.warnOfChanges(resume);
    this.phase = request.paused ? 'paused' : 'running';
    if (request.folder !== undefined)
      this.folder = new RunFolder(request.folder, loaded.source, request.runId, this.run.training.seed);
    this.kept.keep(this.run.stepsDone, this.run.parameters());
  }

  /** The parameters of a kept step, or the present ones. */
  parameters(step: number | undefined): { step: number; values: ReadonlyMap<string, Float64Array> } {
    const values = step === undefined ? undefined : this.kept.at(step);
    return values ? { step: step!, values } : { step: this.run.stepsDone, values: this.run.parameters() };
  }

  steer(action: Steering): void {
    switch (action.kind) {
      case 'pause':
        this.pause();
        break;
      case 'resume':
        this.resume(Number.POSITIVE_INFINITY);
        break;
      case 'step':
        this.resume(1);
        break;
      case 'epoch':
        this.untilEpoch = true;
        this.resume(Number.POSITIVE_INFINITY);
        break;
      case 'stop':
        this.stopping = true;
        this.wake?.();
        break;
      case 'learningRate':
        this.run.learningRate = action.value;
        this.progress();
        break;
      default:
        action satisfies never;
    }
  }

  /** Trains to the end, however it comes. Rejects only for faults of the engine. */
  async train(): Promise<RunOutcome> {
    const { executor } = this.run;
    const message = `Run ${this.request.runId} is run by ${executorName(executor)}: ${executor.reason}.`;
    this.emit({ kind: 'log', level: 'info', message });
    await this.folder?.begin(this.run, this.request.from?.folder);
    this.progress();
    try {
      for (;;) {
        if (this.stopping || this.cancelled()) return await this.end('stopped');
        if (this.phase === 'paused') {
          await this.untilWoken();
          continue;
        }
        if (!this.slice()) return await this.end('finished');
        await breathe();
      }
    } catch (error) {
      const finding =
        error instanceof Divergence
          ? divergenceFinding(error, this.loaded.model, this.loaded.source)
          : findingOf(error, this.loaded.model, this.loaded.source.text);
      if (!finding) throw error;
      return await this.end('failed', finding);
    } finally {
      this.run.dispose();
    }
  }

  /** Steps until the slice is over, a pause or a stop; false when all steps are done. */
  private slice(): boolean {
    const until = performance.now() + SLICE_MILLISECONDS;
    while (this.phase === 'running' && !this.stopping && !this.cancelled()) {
      const event = this.run.advance();
      if (!event) return false;
      if (event.kind !== 'part') this.record(event);
      const now = performance.now();
      if (now - this.lastProgress >= PROGRESS_MILLISECONDS) this.progress();
      if (now >= until) break;
    }
    return true;
  }

  private record(event: RunEvent): void {
    this.epoch = event.epoch;
    this.folder?.afterEvent(event, this.run);
    if (event.kind === 'epoch') {
      this.pendingEpochs.push(event);
      if (this.untilEpoch) this.pause();
      return;
    }
    if (event.warning !== undefined) this.warn(event.warning);
    this.pendingSteps.push(event);
    if (this.kept.wants(event.step)) this.kept.keep(event.step, this.run.parameters());
    if (--this.allowance <= 0) this.pause();
  }

  private pause(): void {
    this.untilEpoch = false;
    this.phase = 'paused';
    this.kept.keep(this.run.stepsDone, this.run.parameters());
    this.progress();
  }

  private resume(allowance: number): void {
    this.allowance = allowance;
    this.phase = 'running';
    this.wake?.();
  }

  private progress(): void {
    this.lastProgress = performance.now();
    const steps = thin(this.pendingSteps);
    const epochs = thin(this.pendingEpochs);
    this.pendingSteps = [];
    this.pendingEpochs = [];
    for (const event of [...steps, ...epochs]) this.folder?.write(event);
    this.folder?.flush();
    this.emit({
      kind: 'progress',
      runId: this.request.runId,
      executor: executorName(this.run.executor),
      sequence: ++this.sequence,
      phase: this.phase,
      step: this.run.stepsDone,
      totalSteps: this.run.totalSteps,
      epoch: this.epoch,
      learningRate: this.run.learningRate,
      seconds: this.seconds,
      steps: steps.map(({ step }) => step),
      losses: steps.map(({ loss }) => loss),
      epochs: epochs.map(figuresOf),
      kept: this.kept.steps,
    });
  }

  private async end(phase: RunOutcome['phase'], error?: Diagnostic): Promise<RunOutcome> {
    // Before early stopping puts the best parameters back, so that a longer run can go on from here.
    if (phase !== 'failed') this.folder?.checkpoint(this.run);
    const figures = this.run.stepsDone > 0 && phase !== 'failed' ? this.run.finish() : undefined;
    this.kept.keep(this.run.stepsDone, this.run.parameters());
    this.progress();
    const outcome: RunOutcome = {
      runId: this.request.runId,
      phase,
      steps: this.run.stepsDone,
      metrics: figures?.training.metrics ?? {},
      seconds: this.seconds,
      ...(figures ? { loss: figures.training.loss } : {}),
      ...(figures?.validation
        ? { validationLoss: figures.validation.loss, validationMetrics: figures.validation.metrics }
        : {}),
      ...(error ? { error } : {}),
      ...(this.folder ? { folder: this.folder.path } : {}),
    };
    await this.folder?.end(outcome, this.run.parameters(), this.loaded.model);
    return outcome;
  }

  private warnOfChanges({ fingerprint }: SavedCheckpoint): void {
    const own = this.run.fingerprint(this.loaded.source.text);
    for (const warning of fingerprintWarnings(fingerprint, own)) this.warn(warning);
  }

  private warn(message: string): void {
    this.emit({ kind: 'log', level: 'warning', message: `Run ${this.request.runId}: ${message}.` });
  }

  private untilWoken(): Promise<void> {
    return new Promise(resolve => {
      const poll = setInterval(() => this.cancelled() && wake(), 50);
      const wake = (): void => {
        clearInterval(poll);
        this.wake = undefined;
        resolve();
      };
      this.wake = wake;
    });
  }

  private get seconds(): number {
    return (performance.now() - this.started) / 1000;
  }
}

/** What the model or its data did wrong while `work` went on becomes a `ModelError`. */
function explaining<T>({ model, source }: LoadedModel, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const finding = findingOf(error, model, source.text);
    throw finding ? new ModelError(finding) : error;
  }
}

function figuresOf({
  step,
  epoch,
  loss,
  metrics,
  validationLoss,
  validationMetrics,
}: EpochResult): EpochFigures {
  return {
    step,
    epoch,
    loss,
    metrics,
    ...(validationLoss === undefined ? {} : { validationLoss }),
    ...(validationMetrics ? { validationMetrics } : {}),
  };
}

/** Evenly thinned, the last point always kept. */
function thin<T>(values: readonly T[]): T[] {
  if (values.length <= PROGRESS_POINTS) return [...values];
  const stride = values.length / PROGRESS_POINTS;
  return Array.from({ length: PROGRESS_POINTS }, (_, i) => values[Math.floor((i + 1) * stride) - 1]!);
}

/** Lets messages through. */
function breathe(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
