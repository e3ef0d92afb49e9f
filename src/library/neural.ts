import type { Node } from '../graph/node';
import { attention } from './attention';
import type { Call, Implementation } from './call';
import { convolutionLayers, convolutions } from './convolution';
import { dropout } from './dropout';
import { embedding } from './embedding';
import { matrixProduct } from './linearAlgebra';
import { normalizationLayers } from './normalization';
import { pooling } from './pooling';
import { recurrentLayers } from './recurrent';
import { logSoftmax, softmax } from './softmax';

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
  attention,
  dropout,
  ...convolutions,
  ...pooling,
};

/** Built-ins that own parameters. */
export const layers: Readonly<Record<string, Implementation>> = {
  dense,
  embedding,
  ...convolutionLayers,
  ...normalizationLayers,
  ...recurrentLayers,
};
