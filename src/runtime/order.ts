import type { Kernel } from './fusion';
import type { Value } from './value';

/** Kernels by what they read, and by what must not yet be overwritten. */
export class Order {
  /** What a kernel reads. */
  private readonly sources = new Map<Kernel, Set<Kernel>>();
  /** Readers of what it overwrites. */
  private readonly readers = new Map<Kernel, readonly Kernel[]>();

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
      this.sources.set(kernel, sources);
    }
  }

  /** Puts `kernel` after all others that read `target`; false, and nothing changed, where one of them needs it. */
  runAfterReaders(kernel: Kernel, target: Value): boolean {
    const readers = this.kernels.filter(other => other !== kernel && other.reads.has(target));
    if (readers.some(reader => this.needs(reader, kernel))) return false;
    this.readers.set(kernel, readers);
    return true;
  }

  /** As the graph was written. */
  asWritten(): Kernel[] {
    return this.after([...this.early(), ...this.kernels], (a, b) => a.root.index - b.root.index);
  }

  /**
   * What a result needs is computed just before it: `first` comes first, and of the rest what needs least. An update takes in
   * its gradient as soon as that is there, and what the backward pass alone needs is computed there; but what is
   * small may keep what is large waiting.
   */
  byDemand(first: readonly Kernel[]): Kernel[] {
    const heights = this.heightsOf(this.asWritten());
    const higher = (a: Kernel, b: Kernel): number =>
      heights.get(b)! - heights.get(a)! || a.root.index - b.root.index;
    const waitedFor = new Set(this.kernels.flatMap(kernel => this.before(kernel)));
    const asked = first.filter(kernel => this.sources.has(kernel));
    const last = this.kernels.filter(kernel => !waitedFor.has(kernel)).sort((a, b) => higher(b, a));
    return this.after([...this.early(), ...asked, ...last], higher);
  }

  /**
   * Single numbers that hang on no other kernel, such as an optimiser's correction of a step, come first: the kernels
   * that read them, one tensor after the other, then stand side by side and may be computed in one pass.
   */
  private early(): Kernel[] {
    return this.kernels.filter(
      kernel => kernel.root.count === 1 && this.sources.get(kernel)!.size === 0 && !kernel.core,
    );
  }

  /** `wanted` in their order, each after what must come before it. */
  private after(wanted: readonly Kernel[], compare: (a: Kernel, b: Kernel) => number): Kernel[] {
    const result: Kernel[] = [];
    const seen = new Set<Kernel>();
    const pending: { readonly kernel: Kernel; readonly before: Kernel[] }[] = [];
    const enter = (kernel: Kernel): void => {
      if (seen.has(kernel)) return;
      seen.add(kernel);
      // What it reads comes first: readers of the leaf may make room with their results, and take theirs.
      const before = [
        ...(this.readers.get(kernel) ?? []),
        ...[...this.sources.get(kernel)!].sort((a, b) => compare(b, a)),
      ];
      pending.push({ kernel, before });
    };
    for (const kernel of wanted) {
      enter(kernel);
      while (pending.length > 0) {
        const { kernel, before } = pending.at(-1)!;
        const next = before.pop();
        if (next) enter(next);
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
      for (const other of this.before(kernel)) height = Math.max(height, heights.get(other)! + 1);
      heights.set(kernel, height);
    }
    return heights;
  }

  private before(kernel: Kernel): Kernel[] {
    return [...this.sources.get(kernel)!, ...(this.readers.get(kernel) ?? [])];
  }

  private needs(kernel: Kernel, other: Kernel): boolean {
    const seen = new Set<Kernel>();
    const pending = [kernel];
    while (pending.length > 0) {
      const next = pending.pop()!;
      if (next === other) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      pending.push(...this.before(next));
    }
    return false;
  }
}
