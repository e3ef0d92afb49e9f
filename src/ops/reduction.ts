import type { Node } from '../graph/node';
import type { Builder } from './builder';
import { type ConstantOp, type CustomOp, OpError, type TensorType } from './definition';
import { requireAxes, requireAxis, requireDType, withoutAxes } from './infer';
import type { AxesAttributes, AxisAttributes } from './linear';
import { productOfOthers, recurrence } from './recurrence';

export type ReductionName =
  | 'max'
  | 'min'
  | 'prod'
  | 'norm'
  | 'recurrence'
  | 'argmax'
  | 'argmin'
  | 'argsort'
  | 'all'
  | 'any';

/** Ties split evenly. Where the extremes are is a constant when differentiated again. */
const extreme = (which: 'max' | 'min'): CustomOp<AxesAttributes> => ({
  kind: 'custom',
  infer: ([x], { axes }) => reduced(x!, axes, which),
  vjp: (ct, [x], output, b, { axes }) => {
    const { hit, count } = hits(x!, output, axes, b);
    return [b.where(hit, b.spread(b.div(ct, count), x!, axes), b.constant(0))];
  },
  jvp: ([tangent], [x], output, b, { axes }) => {
    if (!tangent) return null;
    const { hit, count } = hits(x!, output, axes, b);
    return b.div(b.sum(b.where(hit, tangent, b.constant(0)), axes), count);
  },
  rule: (_, { operands }) => `g where ${operands[0]} is the ${which}imum, split evenly over ties, else 0`,
});

/** Where `x` attains its extreme, and how many times it does. */
function hits(x: Node, output: Node, axes: readonly number[], b: Builder): { hit: Node; count: Node } {
  const hit = b.equal(x, b.spread(output, x, axes));
  return { hit, count: b.sum(b.toFloat(hit), axes) };
}

const position = (name: string): ConstantOp<AxisAttributes> => ({
  kind: 'nondifferentiable',
  infer: ([x], { axis }) => {
    requireAxis(x!, axis, name);
    return { dtype: 'int', shape: withoutAxes(x!.shape, [axis]) };
  },
});

const logical = (name: string): ConstantOp<AxesAttributes> => ({
  kind: 'nondifferentiable',
  infer: ([x], { axes }) => {
    requireDType(x!, ['bool'], name);
    return reduced(x!, axes, name);
  },
});

export const reductionOps = {
  max: extreme('max'),
  min: extreme('min'),

  // d(prod x)/dx_i = the product of the others
  prod: {
    kind: 'custom',
    infer: ([x], { axes }: AxesAttributes) => {
      if (x!.dtype === 'bool') throw new OpError('dtype', 'prod takes float or int, not bool');
      return reduced(x!, axes, 'prod');
    },
    vjp: (ct, [x], _, b, { axes }: AxesAttributes) => [
      b.mul(b.spread(ct, x!, axes), productOfOthers(x!, axes, b)),
    ],
    jvp: ([tangent], [x], _, b, { axes }: AxesAttributes) =>
      tangent ? b.sum(b.mul(tangent, productOfOthers(x!, axes, b)), axes) : null,
    rule: (_, { operands }) => `g · (product of the other elements of ${operands[0]})`,
  },

  // d|x|/dx = x/|x|, and 0 at the zero vector
  norm: {
    kind: 'custom',
    infer: ([x], { axes }: AxesAttributes) => {
      requireDType(x!, ['float'], 'norm');
      return reduced(x!, axes, 'norm');
    },
    vjp: (ct, [x], output, b, { axes }: AxesAttributes) => [
      b.mul(x!, b.spread(overLength(ct, output, b), x!, axes)),
    ],
    jvp: ([tangent], [x], output, b, { axes }: AxesAttributes) =>
      tangent ? overLength(b.sum(b.mul(x!, tangent), axes), output, b) : null,
    rule: (_, { operands, output }) => `g · ${operands[0]} / ${output}, and 0 at the zero vector`,
  },

  recurrence,

  /** The first position of the largest. */
  argmax: position('argmax'),
  argmin: position('argmin'),

  /** Positions in ascending order of the values; equal values keep their order. */
  argsort: {
    kind: 'nondifferentiable',
    infer: ([x], { axis }: AxisAttributes) => {
      requireAxis(x!, axis, 'argsort');
      return { dtype: 'int', shape: x!.shape };
    },
  },

  all: logical('all'),
  any: logical('any'),
} satisfies Record<ReductionName, CustomOp<object> | ConstantOp<object>>;

function reduced({ dtype, shape }: TensorType, axes: readonly number[], what: string): TensorType {
  requireAxes({ dtype, shape }, axes, what);
  return { dtype, shape: withoutAxes(shape, axes) };
}

/** `x / length`, and 0 where the length is 0. */
function overLength(x: Node, length: Node, b: Builder): Node {
  const zero = b.equal(length, b.constant(0));
  return b.where(zero, b.constant(0), b.div(x, b.where(zero, b.constant(1), length)));
}
