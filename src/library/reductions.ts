import { constantDim, type Dim } from '../graph/dimension';
import type { Node } from '../graph/node';
import { elementCount } from '../graph/shape';
import type { Builder } from '../ops/builder';
import type { OpName } from '../ops/registry';
import type { Call, Implementation } from './call';

export function allAxes(x: Node): number[] {
  return x.shape.map((_, axis) => axis);
}

/** The number of elements that a reduction over `axes` runs through, as a float scalar that follows the minibatch. */
export function countAlong(b: Builder, x: Node, axes: readonly number[]): Node {
  return b.toFloat(b.size(elementCount(axes.map(axis => x.shape[axis]!))));
}

/** Mean over `axes`, which are dropped. */
export function mean(b: Builder, x: Node, axes: readonly number[]): Node {
  return b.div(b.sum(b.toFloat(x), axes), countAlong(b, x, axes));
}

/** Sum of squared deviations from the mean, divided by count - ddof. */
export function variance(b: Builder, x: Node, axes: readonly number[], ddof: number): Node {
  const float = b.toFloat(x);
  const deviation = b.sub(float, b.spread(mean(b, float, axes), float, axes));
  const count = b.sub(countAlong(b, x, axes), b.constant(ddof));
  return b.div(b.sum(b.square(deviation), axes), count);
}

/**
 * log(sum(exp(x))), shifted by the largest entry so that nothing overflows. The shift is a constant to
 * differentiation; an infinite one is replaced by 0, so that rows of -inf give -inf and not NaN.
 */
export function logSumExp(b: Builder, x: Node, axes: readonly number[]): Node {
  const float = b.toFloat(x);
  const largest = b.stopGradient(b.max(float, axes));
  // x - x is NaN exactly where x is not finite.
  const endless = b.apply('isnan', [b.sub(largest, largest)]);
  const shift = b.where(endless, b.constant(0), largest);
  const shifted = b.sub(float, b.spread(shift, float, axes));
  return b.add(b.log(b.sum(b.exp(shifted), axes)), shift);
}

/** Puts reduced axes back with size 1. */
export function keepAxes(b: Builder, reduced: Node, x: Node, axes: readonly number[]): Node {
  const shape: Dim[] = x.shape.map((dim, axis) => (axes.includes(axis) ? constantDim(1) : dim));
  return b.reshape(reduced, shape);
}

function reduction(reduce: (call: Call, x: Node, axes: readonly number[]) => Node): Implementation {
  return call => {
    const x = call.node('x');
    const axes = call.axes('axis', x.shape.length) ?? allAxes(x);
    const reduced = reduce(call, x, axes);
    return call.flag('keepdims') ? keepAxes(call.b, reduced, x, axes) : reduced;
  };
}

const number = (call: Call, x: Node): Node => (x.dtype === 'bool' ? call.b.cast(x, 'int') : x);

function position(op: OpName): Implementation {
  return call => {
    const { b } = call;
    const x = call.node('x');
    const axes = call.axes('axis', x.shape.length);
    if (axes === undefined) {
      return b.apply(op, [b.reshape(x, [elementCount(x.shape)])], { axis: 0 });
    }
    if (axes.length !== 1) call.fail('argument-value', `${call.name} takes one axis or none`, 'axis');
    const found = b.apply(op, [x], { axis: axes[0]! });
    return call.given('keepdims') && call.flag('keepdims') ? keepAxes(b, found, x, axes) : found;
  };
}

function norm(call: Call, x: Node, axes: readonly number[]): Node {
  const { b } = call;
  const float = b.toFloat(x);
  const p = call.number('p');
  if (p === 2) return axes.length === 0 ? b.abs(float) : b.apply('norm', [float], { axes });
  if (p === 1) return b.sum(b.abs(float), axes);
  if (p === Number.POSITIVE_INFINITY) return b.max(b.abs(float), axes);
  if (!(p > 0)) return call.fail('argument-value', `the order of a norm is positive, and p is ${p}`, 'p');
  return b.pow(b.sum(b.pow(b.abs(float), b.constant(p)), axes), b.constant(1 / p));
}

export const reductions: Readonly<Record<string, Implementation>> = {
  sum: reduction((call, x, axes) => call.b.sum(number(call, x), axes)),
  mean: reduction((call, x, axes) => mean(call.b, x, axes)),
  max: reduction((call, x, axes) => call.b.max(number(call, x), axes)),
  min: reduction((call, x, axes) => call.b.min(number(call, x), axes)),
  prod: reduction((call, x, axes) =>
    axes.length === 0 ? x : call.b.apply('prod', [number(call, x)], { axes }),
  ),
  norm: reduction(norm),
  var: reduction((call, x, axes) => variance(call.b, x, axes, call.number('ddof'))),
  std: reduction((call, x, axes) => call.b.sqrt(variance(call.b, x, axes, call.number('ddof')))),
  logsumexp: reduction((call, x, axes) => logSumExp(call.b, x, axes)),
  all: reduction((call, x, axes) => call.b.apply('all', [call.b.cast(x, 'bool')], { axes })),
  any: reduction((call, x, axes) => call.b.apply('any', [call.b.cast(x, 'bool')], { axes })),
  argmax: position('argmax'),
  argmin: position('argmin'),
  cumsum: call => {
    const { b } = call;
    const x = number(call, call.node('x'));
    const axes = call.axes('axis', x.shape.length);
    const [along, axis] = axes ? [x, axes[0]!] : [b.reshape(x, [elementCount(x.shape)]), 0];
    return b.apply('cumsum', [along], { axis, reverse: false });
  },
};
