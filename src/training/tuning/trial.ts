import type { Split } from '../../data/split';
import type { Table } from '../../data/table';
import { type Evaluate, RunError } from '../../graph/evaluate';
import { ModelError } from '../../language/diagnostic';
import type { Settings } from '../../language/lower/settings';
import type { Tuning } from '../../language/lower/tune';
import type { Model, Training } from '../../language/model';
import { LimitError } from '../../runtime/limit';
import { SizeError } from '../../runtime/sizes';
import { Divergence } from '../divergence';
import type { ExecutorRequest } from '../executor';
import { Run } from '../run';
import type { Evaluation } from '../trainer';
import { shareOf } from './halving';

/** What trials share. */
export interface Bench {
  readonly tuning: Tuning;
  readonly tables: ReadonlyMap<string, Table>;
  readonly evaluate: Evaluate;
  /** What is to run the steps. */
  readonly executor: ExecutorRequest;
}

/** A setting that cannot be trained; the search goes on without it. */
export class TrialFailure extends Error {
  override readonly name = 'TrialFailure';
}

/** The file lowered with a setting. Throws `TrialFailure` when it does not fit. */
export function modelWith({ tuning }: Bench, settings: Settings): Model {
  const model = tuning.withSettings(settings);
  const [mistake] = [...model.diagnostics.filter(each => each.severity === 'error'), ...model.skipped];
  if (mistake) throw new TrialFailure(mistake.message);
  return model;
}

/** How a training went that was cut short to a share of its length, on rows of its own. */
export interface Trained {
  /** On the validation rows, else after the last update on the training rows. */
  readonly score: Evaluation;
  /** The epoch of the lowest validation loss, from 1. */
  readonly bestEpoch?: number;
  /** On the test rows, which are looked at only when asked for. */
  readonly test?: Evaluation;
}

/**
 * Trains to the end, giving way after each step with how far it is; whoever leaves before the end calls `return`. Throws
 * `TrialFailure`.
 */
export function* train(
  { tables, evaluate, executor }: Bench,
  model: Model,
  trainings: readonly Training[],
  testing = false,
): Generator<number, Trained> {
  let run: Run | undefined;
  try {
    run = new Run(model, tables, { evaluate, trainings, executor });
    let lowest = Number.POSITIVE_INFINITY;
    let bestEpoch: number | undefined;
    for (let event = run.advance(); event; event = run.advance()) {
      if (event.kind === 'part') yield (run.stepsDone + event.share) / run.totalSteps;
      else if (event.kind === 'step') yield event.step / run.totalSteps;
      else if (event.validationLoss !== undefined && event.validationLoss < lowest) {
        lowest = event.validationLoss;
        bestEpoch = event.epoch + 1;
      }
    }
    const { training, validation } = run.finish();
    const score = validation ?? training;
    if (!Number.isFinite(score.loss)) throw new TrialFailure(`the validation loss is ${score.loss}`);
    const test = testing ? run.test() : undefined;
    return { score, ...(bestEpoch === undefined ? {} : { bestEpoch }), ...(test ? { test } : {}) };
  } catch (error) {
    const setting =
      error instanceof Divergence ||
      error instanceof RunError ||
      error instanceof SizeError ||
      error instanceof LimitError ||
      error instanceof ModelError;
    throw setting ? new TrialFailure(error.message) : error;
  } finally {
    run?.dispose();
  }
}

/** The blocks on the rows of a cut, with a share of their epochs or steps. */
export function shortened(model: Model, cut: Split | undefined, share: number): Training[] {
  return model.trainings.map(training => {
    const own = cut ? { ...training, cut } : training;
    if (share === 1) return own;
    const length = shareOf(lengthOf(model, training), share);
    return training.steps === undefined ? { ...own, epochs: length } : { ...own, steps: length };
  });
}

/** Epochs, or steps where the block counts these. */
export function lengthOf(model: Model, { epochs, steps }: Training): number {
  return steps ?? epochs ?? (model.batch ? 10 : 100);
}
