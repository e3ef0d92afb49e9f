import { countOf } from '../../graph/shape';
import type { IotaAttributes } from '../../ops/leaf';
import type { AxesAttributes, AxisAttributes, TransposeAttributes, TrilAttributes } from '../../ops/linear';
import type { Lowering, OnnxEmitter } from './lowering';
import { CAST, isSingle, type Tensor } from './tensor';

/** Ops that move elements. */

interface BoundSlice {
  readonly start: readonly number[];
  readonly step: readonly number[];
}

/** One number stays one under any shape. */
const viewed =
  (emitter: OnnxEmitter): OnnxEmitter =>
  (value, l) => {
    const tensor = l.operand(value.inputs[0]!);
    if (isSingle(tensor)) {
      return { name: tensor.shape.length === 0 ? tensor.name : l.reshape(tensor.name, []), shape: [] };
    }
    return emitter(value, l);
  };

const reshape: OnnxEmitter = (value, l) => l.reshape(l.emit(value.inputs[0]!), value.shape);

const transpose: OnnxEmitter = (value, l) =>
  l.transpose(l.emit(value.inputs[0]!), (value.attributes as TransposeAttributes).permutation);

/** New axes before all others need nothing: shapes broadcast from the last axis. */
const broadcast: OnnxEmitter = (value, l): Tensor => {
  const { axes } = value.attributes as AxesAttributes;
  const operand = l.operand(value.inputs[0]!);
  const rank = value.inputs[0]!.shape.length;
  const own = [...new Array<number>(rank - operand.shape.length).fill(1), ...operand.shape];
  let next = 0;
  const spread = value.shape.map((_, axis) => (axes.includes(axis) ? 1 : own[next++]!));
  const leading = spread.findIndex(size => size !== 1);
  const shape = spread.slice(leading < 0 ? spread.length : leading);
  const unchanged = String(shape) === String(operand.shape);
  return { name: unchanged ? operand.name : l.reshape(operand.name, shape), shape };
};

const slice: OnnxEmitter = (value, l) => {
  const { start, step } = value.attributes as BoundSlice;
  const [x] = value.inputs;
  const axes = value.shape
    .map((_, axis) => axis)
    .filter(axis => start[axis] !== 0 || step[axis] !== 1 || value.shape[axis] !== x!.shape[axis]);
  if (axes.length === 0) return l.operand(x!);
  const ends = axes.map(axis => {
    const end = start[axis]! + value.shape[axis]! * step[axis]!;
    // A negative end would count from the end of the axis.
    return end < 0 ? -(2 ** 31) : end;
  });
  const starts = axes.map(axis => start[axis]!);
  const steps = axes.map(axis => step[axis]!);
  return l.node('Slice', [l.emit(x!), l.ints(starts), l.ints(ends), l.ints(axes), l.ints(steps)]);
};

/** Zeros around, and between where the step is more than 1. */
const unslice: OnnxEmitter = (value, l) => {
  const { start, step } = value.attributes as BoundSlice;
  const [x] = value.inputs;
  const shape = [...x!.shape];
  let name = l.emit(x!);
  const backward = shape.map((_, axis) => axis).filter(axis => step[axis]! < 0 && shape[axis]! > 1);
  if (backward.length > 0) name = reversed(name, backward, l);
  const first = shape.map((size, axis) =>
    backward.includes(axis) ? start[axis]! + (size - 1) * step[axis]! : start[axis]!,
  );
  const strides = step.map((s, axis) => (shape[axis]! > 1 ? Math.abs(s) : 1));
  if (strides.some(stride => stride > 1)) name = dilated(name, shape, strides, l);
  const before = first;
  const after = value.shape.map((size, axis) => size - first[axis]! - shape[axis]! * strides[axis]!);
  if ([...before, ...after].every(size => size === 0)) return name;
  return l.node('Pad', [name, l.ints([...before, ...after])]);
};

function reversed(name: string, axes: readonly number[], l: Lowering): string {
  const ends = axes.map(() => -(2 ** 31));
  const back = axes.map(() => -1);
  return l.node('Slice', [name, l.ints(back), l.ints(ends), l.ints(axes), l.ints(back)]);
}

/** Each element followed by stride - 1 zeros, along every axis. */
function dilated(name: string, shape: readonly number[], strides: readonly number[], l: Lowering): string {
  const split = l.reshape(
    name,
    shape.flatMap(size => [size, 1]),
  );
  const none = strides.flatMap(() => [0, 0]);
  const after = strides.flatMap(stride => [0, stride - 1]);
  const padded = l.node('Pad', [split, l.ints([...none, ...after])]);
  return l.reshape(
    padded,
    shape.map((size, axis) => size * strides[axis]!),
  );
}

const concat: OnnxEmitter = (value, l) =>
  l.node(
    'Concat',
    value.inputs.map(input => l.emit(input)),
    { axis: (value.attributes as AxisAttributes).axis },
  );

const gather: OnnxEmitter = (value, l) => {
  const [x, positions] = value.inputs;
  const { axis } = value.attributes as AxisAttributes;
  return l.node('Gather', [l.emit(x!), l.emit(positions!)], { axis });
};

/** Elements are added one after another in one thread, so that the sums come out alike every time. */
const scatterAdd: OnnxEmitter = (value, l) => {
  const [x, positions] = value.inputs;
  const { axis } = value.attributes as AxisAttributes;
  const size = value.shape[axis]!;
  const outer = countOf(value.shape.slice(0, axis));
  const inner = countOf(value.shape.slice(axis + 1));
  const type = value.dtype === 'float' ? 'float' : 'int32';
  const numbers = x!.dtype === 'bool' ? l.node('Cast', [l.emit(x!)], { to: CAST.int }) : l.emit(x!);
  const flat = (name: string, shape: readonly number[], wanted: readonly number[]): string =>
    String(shape) === String(wanted) ? name : l.reshape(name, wanted);
  const zero = l.constant(type, [], [0]);
  if (outer === 1 && inner === 1) {
    const zeros = l.node('Expand', [zero, l.ints([size])]);
    const count = [positions!.count];
    const added = l.node(
      'ScatterElements',
      [zeros, flat(l.emit(positions!), positions!.shape, count), flat(numbers, x!.shape, count)],
      { axis: 0, reduction: 'add' },
    );
    return flat(added, [size], value.shape);
  }
  const line = [outer, positions!.count, inner];
  const zeros = l.node('Expand', [zero, l.ints([outer, size, inner])]);
  const places = l.reshape(l.emit(positions!), [1, positions!.count, 1]);
  const added = l.node(
    'ScatterElements',
    [zeros, l.node('Expand', [places, l.ints(line)]), flat(numbers, x!.shape, line)],
    { axis: 1, reduction: 'add' },
  );
  return flat(added, [outer, size, inner], value.shape);
};

const tril: OnnxEmitter = (value, l) => {
  const { k } = value.attributes as TrilAttributes;
  if (value.dtype === 'float') {
    return l.node('Trilu', [l.emit(value.inputs[0]!), l.constant('int64', [], [k])], { upper: 0 });
  }
  const [rows, columns] = value.shape.slice(-2) as [number, number];
  const kept = Array.from({ length: rows * columns }, (_, i) =>
    Number((i % columns) - Math.floor(i / columns) <= k),
  );
  const mask = l.constant('bool', [rows, columns], kept);
  const x = l.emit(value.inputs[0]!);
  return value.dtype === 'bool' ? l.node('And', [mask, x]) : l.node('Where', [mask, x, l.scalar(0, 'int')]);
};

const iota: OnnxEmitter = ({ shape, attributes }, l): Tensor => {
  const { axis } = attributes as IotaAttributes;
  const size = shape[axis]!;
  const own = [size, ...shape.slice(axis + 1).map(() => 1)];
  return { name: l.constant('int32', own, [...Array(size).keys()]), shape: own };
};

export const movement = {
  reshape: viewed(reshape),
  transpose: viewed(transpose),
  broadcast,
  slice: viewed(slice),
  unslice,
  concat,
  gather,
  scatter_add: scatterAdd,
  tril,
  iota,
} satisfies Record<string, OnnxEmitter>;
