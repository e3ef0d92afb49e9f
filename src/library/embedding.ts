import type { Node } from '../graph/node';
import type { Call } from './call';

/** W[i] with W : [vocabulary, units]; a number outside the vocabulary fails the run. */
export function embedding(call: Call): Node {
  const { b } = call;
  const i = call.node('i');
  const [vocabulary, units] = [call.size('vocabulary'), call.size('units')];
  if (i.dtype === 'bool') call.fail('dtype', 'an embedding looks up whole numbers, not truth values', 'i');
  const weights = call.parameter('W', [vocabulary, units], { kind: 'xavier' });
  const position = b.apply('position', [i], { size: vocabulary, wrap: false, what: 'number' });
  return b.gather(weights, position, 0);
}
