import type { Node } from '../graph/node';
import type { Builder } from '../ops/builder';
import type { ElementwiseOp, Slope } from '../ops/definition';

/** The derivative of an elementwise node in one operand, adding its nodes to the builder's graph. */
export function slopeOf(definition: ElementwiseOp<object>, node: Node, operand: number, b: Builder): Slope {
  const partial = definition.partials(node.inputs, node, b, node.attributes)[operand]!;
  return typeof partial === 'function' ? partial() : partial;
}

/** `x` times a derivative; `null` where that is zero. */
export function timesSlope(x: Node, slope: Slope, b: Builder): Node | null {
  if (slope === null || slope === 0) return null;
  if (typeof slope === 'number') {
    if (slope === 1) return x;
    return slope === -1 ? b.neg(x) : b.mul(x, b.constant(slope));
  }
  if ('where' in slope) {
    const value = timesSlope(x, slope.value, b) ?? b.constant(0);
    const otherwise = timesSlope(x, slope.otherwise, b) ?? b.constant(0);
    return b.where(slope.where, value, otherwise);
  }
  // A mask chooses: infinity where the mask is false must not become NaN.
  return slope.dtype === 'bool' ? b.where(slope, x, b.constant(0)) : b.mul(x, slope);
}
