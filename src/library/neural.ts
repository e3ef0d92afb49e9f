import type { Node } from '../graph/node';
import type { Builder } from '../ops/builder';
import type { Call, Implementation } from './call';
import { matrixProduct } from './linearAlgebra';
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

/** act(x @ W + b) with W : [in, units] and b : [units]. */
function dense(call: Call): Node {
  const { b } = call;
  const x = b.toFloat(call.node('x'));
  if (x.shape.length === 0) call.fail('rank', `dense needs an axis of features; ${call.describe('x')}`, 'x');
  const units = call.size('units');
  const weights = call.parameter('W', [x.shape.at(-1)!, units], { kind: 'xavier' });
  let output = matrixProduct(b, x, weights);
  if (call.flag('bias')) {
    output = b.add(output, call.parameter('b', [units], { kind: 'constant', value: 0 }));
  }
  return call.applyFunction('act', output);
}

export const neural: Readonly<Record<string, Implementation>> = {
  softmax: call => softmax(call.b, call.node('x'), call.axis('axis', call.node('x').shape.length)),
  log_softmax: call => logSoftmax(call.b, call.node('x'), call.axis('axis', call.node('x').shape.length)),
};

/** Built-ins that own parameters. */
export const layers: Readonly<Record<string, Implementation>> = { dense };
