import type { Event, RunOutcome } from '../../worker/protocol';
import type { EpochPoint, RunPhase, RunSeries } from '../protocol';

type Progress = Event & { kind: 'progress' };

/** What one progress event adds to a series. */
export interface Points {
  /** How many points there were before. */
  readonly from: number;
  readonly steps: readonly number[];
  readonly losses: readonly number[];
  readonly epochs: readonly EpochPoint[];
  /** More has changed than points were added: whoever keeps a copy needs all of it again. */
  readonly whole: boolean;
}

/** A chart has no use for more; beyond, every other point is dropped, and of the new ones as many. */
const mostPoints = 20_000;

/** The curve of one run, as it grows. */
export class SeriesRecorder {
  private steps: number[] = [];
  private losses: number[] = [];
  private readonly epochs: EpochPoint[] = [];
  private stride = 1;
  private seen = 0;
  private kept: readonly number[] = [];
  private totalSteps = 0;
  private learningRate = 0;
  private seconds = 0;
  private phase: RunPhase = 'running';
  private error: string | undefined;
  /** Before the update, of the last step. */
  lastLoss: number | undefined;
  lastStep = 0;
  lastEpoch = 0;

  constructor(
    private readonly runId: string,
    private readonly label: string,
  ) {}

  add(progress: Progress): Points {
    const from = this.steps.length;
    progress.steps.forEach((step, i) => {
      if (this.seen++ % this.stride !== 0) return;
      this.steps.push(step);
      this.losses.push(progress.losses[i]!);
    });
    const { epochs } = progress;
    let whole = progress.totalSteps !== this.totalSteps;
    this.epochs.push(...epochs);
    this.phase = progress.phase;
    this.kept = progress.kept;
    this.totalSteps = progress.totalSteps;
    this.learningRate = progress.learningRate;
    this.seconds = progress.seconds;
    this.lastStep = progress.step;
    this.lastEpoch = progress.epoch;
    this.lastLoss = progress.losses.at(-1) ?? this.lastLoss;
    const added = { from, steps: this.steps.slice(from), losses: this.losses.slice(from), epochs };
    while (this.steps.length > mostPoints) {
      this.thin();
      whole = true;
    }
    return { ...added, whole };
  }

  finish(outcome: Pick<RunOutcome, 'phase' | 'seconds' | 'steps'>, error: string | undefined): void {
    this.phase = outcome.phase;
    this.seconds = outcome.seconds;
    this.lastStep = outcome.steps;
    this.error = error;
  }

  fail(error: string): void {
    this.phase = 'failed';
    this.error = error;
  }

  get series(): RunSeries {
    return {
      runId: this.runId,
      label: this.label,
      phase: this.phase,
      ...(this.error === undefined ? {} : { error: this.error }),
      steps: this.steps,
      losses: this.losses,
      epochs: this.epochs,
      kept: this.kept,
      totalSteps: this.totalSteps,
      learningRate: this.learningRate,
      seconds: this.seconds,
    };
  }

  private thin(): void {
    const even = (_: number, i: number) => i % 2 === 0;
    this.steps = this.steps.filter(even);
    this.losses = this.losses.filter(even);
    this.stride *= 2;
  }
}
