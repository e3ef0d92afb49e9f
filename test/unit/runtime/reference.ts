import { evaluateDim } from '../../../src/graph/dimension';
import type { Node } from '../../../src/graph/node';
import { concreteShape, countOf, stridesOf } from '../../../src/graph/shape';
import type { Sizes } from '../../../src/graph/types';
import type { WindowAttributes } from '../../../src/ops/window';

/** Numbers of a tensor, row-major; the slow and plain evaluation that the executor is held against. */
export interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

type Rule = (inputs: readonly Plain[], attributes: never, shape: readonly number[], node: Node) => number[];

/** Values of `nodes` and all they depend on, one op at a time. */
export function interpret(
  nodes: readonly Node[],
  feeds: ReadonlyMap<Node, Plain>,
  sizes: Sizes,
): Map<Node, Plain> {
  const values = new Map<Node, Plain>();
  const value = (node: Node): Plain => {
    let result = values.get(node) ?? feeds.get(node);
    if (!result) {
      const shape = concreteShape(node.shape, sizes);
      const inputs = node.inputs.map(value);
      const attributes = bound(node.attributes as Record<string, unknown>, sizes);
      const rule = rules[node.op] ?? scalarRule(node.op);
      const data = rule(inputs, attributes as never, shape, node);
      result = { shape, data: node.dtype === 'int' ? data.map(x => x | 0) : data };
    }
    values.set(node, result);
    return result;
  };
  for (const node of nodes) value(node);
  return values;
}

const bound = (attributes: Record<string, unknown>, sizes: Sizes): Record<string, unknown> => ({
  ...attributes,
  ...(Array.isArray(attributes.start) ? { start: attributes.start.map(d => evaluateDim(d, sizes)) } : {}),
  ...(attributes.size ? { size: evaluateDim(attributes.size as never, sizes) } : {}),
  ...(attributes.dim ? { dim: evaluateDim(attributes.dim as never, sizes) } : {}),
});

/** All indices of a shape, in row-major order. */
export function indices(shape: readonly number[]): number[][] {
  let list: number[][] = [[]];
  for (const size of shape)
    list = list.flatMap(index => Array.from({ length: size }, (_, i) => [...index, i]));
  return list;
}

const at = ({ shape, data }: Plain, index: readonly number[]): number => {
  const strides = stridesOf(shape);
  return data[index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0)]!;
};

const build = (shape: readonly number[], f: (index: number[]) => number): number[] => indices(shape).map(f);

const reduce =
  (combine: (line: number[]) => number): Rule =>
  ([x], { axes }: { axes: readonly number[] }, shape) => {
    const lines = new Map<string, number[]>(indices(shape).map(index => [String(index), []]));
    for (const index of indices(x!.shape)) {
      lines.get(String(index.filter((_, axis) => !axes.includes(axis))))!.push(at(x!, index));
    }
    return indices(shape).map(index => combine(lines.get(String(index))!));
  };

const reduceOne =
  (combine: (line: number[]) => number): Rule =>
  (inputs, { axis }: { axis: number }, shape, node) =>
    reduce(combine)(inputs, { axes: [axis] } as never, shape, node);

/** The lines of `shape` along an axis, each as the list of its indices. */
const lines = (shape: readonly number[], axis: number): number[][][] =>
  indices(shape.with(axis, 1)).map(index =>
    Array.from({ length: shape[axis]! }, (_, i) => index.with(axis, i)),
  );

const scan =
  (f: (line: number[][], inputs: readonly Plain[], attributes: never) => number[]): Rule =>
  (inputs, attributes, shape) => {
    const { axis } = attributes as { axis: number };
    const result = new Array<number>(countOf(shape)).fill(0);
    const strides = stridesOf(shape);
    for (const line of lines(shape, axis)) {
      const walked = (attributes as { reverse?: boolean }).reverse ? [...line].reverse() : line;
      f(walked, inputs, attributes).forEach((x, k) => {
        result[walked[k]!.reduce((sum, i, j) => sum + i * strides[j]!, 0)] = x;
      });
    }
    return result;
  };

const order = (values: number[]): number[] =>
  values
    .map((_, i) => i)
    .sort((i, j) => (values[i]! < values[j]! ? -1 : values[i]! > values[j]! ? 1 : i - j));

/** Where an element of windows lies in what they look at. */
const throughWindow = (
  index: readonly number[],
  { kernel, stride, dilation }: WindowAttributes,
): number[] => {
  const before = index.length - 2 * kernel.length;
  const places = kernel.map(
    (_, i) => index[before + i]! * stride[i]! + index[before + kernel.length + i]! * dilation[i]!,
  );
  return [...index.slice(0, before), ...places];
};

const rules: Record<string, Rule> = {
  constant: (_, { data }: { data: number[] }) => [...data],
  size: (_, { dim }: { dim: number }) => [dim],
  iota: (_, { axis }: { axis: number }, shape) => build(shape, index => index[axis]!),
  reshape: ([x]) => [...x!.data],
  transpose: ([x], { permutation }: { permutation: number[] }, shape) =>
    build(shape, index =>
      at(
        x!,
        x!.shape.map((_, axis) => index[permutation.indexOf(axis)]!),
      ),
    ),
  broadcast: ([x], { axes }: { axes: number[] }, shape) =>
    build(shape, index =>
      at(
        x!,
        index.filter((_, axis) => !axes.includes(axis)),
      ),
    ),
  slice: ([x], { start, step }: { start: number[]; step: number[] }, shape) =>
    build(shape, index =>
      at(
        x!,
        index.map((i, axis) => start[axis]! + i * step[axis]!),
      ),
    ),
  unslice: ([x], { start, step }: { start: number[]; step: number[] }, shape) => {
    const strides = stridesOf(shape);
    const data = new Array<number>(countOf(shape)).fill(0);
    for (const index of indices(x!.shape)) {
      data[index.reduce((sum, i, axis) => sum + (start[axis]! + i * step[axis]!) * strides[axis]!, 0)] = at(
        x!,
        index,
      );
    }
    return data;
  },
  window: ([x], { kernel, stride, dilation }: WindowAttributes, shape) =>
    build(shape, index => at(x!, throughWindow(index, { kernel, stride, dilation }))),
  unwindow: ([x], attributes: WindowAttributes, shape) => {
    const strides = stridesOf(shape);
    const data = new Array<number>(countOf(shape)).fill(0);
    for (const index of indices(x!.shape)) {
      const place = throughWindow(index, attributes);
      data[place.reduce((sum, i, axis) => sum + i * strides[axis]!, 0)]! += at(x!, index);
    }
    return data;
  },
  concat: (inputs, { axis }: { axis: number }, shape) =>
    build(shape, index => {
      let i = index[axis]!;
      for (const input of inputs) {
        if (i < input.shape[axis]!) return at(input, index.with(axis, i));
        i -= input.shape[axis]!;
      }
      throw new Error('beyond the parts');
    }),
  gather: ([x, p], { axis }: { axis: number }, shape) =>
    build(shape, index => {
      const rank = p!.shape.length;
      return at(x!, [
        ...index.slice(0, axis),
        at(p!, index.slice(axis, axis + rank)),
        ...index.slice(axis + rank),
      ]);
    }),
  scatter_add: ([x, p], { axis }: { axis: number }, shape) => {
    const rank = p!.shape.length;
    const strides = stridesOf(shape);
    const data = new Array<number>(countOf(shape)).fill(0);
    for (const index of indices(x!.shape)) {
      const place = at(p!, index.slice(axis, axis + rank));
      const to = [...index.slice(0, axis), place, ...index.slice(axis + rank)];
      data[to.reduce((sum, i, k) => sum + i * strides[k]!, 0)]! += at(x!, index);
    }
    return data;
  },
  cumsum: scan((line, [x]) => {
    let sum = 0;
    return line.map(index => (sum += at(x!, index)));
  }),
  recurrence: scan((line, [a, u]) => {
    let h = 0;
    return line.map((index, k) => (h = (k === 0 ? 0 : at(a!, index) * h) + at(u!, index)));
  }),
  argsort: scan((line, [x]) => order(line.map(index => at(x!, index)))),
  tril: ([x], { k }: { k: number }, shape) =>
    build(shape, index => (index.at(-1)! - index.at(-2)! <= k ? at(x!, index) : 0)),
  position: ([x], { size, wrap }: { size: number; wrap: boolean }) =>
    x!.data.map(i => (wrap && i < 0 ? i + size : i)),
  contract: ([a, b], { left, right, out }: { left: string; right: string; out: string }, shape) => {
    const labels = [...new Set(out + left + right)];
    const extents = labels.map(l =>
      left.includes(l) ? a!.shape[left.indexOf(l)]! : b!.shape[right.indexOf(l)]!,
    );
    const pick = (index: number[], own: string): number[] => [...own].map(l => index[labels.indexOf(l)]!);
    const inner = indices(extents.slice(out.length));
    return build(shape, index =>
      inner.reduce((sum, rest) => {
        const all = [...index, ...rest];
        return sum + at(a!, pick(all, left)) * at(b!, pick(all, right));
      }, 0),
    );
  },
  sum: reduce(line => line.reduce((a, b) => a + b, 0)),
  prod: reduce(line => line.reduce((a, b) => a * b, 1)),
  max: reduce(line => line.reduce((a, b) => Math.max(a, b))),
  min: reduce(line => line.reduce((a, b) => Math.min(a, b))),
  norm: reduce(line => Math.sqrt(line.reduce((a, b) => a + b * b, 0))),
  all: reduce(line => (line.every(x => x === 1) ? 1 : 0)),
  any: reduce(line => (line.some(x => x === 1) ? 1 : 0)),
  argmax: reduceOne(line => line.indexOf(Math.max(...line))),
  argmin: reduceOne(line => line.indexOf(Math.min(...line))),
};

const scalars: Record<string, (...x: number[]) => number> = {
  identity: x => x,
  stop_gradient: x => x,
  exp: Math.exp,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  atan: Math.atan,
  tanh: Math.tanh,
  sigmoid: x => 1 / (1 + Math.exp(-x)),
  softplus: x => Math.log1p(Math.exp(x)),
  neg: x => -x,
  square: x => x * x,
  abs: Math.abs,
  sign: Math.sign,
  relu: x => Math.max(x, 0),
  floor: Math.floor,
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  maximum: Math.max,
  minimum: Math.min,
  floor_divide: (x, y) => Math.floor(x / y),
  modulo: (x, y) => x - y * Math.floor(x / y),
  where: (c, x, y) => (c === 1 ? x : y),
  clip: (x, lo, hi) => Math.min(Math.max(x, lo), hi),
  equal: (x, y) => Number(x === y),
  not_equal: (x, y) => Number(x !== y),
  less: (x, y) => Number(x < y),
  less_equal: (x, y) => Number(x <= y),
  greater: (x, y) => Number(x > y),
  greater_equal: (x, y) => Number(x >= y),
  and: (x, y) => Number(x === 1 && y === 1),
  or: (x, y) => Number(x === 1 || y === 1),
  not: x => 1 - x,
  isnan: x => Number(Number.isNaN(x)),
};

function scalarRule(op: string): Rule {
  if (op === 'cast') {
    return ([x], { dtype }: { dtype: string }) =>
      x!.data.map(v => (dtype === 'bool' ? Number(v !== 0) : dtype === 'int' ? Math.trunc(v) : v));
  }
  const f = scalars[op];
  if (!f) throw new Error(`no reference for ${op}`);
  return (inputs, _, shape) =>
    Array.from({ length: countOf(shape) }, (_, i) => f(...inputs.map(x => x.data[i]!)));
}
