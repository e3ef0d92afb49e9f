import { type Fusion, fuse, type Kernel } from './fusion';
import type { Runs } from './javascript/schedule';
import { Order } from './order';
import { type Lifetimes, type Placement, place } from './placement';
import type { Precision } from './storage';
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
export function plan(
  lowered: Lowered,
  outputs: readonly Value[],
  updates: readonly Assignment[],
  precision: Precision,
  runs: Runs,
): Plan {
  const fusion = fuse(
    lowered.values,
    outputs,
    updates.map(({ value }) => value),
  );
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
  // An output must not change when later kernels run; nor may what is copied at the end.
  const lasting = new Set<Value>(early);
  for (const value of [...outputs, ...copies.map(copy => copy.value)]) {
    const root = storageOf(value);
    if (!root.fed && !inPlace.has(root)) lasting.add(root);
  }
  for (const value of fusion.stored) if (value.op === 'constant' && !value.fed) lasting.add(value);
  const asked = outputs.map(value => byRoot.get(storageOf(value))).filter(kernel => kernel !== undefined);
  const lifetimes: Lifetimes = { lasting, elsewhere: value => inPlace.has(value) };
  // Little memory takes more planning than a program that runs a few times is worth.
  const orders = runs === 'few' ? [order.asWritten()] : [order.asWritten(), order.byDemand(asked)];
  const [each, placement] = orders
    .map(kernels => [kernels, place(kernels, lifetimes, precision, runs)] as const)
    .reduce((a, b) => (b[1].bytes < a[1].bytes ? b : a));
  return { first, each, inPlace, copies, fusion, placement };
}
