import type { Node } from '../graph/node';
import type { Builder } from '../ops/builder';
import type { OpName } from '../ops/registry';
import type { Call, Implementation } from './call';
import { logSoftmax, softmax } from './softmax';

/** A primitive of one operand that takes floats. */
function floatOp(op: OpName): Implementation {
  return call => call.b.apply(op, [call.b.toFloat(call.node('x'))]);
}

/** A primitive of one operand that keeps ints. */
function numberOp(op: OpName): Implementation {
  return call => {
    const x = call.node('x');
    return call.b.apply(op, [x.dtype === 'bool' ? call.b.cast(x, 'int') : x]);
  };
}

/** Functions of one tensor that the rest of the library and `act =` use without a call. */
export const activations: Readonly<Record<string, (b: Builder, x: Node) => Node>> = {
  relu: (b, x) => b.relu(x),
  tanh: (b, x) => b.tanh(x),
  sigmoid: (b, x) => b.sigmoid(x),
  softplus: (b, x) => b.apply('softplus', [b.toFloat(x)]),
  leaky_relu: (b, x) => leakyRelu(b, x, 0.01),
  elu: (b, x) => b.apply('elu', [b.toFloat(x)], { alpha: 1 }),
  gelu: (b, x) => gelu(b, b.toFloat(x)),
  silu: (b, x) => b.mul(x, b.sigmoid(x)),
  exp: (b, x) => b.exp(x),
  log: (b, x) => b.log(x),
  sqrt: (b, x) => b.sqrt(x),
  square: (b, x) => b.square(x),
  abs: (b, x) => b.abs(x),
  sign: (b, x) => b.sign(x),
  sin: (b, x) => b.sin(x),
  cos: (b, x) => b.cos(x),
  softmax: (b, x) => softmax(b, x, x.shape.length - 1),
  log_softmax: (b, x) => logSoftmax(b, x, x.shape.length - 1),
};

export const elementwise: Readonly<Record<string, Implementation>> = {
  exp: floatOp('exp'),
  log: floatOp('log'),
  log1p: floatOp('log1p'),
  log2: call => call.b.div(call.b.log(call.node('x')), call.b.constant(Math.LN2)),
  log10: call => call.b.div(call.b.log(call.node('x')), call.b.constant(Math.LN10)),
  sqrt: floatOp('sqrt'),
  sin: floatOp('sin'),
  cos: floatOp('cos'),
  tan: floatOp('tan'),
  tanh: floatOp('tanh'),
  sigmoid: floatOp('sigmoid'),
  softplus: floatOp('softplus'),
  erf: floatOp('erf'),
  atan: floatOp('atan'),
  square: numberOp('square'),
  abs: numberOp('abs'),
  sign: numberOp('sign'),
  relu: numberOp('relu'),
  floor: numberOp('floor'),
  round: numberOp('round'),
  isnan: floatOp('isnan'),
  elu: call => call.b.apply('elu', [call.b.toFloat(call.node('x'))], { alpha: call.number('alpha') }),
  leaky_relu: call => leakyRelu(call.b, call.node('x'), call.number('alpha')),
  prelu,
  gelu: call => gelu(call.b, call.b.toFloat(call.node('x'))),
  silu: call => activations.silu!(call.b, call.node('x')),
  maximum: call => call.b.maximum(call.node('a'), call.node('b')),
  minimum: call => call.b.minimum(call.node('a'), call.node('b')),
  clip: call => call.b.elementwise('clip', [call.node('x'), call.node('lo'), call.node('hi')]),
  where: call => call.b.where(call.node('c'), call.node('a'), call.node('b')),
  xlogy: call =>
    call.b.elementwise('xlogy', [call.b.toFloat(call.node('p')), call.b.toFloat(call.node('q'))]),
  float: call => call.b.cast(call.node('x'), 'float'),
  int: call => call.b.cast(call.node('x'), 'int'),
  bool: call => call.b.cast(call.node('x'), 'bool'),
  stop_gradient: call => call.b.stopGradient(call.node('x')),
};

/** x where x > 0, else alpha * x; the derivative at 0 is alpha, as in PyTorch. */
function leakyRelu(b: Builder, x: Node, alpha: number): Node {
  return b.where(b.greater(x, b.constant(0)), x, b.mul(b.constant(alpha), x));
}

/** x * Phi(x) with the exact normal distribution function: x/2 * (1 + erf(x / sqrt 2)). */
function gelu(b: Builder, x: Node): Node {
  const phi = b.mul(
    b.constant(0.5),
    b.add(b.constant(1), b.apply('erf', [b.mul(x, b.constant(Math.SQRT1_2))])),
  );
  return b.mul(x, phi);
}

/** The slope for negative entries is learned: one number, or one per channel (axis 1). */
function prelu(call: Call): Node {
  const { b } = call;
  const x = call.node('x');
  let slope = call.node('a');
  if (slope.shape.length > 1) {
    call.fail('rank', 'the slope is one number or one per channel', 'a');
  }
  if (slope.shape.length === 1) {
    if (x.shape.length < 2)
      call.fail('rank', `one slope per channel needs an axis 1; ${call.describe('x')}`, 'a');
    const axes = x.shape.map((_, axis) => axis).filter(axis => axis !== 1);
    const shape = x.shape.map((dim, axis) => (axis === 1 ? slope.shape[0]! : dim));
    slope = b.broadcast(slope, shape, axes);
  }
  return b.where(b.greater(x, b.constant(0)), x, b.mul(slope, x));
}
