import { type Fusion, fuse, type Kernel } from './fusion';
import { type Placement, place } from './placement';
import type { Lowered, Value } from './value';
import { storageOf } from './view';

export interface Plan {
  /** Run once, when the program is made: what depends on constants alone. */
  readonly first: readonly Kernel[];
  /** Run each time, in this order. */
  readonly each: readonly Kernel[];
  /** Values whose kernel writes straight into an updated leaf. */
  readonly inPlace: ReadonlyMap<Value, Value>;
  /** Copied after everything else, in order. */
  readonly copies: readonly Assignment[];
  readonly fusion: Fusion;
  readonly placement: Placement;
}

/** Constants larger than this are computed again each time rather than kept. */
const KEPT_CONSTANT = 4096;

export interface Assignment {
  readonly target: Value;
  readonly value: Value;
}

/**
 * Order, in-place updates and places for the computation of `outputs` and `updates`. Neither may share the buffer of
 * an updated leaf: see `Lowered.copyOf`.
 */
export function plan(lowered: Lowered, outputs: readonly Value[], updates: readonly Assignment[]): Plan {
  const fusion = fuse(lowered.values, [...outputs, ...updates.map(({ value }) => value)]);
  const byRoot = new Map(fusion.kernels.map(kernel => [kernel.root, kernel]));

  const early = new Set<Value>();
  for (const { root, reads } of fusion.kernels) {
    const ready = [...reads.keys()].every(value => early.has(value) || !byRoot.has(value));
    if (root.constant && root.count <= KEPT_CONSTANT && ready) early.add(root);
  }
  const first = fusion.kernels.filter(({ root }) => early.has(root));
  const order = new Order(
    fusion.kernels.filter(({ root }) => !early.has(root)),
    byRoot,
  );

  const inPlace = new Map<Value, Value>();
  const copies: Assignment[] = [];
  for (const { target, value: wanted } of updates) {
    const value = storageOf(wanted);
    if (value === target) continue;
    const kernel = byRoot.get(value);
    const own = kernel?.reads.get(target);
    const fits = kernel && !early.has(value) && !inPlace.has(value) && value.dtype === target.dtype;
    if (
      fits &&
      value.count === target.count &&
      own?.inPlace !== false &&
      order.runAfterReaders(kernel, target)
    ) {
      inPlace.set(value, target);
    } else copies.push({ target, value });
  }
  const each = order.sorted();

  // An output must not change when later kernels run; nor may what is copied at the end.
  const lasting = new Set<Value>(early);
  for (const value of [...outputs, ...copies.map(copy => copy.value)]) {
    const root = storageOf(value);
    if (!root.fed && !inPlace.has(root)) lasting.add(root);
  }
  for (const value of fusion.stored) if (value.op === 'constant' && !value.fed) lasting.add(value);
  const placement = place(each, [...lasting], value => inPlace.has(value));
  return { first, each, inPlace, copies, fusion, placement };
}

/** Kernels by what they read, and by what must not yet be overwritten. */
class Order {
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

  sorted(): Kernel[] {
    const result: Kernel[] = [];
    const done = new Set<Kernel>();
    const visit = (kernel: Kernel): void => {
      if (done.has(kernel)) return;
      done.add(kernel);
      const sources = [...this.before.get(kernel)!].sort((a, b) => a.root.index - b.root.index);
      for (const source of sources) visit(source);
      result.push(kernel);
    };
    for (const kernel of [...this.kernels.filter(kernel => this.isEarly(kernel)), ...this.kernels])
      visit(kernel);
    return result;
  }

  /**
   * Single numbers that hang on no other kernel, such as an optimiser's correction of a step, come first: the kernels
   * that read them, one tensor after the other, then stand side by side and may be computed in one pass.
   */
  private isEarly(kernel: Kernel): boolean {
    return kernel.root.count === 1 && this.before.get(kernel)!.size === 0 && !kernel.core;
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
