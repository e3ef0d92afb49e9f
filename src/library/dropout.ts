import type { Node } from '../graph/node';
import type { Call } from './call';

/**
 * N. Srivastava et al., 2014, inverted: in training an entry is 0 with probability p and the others are divided by
 * 1 - p, so that nothing changes in evaluation. With p = 1 nothing is kept, as in PyTorch.
 */
export function dropout(call: Call): Node {
  const { b } = call;
  const x = b.toFloat(call.node('x'));
  const p = call.number('p');
  if (!(p >= 0 && p <= 1)) call.fail('argument-value', `p is a share from 0 to 1, not ${p}`, 'p');
  const given = call.optionalNode('mask');
  if (!call.training() || (p === 0 && !given)) return b.identity(x);
  const mask = given ? b.broadcastTo(b.toFloat(given), x.shape) : b.toFloat(call.mask(p, x.shape));
  const kept = b.mul(x, mask);
  return p === 1 ? b.mul(kept, b.constant(0)) : b.div(kept, b.constant(1 - p));
}
