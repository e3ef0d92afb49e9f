/** Bytes that are needed from one kernel to another, both included. */
export interface Block {
  readonly size: number;
  readonly from: number;
  to: number;
}

/** Where blocks start among bytes that they share; those that are needed at once do not overlap. */
export interface Packing {
  readonly starts: ReadonlyMap<Block, number>;
  readonly bytes: number;
}

/** Less than so much room that nobody needs is not worth a second attempt. */
const WORTH = 65_536;
const SHARE = 1 / 32;

/** `blocks` come in the order in which they begin; `tight` takes the time for a second attempt. */
export function pack(blocks: readonly Block[], tight = true): Packing {
  const quick = inOrder(blocks);
  if (!tight) return quick;
  const spare = quick.bytes - mostAtOnce(blocks);
  if (spare < Math.max(WORTH, SHARE * quick.bytes)) return quick;
  const dense = bySize(blocks);
  return dense.bytes < quick.bytes ? dense : quick;
}

/** What the blocks of the busiest kernel take together: no packing takes less. */
function mostAtOnce(blocks: readonly Block[]): number {
  const changes = new Map<number, number>();
  const change = (at: number, size: number): void => void changes.set(at, (changes.get(at) ?? 0) + size);
  for (const { size, from, to } of blocks) {
    change(from, size);
    change(to + 1, -size);
  }
  let held = 0;
  let most = 0;
  for (const [, size] of [...changes].sort(([a], [b]) => a - b)) most = Math.max(most, (held += size));
  return most;
}

/** Each as it begins, in the smallest gap with room for it, else at the end. */
function inOrder(blocks: readonly Block[]): Packing {
  const starts = new Map<Block, number>();
  const gaps = new Gaps();
  const byEnd = [...blocks].sort((a, b) => a.to - b.to);
  let ended = 0;
  for (const block of blocks) {
    for (; byEnd[ended]!.to < block.from; ended++) {
      const old = byEnd[ended]!;
      gaps.free(starts.get(old)!, old.size);
    }
    starts.set(block, gaps.take(block.size));
  }
  return { starts, bytes: gaps.end };
}

/** The largest first, each in the smallest gap between those that are needed at the same time. */
function bySize(blocks: readonly Block[]): Packing {
  const starts = new Map<Block, number>();
  let bytes = 0;
  /** By where they start. */
  const placed: (readonly [number, Block])[] = [];
  for (const block of [...blocks].sort((a, b) => b.size - a.size || a.from - b.from)) {
    let best = -1;
    let least = Infinity;
    let end = 0;
    for (const [start, other] of placed) {
      if (other.to < block.from || other.from > block.to) continue;
      const gap = start - end;
      if (gap >= block.size && gap < least) {
        best = end;
        least = gap;
      }
      end = Math.max(end, start + other.size);
    }
    const own = best < 0 ? end : best;
    starts.set(block, own);
    bytes = Math.max(bytes, own + block.size);
    const at = placed.findIndex(([start]) => start > own);
    placed.splice(at < 0 ? placed.length : at, 0, [own, block]);
  }
  return { starts, bytes };
}

interface Gap {
  start: number;
  size: number;
}

/** The free parts of an array of bytes that grows. */
class Gaps {
  private readonly gaps: Gap[] = [];
  end = 0;

  take(size: number): number {
    let best = -1;
    for (let i = 0; i < this.gaps.length; i++) {
      const gap = this.gaps[i]!;
      if (gap.size >= size && (best < 0 || gap.size < this.gaps[best]!.size)) best = i;
    }
    if (best >= 0) {
      const gap = this.gaps[best]!;
      const { start } = gap;
      gap.start += size;
      gap.size -= size;
      if (gap.size === 0) this.gaps.splice(best, 1);
      return start;
    }
    // A gap that reaches the end only has to grow.
    const last = this.gaps.at(-1);
    const start = last && last.start + last.size === this.end ? last.start : this.end;
    if (start < this.end) this.gaps.pop();
    this.end = start + size;
    return start;
  }

  free(start: number, size: number): void {
    const at = this.gaps.findIndex(gap => gap.start > start);
    const index = at < 0 ? this.gaps.length : at;
    this.gaps.splice(index, 0, { start, size });
    for (const i of [index, index - 1]) {
      const [gap, next] = [this.gaps[i], this.gaps[i + 1]];
      if (gap && next && gap.start + gap.size === next.start) {
        gap.size += next.size;
        this.gaps.splice(i + 1, 1);
      }
    }
  }
}
