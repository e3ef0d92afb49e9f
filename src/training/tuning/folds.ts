import { randomStream } from '../../base/random';
import type { Split } from '../../data/split';

/**
 * Cuts the rows that are no test rows into parts as equal as can be, after one shuffle a seed; each part validates once
 * while the others train. Within a part rows keep the order of the file. One fold is the cut as it is.
 */
export function foldsOf(split: Split, folds: number, seed: number): Split[] {
  if (folds === 1) return [split];
  const pool = poolOf(split);
  const order = randomStream(seed, 'folds').permutation(pool.length);
  const bound = (fold: number): number => Math.round((fold * pool.length) / folds);
  const pick = (positions: readonly number[]): Int32Array =>
    Int32Array.from(positions, position => pool[position]!).sort();
  return Array.from({ length: folds }, (_, fold) => {
    const shuffled = [...order];
    const held = shuffled.splice(bound(fold), bound(fold + 1) - bound(fold));
    return { train: pick(shuffled), validation: pick(held), test: split.test };
  });
}

/** What the last training sees: everything but the test rows, and nothing to choose by. */
export function wholeOf(split: Split): Split {
  return { train: poolOf(split), validation: new Int32Array(0), test: split.test };
}

function poolOf({ train, validation }: Split): Int32Array {
  const pool = new Int32Array(train.length + validation.length);
  pool.set(train);
  pool.set(validation, train.length);
  return pool.sort();
}
