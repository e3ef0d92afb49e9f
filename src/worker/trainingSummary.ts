import { batchCount } from '../data/batches';
import { splitRows } from '../data/split';
import type { Tuning } from '../language/lower/tune';
import type { Training } from '../language/model';
import type { LoadedModel } from './loadedModel';
import type { TrainingInfo, TuningInfo } from './protocol';

/** What a `train` block will do, in a few words: `60 epochs of 4 steps, adam`. */
export function describeTraining(loaded: LoadedModel, training: Training): TrainingInfo {
  const { model, source } = loaded;
  const { span, batch, split, seed, epochs, steps, optimizer, dropLast } = training;
  const line = source.line(span.start);
  if (!model.batch) {
    // how many steps an epoch takes is known when the data may be read
    const unread = loaded.obstacle !== undefined && steps === undefined;
    if (unread) return { line, span, steps: 0, summary: `${epochs ?? 10} epochs, ${optimizer.name}` };
    const total = steps ?? epochs ?? 100;
    return { line, span, steps: total, summary: `${total} steps, ${optimizer.name}` };
  }
  let rows = 0;
  try {
    rows = splitRows(model.batch.rows, { split, seed, testRows: model.batch.testRows }).train.length;
  } catch {
    // An impossible split has its own diagnostic.
    return { line, span, steps: 0, summary: optimizer.name };
  }
  const perEpoch = Math.max(1, batchCount(rows, batch, dropLast));
  if (steps !== undefined) return { line, span, steps, summary: `${steps} steps, ${optimizer.name}` };
  const turns = epochs ?? 10;
  const size = batch === 'full' || batch >= rows ? `all ${rows} rows` : `${rows} rows by ${batch}`;
  return { line, span, steps: turns * perEpoch, summary: `${turns} epochs, ${size}, ${optimizer.name}` };
}

/** What a `tune` block will do: `20 trials of 5 folds, halving`. */
export function describeTuning({ span, searched, trials, folds, search }: Tuning): TuningInfo {
  const parts = folds > 1 ? ` of ${folds} folds` : '';
  if (searched.length === 0) return { span, summary: folds > 1 ? `${folds} folds` : '1 trial' };
  // how many settings a grid has is not said in the block
  const count = search === 'grid' ? 'a grid' : `${trials} trial${trials === 1 ? '' : 's'}`;
  return { span, summary: `${count}${parts}${search === 'halving' ? ', halving' : ''}` };
}
