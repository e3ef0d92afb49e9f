import type { Kernel } from './fusion';
import type { Value } from './value';

/** Kernels by what they read, and by what must not yet be overwritten. */
export class Order {
  private readonly before = new Map<Kernel, Set<Kernel>>();

  constructor(
    private readonly kernels: readonly Kernel[],
    byRoot: ReadonlyMap<Value, Kernel>,
  ) {
    const own = new Set(kernels);
    for (const kernel of kernels) {
      const sources = new Set<Kernel>();
      for (const value of kernel.reads.keys()) {
        const source = byRoot.get(value);
        if (source && own.has(source)) sources.add(source);
      }
      this.before.set(kernel, sources);
    }
  }

  /** Puts `kernel` after all others that read `target`; false, and nothing changed, where one of them needs it. */
  runAfterReaders(kernel: Kernel, target: Value): boolean {
    const readers = this.kernels.filter(other => other !== kernel && other.reads.has(target));
    if (readers.some(reader => this.needs(reader, kernel))) return false;
    for (const reader of readers) this.before.get(kernel)!.add(reader);
    return true;
  }

  /**
   * Two orders: as the graph was written, and by demand, where what a result needs is computed just before it and the
   * results that need the least come first. The second lets an update take in its gradient as soon as that is there, and
   * looks for what the backward pass alone needs in the backward pass; the first keeps what is made of large operands
   * from waiting beside them.
   */
  candidates(first: readonly Kernel[]): Kernel[][] {
    const written = this.after(this.kernels, (a, b) => a.root.index - b.root.index);
    const heights = this.heightsOf(written);
    const higher = (a: Kernel, b: Kernel): number =>
      heights.get(b)! - heights.get(a)! || a.root.index - b.root.index;
    const waitedFor = new Set([...this.before.values()].flatMap(sources => [...sources]));
    const last = this.kernels.filter(kernel => !waitedFor.has(kernel)).sort((a, b) => higher(b, a));
    return [written, this.after([...first, ...last], higher)];
  }

  /** `wanted` in their order, each after what must come before it. */
  private after(wanted: readonly Kernel[], compare: (a: Kernel, b: Kernel) => number): Kernel[] {
    const result: Kernel[] = [];
    const seen = new Set<Kernel>();
    const pending: { readonly kernel: Kernel; readonly sources: Kernel[] }[] = [];
    const enter = (kernel: Kernel): void => {
      if (seen.has(kernel)) return;
      seen.add(kernel);
      pending.push({ kernel, sources: [...this.before.get(kernel)!].sort((a, b) => compare(b, a)) });
    };
    for (const kernel of wanted) {
      enter(kernel);
      while (pending.length > 0) {
        const { kernel, sources } = pending.at(-1)!;
        const source = sources.pop();
        if (source) enter(source);
        else {
          result.push(kernel);
          pending.pop();
        }
      }
    }
    return result;
  }

  /** The longest chain of kernels that each waits for. */
  private heightsOf(ordered: readonly Kernel[]): ReadonlyMap<Kernel, number> {
    const heights = new Map<Kernel, number>();
    for (const kernel of ordered) {
      let height = 0;
      for (const source of this.before.get(kernel)!) height = Math.max(height, heights.get(source)! + 1);
      heights.set(kernel, height);
    }
    return heights;
  }

  private needs(kernel: Kernel, other: Kernel): boolean {
    const seen = new Set<Kernel>();
    const pending = [kernel];
    while (pending.length > 0) {
      const next = pending.pop()!;
      if (next === other) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      pending.push(...this.before.get(next)!);
    }
    return false;
  }
}
