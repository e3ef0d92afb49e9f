import { randomStream } from '../base/random';
import { DataError } from './error';

/** Row numbers of a table, each row in one part at most, in the order of the table. */
export interface Split {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

export interface SplitOptions {
  /** The share that trains (the rest validates), or the shares `[train, validation]` or `[train, validation, test]`. */
  readonly split: number | readonly number[];
  readonly seed: number;
  /** How many rows at the end the source brings as its own test rows. */
  readonly testRows?: number;
}

/**
 * Cuts the rows of a table. The shuffle, one per seed, decides which part a row falls into; within a part the rows keep
 * the order of the file, so that training without `shuffle` goes through the data as it stands.
 *
 * Cuts are at the shares rounded to whole rows. Throws a `DataError` for impossible shares and when no row trains. The
 * last cut is kept, since every edit of a model asks for it again: its lists are for reading.
 */
export function splitRows(rows: number, options: SplitOptions): Split {
  const key = `${rows} ${options.split} ${options.seed} ${options.testRows}`;
  if (last?.key !== key) last = { key, split: cut(rows, options) };
  return last.split;
}

let last: { readonly key: string; readonly split: Split } | undefined;

function cut(rows: number, { split, seed, testRows = 0 }: SplitOptions): Split {
  const [train, validation, test] = shares(split);
  if (testRows > 0 && test > 0) {
    const message =
      'The data brings its own test rows, so split has no third share: write split = [train, validation].';
    throw new DataError('argument-value', message);
  }
  const open = rows - testRows;
  const trainEnd = Math.round(train * open);
  const validationEnd = test > 0 ? Math.round((train + validation) * open) : open;
  if (trainEnd === 0) {
    const shown = typeof split === 'number' ? split : `[${split.join(', ')}]`;
    const of = open === 1 ? 'the 1 row' : `${open} rows`;
    throw new DataError(
      'argument-value',
      `split = ${shown} of ${of} leaves no training row. Raise the first share.`,
    );
  }
  const order = trainEnd === open ? range(0, open) : randomStream(seed, 'split').permutation(open);
  return {
    train: order.slice(0, trainEnd).sort(),
    validation: order.slice(trainEnd, validationEnd).sort(),
    test: testRows > 0 ? range(open, rows) : order.slice(validationEnd).sort(),
  };
}

function shares(split: number | readonly number[]): [train: number, validation: number, test: number] {
  if (typeof split === 'number') {
    if (split > 0 && split <= 1) return [split, 1 - split, 0];
    throw new DataError(
      'argument-value',
      `split is the share that trains, above 0 and at most 1, not ${split}.`,
    );
  }
  const [train, validation = 0, test = 0] = split;
  const sum = split.reduce((a, b) => a + b, 0);
  if (
    train === undefined ||
    split.length > 3 ||
    !split.every(share => share >= 0) ||
    Math.abs(sum - 1) > 1e-6
  ) {
    const message = `split = [${split.join(', ')}] must be two or three shares, none negative, that add up to 1.`;
    throw new DataError('argument-value', message);
  }
  return [train, validation, test];
}

function range(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to - from }, (_, i) => from + i);
}
