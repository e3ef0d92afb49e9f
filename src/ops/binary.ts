import type { Node } from '../graph/node';
import type { Builder } from './builder';
import { scalarConstant } from './constant';
import type { ElementwiseOp, Inference, Partial, Slope } from './definition';
import { commonShape, requireDType, sameDType } from './infer';

export type BinaryName =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'pow'
  | 'maximum'
  | 'minimum'
  | 'floor_divide'
  | 'modulo'
  | 'xlogy';

type Partials = (x: Node, y: Node, output: Node, b: Builder) => readonly Partial[];

const dtypes = { float: ['float'], number: ['float', 'int'] } as const;

const binary = (
  takes: 'float' | 'number',
  sign: string | undefined,
  scalar: (x: string, y: string) => string,
  partials: Partials,
): ElementwiseOp<object> => ({
  kind: 'elementwise',
  takes,
  infer: (inputs, _, inference: Inference) => {
    const what = sign ?? 'arithmetic';
    for (const input of inputs) requireDType(input, dtypes[takes], what);
    return { dtype: sameDType(inputs, what), shape: commonShape(inputs, inference, what) };
  },
  scalar: ([x, y]) => scalar(x!, y!),
  partials: ([x, y], output, b) => partials(x!, y!, output, b),
  ...(sign ? { sign: () => sign } : {}),
});

/** Functions of two operands; the derivatives stand last. */
export const binaryOps = {
  add: binary(
    'number',
    '+',
    (x, y) => `(${x} + ${y})`,
    () => [1, 1],
  ),
  sub: binary(
    'number',
    '-',
    (x, y) => `(${x} - ${y})`,
    () => [1, -1],
  ),
  mul: binary(
    'number',
    '*',
    (x, y) => `(${x} * ${y})`,
    (x, y) => [y, x],
  ),
  // d(x/y)/dy = -(x/y)/y
  div: binary(
    'float',
    '/',
    (x, y) => `(${x} / ${y})`,
    (_, y, output, b) => [() => b.div(b.constant(1), y), () => b.neg(b.div(output, y))],
  ),
  pow: binary(
    'float',
    '**',
    (x, p) => `power(${x}, ${p})`,
    (x, p, output, b) => [() => baseSlope(x, p, b), () => exponentSlope(x, p, output, b)],
  ),
  // Equal operands get half each.
  maximum: binary(
    'number',
    undefined,
    (x, y) => `Math.max(${x}, ${y})`,
    (x, y, _, b) => [
      () => ({ where: b.equal(x, y), value: 0.5, otherwise: b.greater(x, y) }),
      () => ({ where: b.equal(x, y), value: 0.5, otherwise: b.less(x, y) }),
    ],
  ),
  minimum: binary(
    'number',
    undefined,
    (x, y) => `Math.min(${x}, ${y})`,
    (x, y, _, b) => [
      () => ({ where: b.equal(x, y), value: 0.5, otherwise: b.less(x, y) }),
      () => ({ where: b.equal(x, y), value: 0.5, otherwise: b.greater(x, y) }),
    ],
  ),
  floor_divide: binary(
    'number',
    '//',
    (x, y) => `floorDivide(${x}, ${y})`,
    () => [null, null],
  ),
  // x - y floor(x/y)
  modulo: binary(
    'number',
    '%',
    (x, y) => `modulo(${x}, ${y})`,
    (x, y, _, b) => [1, () => b.neg(b.elementwise('floor_divide', [x, y]))],
  ),
  // d/dp = log q, but 0 where p = 0 and q <= 0; d/dq = p/q
  xlogy: binary(
    'float',
    undefined,
    (p, q) => `xlogy(${p}, ${q})`,
    (p, q, _, b) => [
      () => {
        const outside = b.and(b.equal(p, b.constant(0)), b.lessEqual(q, b.constant(0)));
        return b.log(guarded(q, outside, b));
      },
      () => b.div(p, q),
    ],
  ),
} satisfies Record<BinaryName, ElementwiseOp<object>>;

/**
 * d(x^p)/dx = p x^(p-1), and 0 where p is 0, even at 0^0. With a known exponent it is written without the power
 * where it can be, so that higher derivatives of x^2 stay finite at 0.
 */
function baseSlope(x: Node, p: Node, b: Builder): Slope {
  const exponent = scalarConstant(p);
  if (exponent === 0) return null;
  if (exponent === 1) return 1;
  if (exponent === 2) return b.mul(b.constant(2), x);
  if (exponent !== undefined) return b.mul(b.constant(exponent), b.pow(x, b.constant(exponent - 1)));
  const origin = b.and(b.equal(x, b.constant(0)), b.equal(p, b.constant(0)));
  return b.mul(p, b.pow(guarded(x, origin, b), b.sub(p, b.constant(1))));
}

/** d(x^p)/dp = x^p log x, and 0 where x is 0 and p >= 0. */
function exponentSlope(x: Node, p: Node, output: Node, b: Builder): Slope {
  const outside = b.and(b.equal(x, b.constant(0)), b.greaterEqual(p, b.constant(0)));
  return b.mul(output, b.log(guarded(x, outside, b)));
}

/**
 * `x`, with 1 in its place where the formula around it has no value but the derivative is 0. Choosing the operand
 * instead of the result keeps infinities out of higher derivatives too.
 */
function guarded(x: Node, where: Node, b: Builder): Node {
  return b.where(where, b.constant(1), x);
}
