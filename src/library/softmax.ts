import type { Node } from '../graph/node';
import type { Builder } from '../ops/builder';
import { logSumExp } from './reductions';

/** exp(x) / sum(exp(x)) along `axis`, shifted by the largest entry so that nothing overflows. */
export function softmax(b: Builder, x: Node, axis: number): Node {
  const float = b.toFloat(x);
  const shift = b.stopGradient(b.max(float, [axis]));
  const exponentials = b.exp(b.sub(float, b.spread(shift, float, [axis])));
  return b.div(exponentials, b.spread(b.sum(exponentials, [axis]), float, [axis]));
}

/** x - log(sum(exp(x))) along `axis`. */
export function logSoftmax(b: Builder, x: Node, axis: number): Node {
  const float = b.toFloat(x);
  return b.sub(float, b.spread(logSumExp(b, float, [axis]), float, [axis]));
}
