import type { Node } from '../graph/node';
import type { Call } from './call';
import { matrixProduct, matrixTranspose } from './linearAlgebra';
import { softmax } from './softmax';

/**
 * A. Vaswani et al., "Attention is all you need", 2017: softmax(q k^T / sqrt(d) + mask) v. A mask of truth values says
 * where to look, as in PyTorch; other places count minus infinity.
 */
export function attention(call: Call): Node {
  const { b } = call;
  const [q, k, v] = ['q', 'k', 'v'].map(name => {
    const x = b.toFloat(call.node(name));
    if (x.shape.length < 2) {
      call.fail('rank', `attention takes ${name} as [.., T, d]; ${call.describe(name)}`, name);
    }
    return x;
  }) as [Node, Node, Node];
  const width = b.sqrt(b.toFloat(b.size(q.shape.at(-1)!)));
  let scores = b.div(matrixProduct(b, q, matrixTranspose(b, k)), width);
  const mask = call.optionalNode('mask');
  if (mask) {
    const added =
      mask.dtype === 'bool'
        ? b.where(mask, b.constant(0), b.constant(Number.NEGATIVE_INFINITY))
        : b.toFloat(mask);
    scores = b.add(scores, b.broadcastTo(added, scores.shape));
  }
  return matrixProduct(b, softmax(b, scores, scores.shape.length - 1), v);
}
