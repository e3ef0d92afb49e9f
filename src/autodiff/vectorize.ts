import { compareDims, printDim } from '../graph/dimension';
import { ancestors } from '../graph/graph';
import type { Node } from '../graph/node';
import { compatibleShapes, printShape } from '../graph/shape';
import type { Builder } from '../ops/builder';
import type { OpName } from '../ops/registry';
import { type Batch, batchRules } from './batchRules';

/**
 * `outputs` for a whole batch of values of other nodes at once: each key of `batched` takes the values along the first
 * axis of what it is mapped to, and so has each output along a new first axis. From graph to graph, and linear in it:
 * only what depends on those nodes is built anew.
 *
 * `outputs` may be of a fork of the builder's graph. What they need of the fork comes over, so that nothing is left
 * behind of what stood for one value.
 */
export function vectorize(
  b: Builder,
  outputs: readonly Node[],
  batched: ReadonlyMap<Node, Node>,
): readonly Node[] {
  const batch: Batch = { b, size: sizeOf(batched) };
  const replaced = new Map<Node, Node>();
  const own = new Map<Node, Node>();
  for (const node of ancestors(outputs, new Set(batched.keys()))) {
    const values = batched.get(node);
    if (values) replaced.set(node, values);
    else if (node.inputs.some(input => replaced.has(input))) {
      const operands = node.inputs.map(input => {
        const values = replaced.get(input);
        return values ? { node: values, batched: true } : { node: own.get(input)!, batched: false };
      });
      const rule = batchRules[node.op as OpName];
      const built = b.within(node.provenance, () => rule(node, operands, batch));
      checkShape(node, built, batch);
      replaced.set(node, built);
    } else own.set(node, ownCopy(b, node, own));
  }
  return outputs.map(output => {
    const values = replaced.get(output);
    return values ?? b.broadcast(own.get(output)!, [batch.size, ...output.shape], [0]);
  });
}

function sizeOf(batched: ReadonlyMap<Node, Node>) {
  const [first] = batched.values();
  const [size] = first?.shape ?? [];
  if (!size) throw new Error('a batch of values is needed');
  for (const [node, values] of batched) {
    if (!compatibleShapes(values.shape, [size, ...node.shape])) {
      throw new Error(`${printShape(values.shape)} is no batch of ${printShape(node.shape)}`);
    }
  }
  return size;
}

/** The node itself, or a copy of one that belongs to a fork. */
function ownCopy(b: Builder, node: Node, own: ReadonlyMap<Node, Node>): Node {
  if (b.graph.nodes[node.id] === node) return node;
  const inputs = node.inputs.map(input => own.get(input)!);
  return b.within(node.provenance, () => b.apply(node.op as OpName, inputs, node.attributes));
}

function checkShape(node: Node, built: Node, { size }: Batch): void {
  const first = built.shape[0];
  if (first && compareDims(first, size) !== 'different' && built.shape.length === node.shape.length + 1)
    return;
  throw new Error(
    `a batch of ${printDim(size)} of ${node.op} ${printShape(node.shape)} has ${printShape(built.shape)}`,
  );
}
