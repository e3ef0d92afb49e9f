import type { Node } from '../graph/node';
import type { Sizes } from '../graph/types';
import { dependenceOf } from './numericGradient';
import { type Lowered, lower, needed, type Operands } from './value';

export const LEAVES: ReadonlySet<string> = new Set([
  'input',
  'parameter',
  'buffer',
  'random_mask',
  'data',
  'rows',
]);

/** What of a request decides which values are computed. */
export interface Computation {
  readonly outputs: readonly Node[];
  readonly updates?: readonly { readonly target: Node; readonly value: Node }[];
  readonly cut?: ReadonlySet<Node>;
  readonly sizes: Sizes;
}

export interface LoweredRequest {
  readonly lowered: Lowered;
  /** Leaves and cut nodes that are needed. */
  readonly fed: readonly Node[];
}

/** The values that a request needs, with the sizes bound. Throws `SizeError`. */
export function lowerRequest({ outputs, updates = [], cut = new Set(), sizes }: Computation): LoweredRequest {
  const isFed = (node: Node): boolean => cut.has(node) || LEAVES.has(node.op);
  const operandsOf: Operands = node => {
    if (node.op !== 'numeric_gradient') return node.inputs;
    const { wrt, border } = dependenceOf(node, cut);
    return [wrt, ...border];
  };
  const wanted = [...outputs, ...updates.flatMap(({ target, value }) => [target, value])];
  const nodes = needed(wanted, isFed, operandsOf);
  return { lowered: lower(nodes, sizes, isFed, operandsOf), fed: nodes.filter(isFed) };
}
