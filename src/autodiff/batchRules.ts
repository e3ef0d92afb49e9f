import { constantDim, type Dim, multiplyDims } from '../graph/dimension';
import type { Attributes, Node } from '../graph/node';
import type { Builder } from '../ops/builder';
import { comparisonOps } from '../ops/comparison';
import type { ContractAttributes } from '../ops/contraction';
import { OpError } from '../ops/definition';
import { elementwiseOps } from '../ops/elementwise';
import type {
  AxesAttributes,
  AxisAttributes,
  BroadcastAttributes,
  ReshapeAttributes,
  ScatterAddAttributes,
  SliceAttributes,
  TransposeAttributes,
} from '../ops/linear';
import type { OpName } from '../ops/registry';

/** The batch that a part of a graph is evaluated for: the size of the new first axis. */
export interface Batch {
  readonly b: Builder;
  readonly size: Dim;
}

/** An operand of a node that is built anew; `batched` has the new axis. */
export interface Operand {
  readonly node: Node;
  readonly batched: boolean;
}

/** Builds `node` for a batch; at least one operand is batched. The result has the new axis. */
type Rule = (node: Node, operands: readonly Operand[], batch: Batch) => Node;

/** An operand with the new axis: what does not depend on the batch is repeated. */
function lifted({ node, batched }: Operand, { b, size }: Batch): Node {
  if (batched) return node;
  if (node.op !== 'broadcast') return b.broadcast(node, [size, ...node.shape], [0]);
  // One repetition instead of two.
  const { shape, axes } = node.attributes as BroadcastAttributes;
  return b.broadcast(node.inputs[0]!, [size, ...shape], [0, ...next(axes)]);
}

/** All operands with the new axis, and the axes in the attributes moved on by it. */
const stacked =
  <A extends Attributes>(attributes: (given: A, batch: Batch) => Attributes): Rule =>
  (node, operands, batch) =>
    batch.b.apply(
      node.op as OpName,
      operands.map(operand => lifted(operand, batch)),
      attributes(node.attributes as A, batch),
    );

const unchanged = stacked(attributes => attributes);
const nextAxes = stacked(({ axes, ...rest }: AxesAttributes) => ({ ...rest, axes: next(axes) }));
const nextAxis = stacked(({ axis, ...rest }: AxisAttributes) => ({ ...rest, axis: axis + 1 }));
const window = stacked(({ start, step, shape }: SliceAttributes, { size }) => ({
  start: [constantDim(0), ...start],
  step: [1, ...step],
  shape: [size, ...shape],
}));

const reshaped = stacked(({ shape, ...rest }: ReshapeAttributes, { size }) => ({
  ...rest,
  shape: [size, ...shape],
}));

/** Without operands that could depend on anything. */
const never: Rule = node => {
  throw new Error(`${node.op} depends on nothing`);
};

const refused: Rule = node => {
  throw new OpError('argument-value', `${node.op} cannot be evaluated for many values at once`);
};

const contract: Rule = (node, [x, y], { b }) => {
  const { left, right, out } = node.attributes as ContractAttributes;
  const label = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'].find(
    letter => !`${left}${right}`.includes(letter),
  )!;
  return b.contract(
    x!.node,
    y!.node,
    x!.batched ? label + left : left,
    y!.batched ? label + right : right,
    label + out,
  );
};

const gather: Rule = (node, [x, positions], batch) => {
  const { axis } = node.attributes as AxisAttributes;
  const { b } = batch;
  if (!positions!.batched) return b.gather(x!.node, positions!.node, axis + 1);
  if (!x!.batched) return moveAxis(b.gather(x!.node, positions!.node, axis), axis, 0, b);
  // All entries of the batch in one axis, and the positions moved on to their own.
  const entries = node.inputs[0]!.shape[axis]!;
  const joined = mergeAxes(moveAxis(x!.node, 0, axis, b), axis, b);
  return moveAxis(b.gather(joined, offset(positions!.node, entries, b), axis), axis, 0, b);
};

const scatterAdd: Rule = (node, [x, positions], batch) => {
  const { axis, size } = node.attributes as ScatterAddAttributes;
  const { b } = batch;
  if (!positions!.batched) return b.scatterAdd(x!.node, positions!.node, axis + 1, size);
  const values = moveAxis(lifted(x!, batch), 0, axis, b);
  const all = multiplyDims(batch.size, size);
  const joined = b.scatterAdd(values, offset(positions!.node, size, b), axis, all);
  const { shape } = joined;
  const apart = [...shape.slice(0, axis), batch.size, size, ...shape.slice(axis + 1)];
  return moveAxis(b.reshape(joined, apart), axis, 0, b);
};

/** A X = B with one A: the batch is more columns of B, so that A is factored once. */
const solve: Rule = (node, operands, batch) => {
  const [A, B] = operands as [Operand, Operand];
  if (A.batched) return unchanged(node, operands, batch);
  const { b } = batch;
  const last = B.node.shape.length - 1;
  const wide = moveAxis(B.node, 0, last - 1, b);
  const X = b.apply(node.op as OpName, [A.node, mergeAxes(wide, last - 1, b)], node.attributes);
  return moveAxis(b.reshape(X, [...X.shape.slice(0, -1), ...wide.shape.slice(-2)]), last - 1, 0, b);
};

type ScalarName = keyof typeof elementwiseOps | keyof typeof comparisonOps;

/** Operands have the result's shape, and so have they with the new axis. */
const scalars = Object.fromEntries(
  [...Object.keys(elementwiseOps), ...Object.keys(comparisonOps)].map(name => [name, unchanged]),
) as Record<ScalarName, Rule>;

/** How each op is built for a batch, once. */
export const batchRules = {
  ...scalars,
  position: unchanged,

  input: never,
  parameter: never,
  data: never,
  rows: never,
  buffer: never,
  random_mask: never,
  constant: never,
  size: never,
  iota: never,
  numeric_gradient: refused,

  reshape: reshaped,
  transpose: stacked(({ permutation }: TransposeAttributes) => ({ permutation: [0, ...next(permutation)] })),
  broadcast: stacked(({ shape, axes }: BroadcastAttributes, { size }) => ({
    shape: [size, ...shape],
    axes: next(axes),
  })),
  sum: nextAxes,
  concat: nextAxis,
  slice: window,
  unslice: window,
  gather,
  scatter_add: scatterAdd,
  cumsum: nextAxis,
  // Of the last axes.
  tril: unchanged,
  window: unchanged,
  unwindow: reshaped,

  contract,

  max: nextAxes,
  min: nextAxes,
  prod: nextAxes,
  norm: nextAxes,
  all: nextAxes,
  any: nextAxes,
  recurrence: nextAxis,
  argmax: nextAxis,
  argmin: nextAxis,
  argsort: nextAxis,

  solve,
  det: unchanged,
  lstsq: solve,
} satisfies Record<OpName, Rule>;

function next(axes: readonly number[]): number[] {
  return axes.map(axis => axis + 1);
}

export function moveAxis(x: Node, from: number, to: number, b: Builder): Node {
  const order = x.shape.map((_, axis) => axis).filter(axis => axis !== from);
  order.splice(to, 0, from);
  return b.transpose(x, order);
}

/** An axis and the one after it as one. */
function mergeAxes(x: Node, axis: number, b: Builder): Node {
  const { shape } = x;
  const merged = multiplyDims(shape[axis]!, shape[axis + 1]!);
  return b.reshape(x, [...shape.slice(0, axis), merged, ...shape.slice(axis + 2)]);
}

/** Positions in axes of size `entries` as positions in all those axes one after the other. */
function offset(positions: Node, entries: Dim, b: Builder): Node {
  return b.add(positions, b.mul(b.iota(positions.shape, 0), b.size(entries)));
}
