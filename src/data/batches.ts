import { randomStream } from '../base/random';

export interface BatchOptions {
  /** Rows are taken in random order, another one each epoch. */
  readonly shuffle: boolean;
  readonly seed: number;
  /** From 0. */
  readonly epoch: number;
  /** Leaves out a last batch that is smaller than the others. */
  readonly dropLast?: boolean;
}

/**
 * The batches of one epoch, as lists of rows. Every row of `rows` comes once, except those of a last batch that
 * `dropLast` leaves out. The order is a function of seed and epoch alone, so that a resumed run goes on as it would have.
 *
 * `'full'`, or a size of all rows or more, is one batch in the order of `rows`: an order would only change rounding.
 * The lists are windows of one array and are not to be written to.
 */
export function* batches(
  rows: Int32Array,
  size: number | 'full',
  options: BatchOptions,
): Generator<Int32Array> {
  if (rows.length === 0) return;
  if (size === 'full' || size >= rows.length) {
    yield rows;
    return;
  }
  const order = options.shuffle
    ? randomStream(options.seed, 'epoch-order', options.epoch).shuffle(rows.slice())
    : rows;
  const count = batchCount(rows.length, size, options.dropLast);
  for (let batch = 0; batch < count; batch++) yield order.subarray(batch * size, (batch + 1) * size);
}

/** How many batches an epoch has. */
export function batchCount(rows: number, size: number | 'full', dropLast = false): number {
  if (size !== 'full' && !(Number.isInteger(size) && size >= 1)) {
    throw new RangeError(`A batch must be a whole number of rows, 1 or more, not ${size}.`);
  }
  if (rows === 0) return 0;
  if (size === 'full' || size >= rows) return 1;
  return dropLast ? Math.floor(rows / size) : Math.ceil(rows / size);
}
