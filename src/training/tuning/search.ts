import type { Table } from '../../data/table';
import type { Evaluate } from '../../graph/evaluate';
import { modelError } from '../../language/diagnostic';
import type { Settings } from '../../language/lower/settings';
import type { Tuning } from '../../language/lower/tune';
import type { Training } from '../../language/model';
import type { ExecutorRequest } from '../executor';
import type { Evaluation } from '../trainer';
import type { TrialDone, TuningEvent } from './events';
import { foldsOf, wholeOf } from './folds';
import { type Round, roundsOf } from './halving';
import { settingsOf } from './space';
import { type Bench, lengthOf, modelWith, shortened, type Trained, TrialFailure, train } from './trial';

/**
 * Tries settings one after the other and, where there are test rows, trains the best one on all others and looks at them
 * once. An event after each step; who takes them decides the pace, and stops by not asking for more. The same file gives
 * the same events. Throws a `ModelError` when no trial could be trained, and what `Dataset.build` throws.
 */
export function* search(
  tuning: Tuning,
  tables: ReadonlyMap<string, Table>,
  evaluate: Evaluate,
  executor: ExecutorRequest = { backend: 'auto' },
): Generator<TuningEvent, void> {
  const candidates = settingsOf(tuning).map((settings, i): Candidate => ({ trial: i + 1, settings }));
  yield* new Search({ tuning, tables, evaluate, executor }, candidates).events();
}

interface Candidate {
  readonly trial: number;
  readonly settings: Settings;
}

class Search {
  private readonly rounds: readonly Round[];
  private readonly folds: readonly (Training['cut'] | undefined)[];
  /** In trainings of full length. */
  private readonly work: number;
  private done = 0;
  private bestEpochs: number[] = [];

  constructor(
    private readonly bench: Bench,
    private readonly candidates: readonly Candidate[],
  ) {
    const { split, folds, seed, search: kind } = bench.tuning;
    this.folds = split ? foldsOf(split, folds, seed) : [undefined];
    this.rounds =
      kind === 'halving'
        ? roundsOf(candidates.length, this.fullLength())
        : [{ settings: candidates.length, share: 1 }];
    const trials = this.rounds.reduce((sum, { settings, share }) => sum + settings * share, 0);
    this.work = trials * this.folds.length + (split && split.test.length > 0 ? 1 : 0);
  }

  *events(): Generator<TuningEvent, void> {
    let left = this.candidates;
    let best: (Candidate & { readonly score: Evaluation; readonly epochs: readonly number[] }) | undefined;
    for (const { settings, share } of this.rounds) {
      const scored: (Candidate & { readonly score: Evaluation })[] = [];
      let failure = '';
      // Losses after trainings of different lengths do not compare.
      best = undefined;
      for (const candidate of left.slice(0, settings)) {
        const result = yield* this.trial(candidate, share);
        yield result;
        const { score } = result;
        failure ||= result.failure ?? '';
        if (!score) continue;
        scored.push({ ...candidate, score });
        if (best && best.score.loss <= score.loss) continue;
        best = { ...candidate, score, epochs: this.bestEpochs };
        yield { kind: 'best', ...candidate, score };
      }
      if (scored.length === 0) {
        const { span } = this.bench.tuning;
        throw modelError('train-config', span, `no trial could be trained; the first one: ${failure}`);
      }
      left = scored.sort((a, b) => a.score.loss - b.score.loss || a.trial - b.trial);
    }
    const { split } = this.bench.tuning;
    if (!best || !split || split.test.length === 0) return;
    try {
      yield* this.test(best, best.epochs);
    } catch (error) {
      if (!(error instanceof TrialFailure)) throw error;
      const { span } = this.bench.tuning;
      throw modelError(
        'train-config',
        span,
        `the best setting cannot be trained on all rows: ${error.message}`,
      );
    }
  }

  private *trial({ trial, settings }: Candidate, share: number): Generator<TuningEvent, TrialDone> {
    yield { kind: 'start', trial, settings, share };
    const before = this.done;
    const folds: Evaluation[] = [];
    this.bestEpochs = [];
    const result = { kind: 'trial', trial, settings, share, folds } as const;
    try {
      const model = modelWith(this.bench, settings);
      for (const [i, cut] of this.folds.entries()) {
        const training = train(this.bench, model, shortened(model, cut, share));
        const { score, bestEpoch } = yield* passedOn(training, part => ({
          kind: 'step',
          trial,
          fold: i + 1,
          progress: (this.done + share * part) / this.work,
        }));
        this.done += share;
        folds.push(score);
        if (bestEpoch !== undefined) this.bestEpochs.push(bestEpoch);
      }
      return { ...result, score: meanOf(folds) };
    } catch (error) {
      if (!(error instanceof TrialFailure)) throw error;
      this.done = before + share * this.folds.length;
      return { ...result, failure: error.message };
    }
  }

  /** Nothing is left to stop early by, so such a block trains as long as was best for the folds, on average. */
  private *test({ trial, settings }: Candidate, bestEpochs: readonly number[]): Generator<TuningEvent, void> {
    const model = modelWith(this.bench, settings);
    const cut = wholeOf(this.bench.tuning.split!);
    const epochs = Math.max(
      1,
      Math.round(bestEpochs.reduce((sum, each) => sum + each, 0) / bestEpochs.length),
    );
    const trainings = model.trainings.map(training => {
      const { earlyStop, steps, ...rest } = training;
      if (earlyStop === undefined) return { ...training, cut };
      return model.trainings.length === 1
        ? { ...rest, cut, epochs }
        : { ...rest, ...(steps === undefined ? {} : { steps }), cut };
    });
    const { test: result } = yield* passedOn(train(this.bench, model, trainings, true), part => ({
      kind: 'step',
      trial,
      progress: (this.done + part) / this.work,
    }));
    yield {
      kind: 'test',
      trial,
      settings,
      trainingRows: cut.train.length,
      rows: cut.test.length,
      result: result!,
    };
  }

  private fullLength(): number {
    const [first] = this.candidates;
    const model = this.bench.tuning.withSettings(first!.settings);
    const [training] = model.trainings;
    return training ? lengthOf(model, training) : 1;
  }
}

/** Each share of a training that has been done as an event; one that is left before its end is left in order. */
function* passedOn(
  training: Generator<number, Trained>,
  event: (part: number) => TuningEvent,
): Generator<TuningEvent, Trained> {
  try {
    let next = training.next();
    for (; !next.done; next = training.next()) yield event(next.value);
    return next.value;
  } finally {
    training.return(undefined as never);
  }
}

/** Loss and metrics, each the plain mean over the folds. */
function meanOf(folds: readonly Evaluation[]): Evaluation {
  const mean = (value: (fold: Evaluation) => number): number =>
    folds.reduce((sum, fold) => sum + value(fold), 0) / folds.length;
  const keys = Object.keys(folds[0]?.metrics ?? {});
  return {
    loss: mean(fold => fold.loss),
    metrics: Object.fromEntries(keys.map(key => [key, mean(fold => fold.metrics[key]!)])),
  };
}
