import { stridesOf } from '../../graph/shape';
import type { AxisAttributes } from '../../ops/linear';
import type { WindowAttributes } from '../../ops/window';
import { type Affine, combine, counter, scaled } from '../affine';
import type { Kernel } from '../fusion';
import type { Expression, Location, LoopKernel } from '../javascript/expression';
import { simplify } from '../javascript/simplify';
import type { Value } from '../value';

/** Ops that write whole buffers, as loops that write parts of them one after the other. */
export interface Movement {
  /** Whether everything is 0 before the loops. */
  readonly cleared: boolean;
  readonly parts: readonly LoopKernel[];
}

/** Where a value lies, whatever it shares a buffer with. */
type Storage = (value: Value) => Location;

/** The loops of an op that only moves or adds up elements; undefined for any other. */
export function movementOf({ root }: Kernel, storage: Storage): Movement | undefined {
  switch (root.op) {
    case 'concat':
      return { cleared: false, parts: concat(root, storage) };
    case 'unslice':
      return { cleared: true, parts: unslice(root, storage) };
    case 'unwindow':
      return { cleared: true, parts: unwindow(root, storage) };
    default:
      return undefined;
  }
}

function concat(root: Value, storage: Storage): LoopKernel[] {
  const { axis } = root.attributes as AxisAttributes;
  let before = 0;
  return root.inputs.map(input => {
    const first = before;
    before += input.shape[axis]!;
    return copy(root, input, storage, at => at.map((c, i) => (i === axis ? scaled(c, 1, first) : c)));
  });
}

function unslice(root: Value, storage: Storage): LoopKernel[] {
  const { start, step } = root.attributes as unknown as {
    readonly start: readonly number[];
    readonly step: readonly number[];
  };
  const place = (at: readonly Affine[]): Affine[] =>
    at.map((c, axis) => scaled(c, step[axis]!, start[axis]!));
  return [copy(root, root.inputs[0]!, storage, place)];
}

/** Element by element from `x` to the place that `place` makes of its coordinates. */
function copy(
  root: Value,
  x: Value,
  storage: Storage,
  place: (at: readonly Affine[]) => readonly Affine[],
): LoopKernel {
  const rank = x.shape.length;
  const at = x.shape.map((_, axis) => counter(axis, rank));
  return simplify({
    extents: x.shape,
    kept: rank,
    result: load(x, combine(at, stridesOf(x.shape), rank), storage),
    store: stored(root, combine(place(at), stridesOf(root.shape), rank), storage),
  });
}

/** One place of all windows after the other: along an image its elements lie side by side, and none meets another. */
function unwindow(root: Value, storage: Storage): LoopKernel[] {
  const { kernel, stride, dilation } = root.attributes as WindowAttributes;
  const [x] = root.inputs;
  const n = kernel.length;
  const before = root.shape.length - n;
  const images = root.shape.slice(0, before);
  const order = [
    ...images.keys(),
    ...kernel.map((_, i) => before + n + i),
    ...kernel.map((_, i) => before + i),
  ];
  const rank = order.length;
  const at = x!.shape.map((_, axis) => counter(order.indexOf(axis), rank));
  const strides = stridesOf(root.shape);
  const out = combine(
    [...at.slice(0, before), ...at.slice(before, before + n), ...at.slice(before + n)],
    [
      ...strides.slice(0, before),
      ...stride.map((s, i) => s * strides[before + i]!),
      ...dilation.map((d, i) => d * strides[before + i]!),
    ],
    rank,
  );
  const sum: Expression = {
    kind: 'scalar',
    value: { ...root, op: 'add' },
    operands: [load(root, out, storage), load(x!, combine(at, stridesOf(x!.shape), rank), storage)],
    text: ([a, b]) => `${a} + ${b}`,
  };
  const extents = order.map(axis => x!.shape[axis]!);
  return [simplify({ extents, kept: rank, result: sum, store: stored(root, out, storage) })];
}

function load(value: Value, at: Affine, storage: Storage): Expression {
  return { kind: 'load', ...stored(value, at, storage) };
}

function stored(value: Value, at: Affine, storage: Storage): LoopKernel['store'] {
  const { array, offset } = storage(value);
  return { array, dtype: value.dtype, at: scaled(at, 1, offset) };
}
