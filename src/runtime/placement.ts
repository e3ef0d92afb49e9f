import { type Block, pack } from './arena';
import type { Kernel } from './fusion';
import type { Runs } from './javascript/schedule';
import { type Precision, widthOf } from './storage';
import type { Value } from './value';

/** Values start at multiples of so many floats: 64 bytes in 64-bit, so that no two share a cache line. */
const ALIGNMENT = 8;

export interface Placement {
  /** In bytes from the start of an arena that all values share. */
  readonly offsets: ReadonlyMap<Value, number>;
  /** Of the arena. */
  readonly bytes: number;
}

/** Which values have a place in the arena. */
export interface Lifetimes {
  /** Keep their place. All others give theirs up after their last reader. */
  readonly lasting: Iterable<Value>;
  /** Has a home outside. */
  elsewhere(value: Value): boolean;
}

/** Places every value of `kernels`, in running order. */
export function place(
  kernels: readonly Kernel[],
  { lasting, elsewhere }: Lifetimes,
  precision: Precision,
  runs: Runs,
): Placement {
  const unit = ALIGNMENT * widthOf('float', precision);
  const blocks = new Map<Value, Block>();
  const begin = (value: Value, from: number, to: number): void => {
    const bytes = Math.max(1, value.count) * widthOf(value.dtype, precision);
    blocks.set(value, { size: Math.ceil(bytes / unit) * unit, from, to });
  };
  const kept = new Set(lasting);
  for (const value of kept) begin(value, 0, kernels.length);

  const lastReader = new Map<Value, number>();
  kernels.forEach((kernel, i) => {
    for (const value of kernel.reads.keys()) lastReader.set(value, i);
  });
  kernels.forEach(({ root, reads }, i) => {
    if (kept.has(root) || elsewhere(root)) return;
    const end = lastReader.get(root) ?? i;
    // The result may lie on an operand that each position reads for the last time before it is written.
    const taken = [...reads].find(
      ([value, { inPlace }]) =>
        inPlace &&
        value.dtype === root.dtype &&
        lastReader.get(value) === i &&
        blocks.has(value) &&
        !kept.has(value),
    )?.[0];
    const block = taken && blocks.get(taken);
    if (block) {
      block.to = end;
      blocks.set(root, block);
    } else begin(root, i, end);
  });

  const { starts, bytes } = pack([...new Set(blocks.values())], runs === 'many');
  return { offsets: new Map([...blocks].map(([value, block]) => [value, starts.get(block)!])), bytes };
}
