import type { Node } from '../graph/node';
import type { Builder } from './builder';
import type { ElementwiseOp, Slope, TensorType } from './definition';
import { requireDType } from './infer';

export type UnaryName =
  | 'exp'
  | 'log'
  | 'log1p'
  | 'sqrt'
  | 'sin'
  | 'cos'
  | 'tan'
  | 'atan'
  | 'tanh'
  | 'sigmoid'
  | 'softplus'
  | 'elu'
  | 'erf'
  | 'neg'
  | 'square'
  | 'abs'
  | 'sign'
  | 'relu'
  | 'floor'
  | 'round';

export interface EluAttributes {
  readonly alpha: number;
}

const floats = ['float'] as const;
const numbers = ['float', 'int'] as const;

/** `x` operand, `y` result. */
type Derivative = (x: Node, y: Node, b: Builder) => Slope;

/** A smooth function of floats. */
const smooth = (scalar: (x: string) => string, derivative: Derivative): ElementwiseOp<object> => ({
  kind: 'elementwise',
  takes: 'float',
  infer: ([x]) => floatType(x!),
  scalar: ([x]) => scalar(x!),
  partials: ([x], y, b) => [() => derivative(x!, y, b)],
});

/** A function that keeps ints whole. */
const whole = (scalar: (x: string) => string, derivative: Derivative): ElementwiseOp<object> => ({
  kind: 'elementwise',
  takes: 'number',
  infer: ([x]) => {
    requireDType(x!, numbers, 'arithmetic');
    return { dtype: x!.dtype, shape: x!.shape };
  },
  scalar: ([x]) => scalar(x!),
  partials: ([x], y, b) => [() => derivative(x!, y, b)],
});

const floatType = (x: TensorType): TensorType => {
  requireDType(x, floats, 'a float function');
  return { dtype: 'float', shape: x.shape };
};

/** Functions of one operand; the derivative stands second. */
export const unaryOps = {
  exp: smooth(
    x => `Math.exp(${x})`,
    (_, y) => y,
  ),
  // 1/x, infinite at 0
  log: smooth(
    x => `Math.log(${x})`,
    (x, _, b) => b.div(b.constant(1), x),
  ),
  log1p: smooth(
    x => `Math.log1p(${x})`,
    (x, _, b) => b.div(b.constant(1), b.add(b.constant(1), x)),
  ),
  // 1/(2 sqrt x), infinite at 0
  sqrt: smooth(
    x => `Math.sqrt(${x})`,
    (_, y, b) => b.div(b.constant(1), b.mul(b.constant(2), y)),
  ),
  sin: smooth(
    x => `Math.sin(${x})`,
    (x, _, b) => b.cos(x),
  ),
  cos: smooth(
    x => `Math.cos(${x})`,
    (x, _, b) => b.neg(b.sin(x)),
  ),
  tan: smooth(
    x => `Math.tan(${x})`,
    (_, y, b) => b.add(b.constant(1), b.square(y)),
  ),
  atan: smooth(
    x => `Math.atan(${x})`,
    (x, _, b) => b.div(b.constant(1), b.add(b.constant(1), b.square(x))),
  ),
  tanh: smooth(
    x => `Math.tanh(${x})`,
    (_, y, b) => b.sub(b.constant(1), b.square(y)),
  ),
  sigmoid: smooth(
    x => `sigmoid(${x})`,
    (_, y, b) => b.mul(y, b.sub(b.constant(1), y)),
  ),
  softplus: smooth(
    x => `softplus(${x})`,
    (x, _, b) => b.sigmoid(x),
  ),
  erf: smooth(
    x => `erf(${x})`,
    (x, _, b) => b.mul(b.constant(2 / Math.sqrt(Math.PI)), b.exp(b.neg(b.square(x)))),
  ),

  /** x above 0, alpha (e^x - 1) below; at 0 the slope is that from below, alpha. */
  elu: {
    kind: 'elementwise',
    takes: 'float',
    infer: ([x]) => floatType(x!),
    scalar: ([x], { alpha }: EluAttributes) => `elu(${x}, ${alpha})`,
    partials: ([x], _, b, { alpha }: EluAttributes) => [
      () => {
        // The exponential sees only x < 0: it cannot overflow, and its own derivative at 0 is 0, as in PyTorch.
        const below = b.where(b.less(x!, b.constant(0)), x!, b.constant(0));
        return {
          where: b.greater(x!, b.constant(0)),
          value: 1,
          otherwise: b.mul(b.constant(alpha), b.exp(below)),
        };
      },
    ],
  },

  neg: {
    ...whole(
      x => `(-${x})`,
      () => -1,
    ),
    sign: () => '-',
  },
  square: whole(
    x => `(${x} * ${x})`,
    (x, _, b) => b.mul(b.constant(2), x),
  ),
  // 0 at 0
  abs: whole(
    x => `Math.abs(${x})`,
    (x, _, b) => b.sign(x),
  ),
  sign: whole(
    x => `Math.sign(${x})`,
    () => null,
  ),
  // 0 at 0
  relu: whole(
    x => `Math.max(${x}, 0)`,
    (x, _, b) => b.greater(x, b.constant(0)),
  ),
  floor: whole(
    x => `Math.floor(${x})`,
    () => null,
  ),
  round: whole(
    x => `roundEven(${x})`,
    () => null,
  ),
} satisfies Record<UnaryName, ElementwiseOp<object>>;
