import type { DType } from '../graph/types';
import type { Kernel, Read } from './fusion';
import type { Value } from './value';

/** Elements between neighbours start at multiples of this: 64 bytes in 64-bit, so that no two share a cache line. */
const ALIGNMENT = 8;

interface Block {
  offset: number;
  size: number;
}

/** Offsets in one array that grows: best fit among the gaps, else at the end. */
export class Arena {
  private readonly gaps: Block[] = [];
  size = 0;

  allocate(count: number): number {
    const size = Math.max(1, Math.ceil(count / ALIGNMENT)) * ALIGNMENT;
    let best = -1;
    for (let i = 0; i < this.gaps.length; i++) {
      const gap = this.gaps[i]!;
      if (gap.size >= size && (best < 0 || gap.size < this.gaps[best]!.size)) best = i;
    }
    if (best >= 0) {
      const gap = this.gaps[best]!;
      const { offset } = gap;
      gap.offset += size;
      gap.size -= size;
      if (gap.size === 0) this.gaps.splice(best, 1);
      return offset;
    }
    // A gap that reaches the end only has to grow.
    const last = this.gaps.at(-1);
    if (last && last.offset + last.size === this.size) {
      this.gaps.pop();
      this.size = last.offset + size;
      return last.offset;
    }
    this.size += size;
    return this.size - size;
  }

  free(offset: number, count: number): void {
    const size = Math.max(1, Math.ceil(count / ALIGNMENT)) * ALIGNMENT;
    const at = this.gaps.findIndex(gap => gap.offset > offset);
    const index = at < 0 ? this.gaps.length : at;
    this.gaps.splice(index, 0, { offset, size });
    for (const i of [index, index - 1]) {
      const [gap, next] = [this.gaps[i], this.gaps[i + 1]];
      if (gap && next && gap.offset + gap.size === next.offset) {
        gap.size += next.size;
        this.gaps.splice(i + 1, 1);
      }
    }
  }
}

export interface Placement {
  /** Element offsets into the arena of the value's dtype. */
  readonly offsets: ReadonlyMap<Value, number>;
  /** Elements an arena. */
  readonly sizes: Readonly<Record<DType, number>>;
}

/**
 * Places every value of `kernels` (in running order) that has no home elsewhere. `lasting` values keep their place;
 * all others give theirs up after their last reader.
 */
export function place(
  kernels: readonly Kernel[],
  lasting: readonly Value[],
  elsewhere: (value: Value) => boolean,
): Placement {
  const arenas: Record<DType, Arena> = { float: new Arena(), int: new Arena(), bool: new Arena() };
  const offsets = new Map<Value, number>();
  for (const value of lasting) offsets.set(value, arenas[value.dtype].allocate(value.count));
  const kept = new Set(lasting);

  const lastReader = new Map<Value, number>();
  kernels.forEach((kernel, i) => {
    for (const value of kernel.reads.keys()) lastReader.set(value, i);
  });

  kernels.forEach((kernel, i) => {
    const { root } = kernel;
    const dying: (readonly [Value, Read])[] = [];
    for (const entry of kernel.reads) {
      const [value] = entry;
      if (lastReader.get(value) === i && offsets.has(value) && !kept.has(value)) dying.push(entry);
    }
    let taken: Value | undefined;
    if (!kept.has(root) && !elsewhere(root)) {
      // The result may lie on an operand that each position reads for the last time before it is written.
      taken = dying.find(([value, read]) => read.inPlace && value.dtype === root.dtype)?.[0];
      offsets.set(root, taken ? offsets.get(taken)! : arenas[root.dtype].allocate(root.count));
      // Nobody reads it: the room is free again once the kernel has run.
      if (!lastReader.has(root)) arenas[root.dtype].free(offsets.get(root)!, root.count);
    }
    for (const [value] of dying)
      if (value !== taken) arenas[value.dtype].free(offsets.get(value)!, value.count);
  });
  return { offsets, sizes: { float: arenas.float.size, int: arenas.int.size, bool: arenas.bool.size } };
}
