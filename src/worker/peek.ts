import { ancestors } from '../graph/graph';
import type { Node } from '../graph/node';
import { countIn } from '../graph/shape';
import type { Sizes } from '../graph/types';
import type { ContractAttributes } from '../ops/contraction';
import { attributesOf } from '../ops/leaf';
import type { Dataset } from '../training/dataset';

/** Scalar operations that 64-bit generated code does in a millisecond, measured on a 2-core machine. */
const OPERATIONS_PER_MILLISECOND = 300_000;

/** A forward and backward pass is about three times the forward one. */
const PASSES = 3;

/** How long a pass may take before the editor looks at a minibatch instead of all rows. */
const PATIENCE_MILLISECONDS = 20;

/**
 * The rows that the editor evaluates: undefined for all when a pass over them is quick, else the first minibatch of
 * training rows.
 */
export function peekRows(
  dataset: Dataset,
  outputs: readonly Node[],
  batch: number | 'full',
): Int32Array | undefined {
  const cost = (PASSES * operations(outputs, dataset.sizes(dataset.rows))) / OPERATIONS_PER_MILLISECOND;
  if (cost <= PATIENCE_MILLISECONDS || batch === 'full') return undefined;
  const { train } = dataset.split;
  return train.length <= batch ? undefined : train.subarray(0, batch);
}

/** Scalar operations of computing `outputs`: one an element, and a multiplication and an addition a term of a product. */
export function operations(outputs: readonly Node[], sizes: Sizes): number {
  let sum = 0;
  for (const node of ancestors(outputs)) {
    sum += node.op === 'contract' ? 2 * terms(node, sizes) : countIn(node.shape, sizes);
  }
  return sum;
}

/** How many products of two elements a contraction adds up. */
function terms(node: Node, sizes: Sizes): number {
  const { left, right } = attributesOf<ContractAttributes>(node);
  const [a, b] = node.inputs as readonly [Node, Node];
  const own = b.shape.filter((_, axis) => !left.includes(right[axis]!));
  return countIn(a.shape, sizes) * countIn(own, sizes);
}
