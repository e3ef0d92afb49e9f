import type { Node } from '../graph/node';
import { equalShapes } from '../graph/shape';
import type { DType, Shape } from '../graph/types';
import { Builder } from './builder';

/**
 * For derivatives of a whole model, which are computed and not drawn. Their rules are full of small numbers, repeated to
 * the shape of an operand: equal ones are one node, which makes a third of all nodes superfluous.
 */
export class DerivationBuilder extends Builder {
  private readonly constants = new Map<string, Node>();
  private readonly repeated = new Map<Node, Node[]>();

  override constant(value: number, dtype: DType = 'float'): Node {
    const key = `${Object.is(value, -0) ? '-0' : value} ${dtype}`;
    let node = this.constants.get(key);
    if (!node) this.constants.set(key, (node = super.constant(value, dtype)));
    return node;
  }

  override broadcast(x: Node, shape: Shape, axes: readonly number[]): Node {
    if (x.op !== 'constant' || x.shape.length > 0) return super.broadcast(x, shape, axes);
    let repeated = this.repeated.get(x);
    if (!repeated) this.repeated.set(x, (repeated = []));
    const known = repeated.find(node => equalShapes(node.shape, shape));
    if (known) return known;
    const node = super.broadcast(x, shape, axes);
    if (node !== x) repeated.push(node);
    return node;
  }
}
