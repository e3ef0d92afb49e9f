import type { Node } from './node';
import type { Sizes, Tensor } from './types';

/**
 * Computes `outputs` in 64-bit. Whatever stands in `feeds` is taken as given, leaf or not, and nothing above it is
 * computed. Engine code below the runtime takes this as an argument; the worker supplies it. Throws `RunError`.
 */
export type Evaluate = (outputs: readonly Node[], feeds: ReadonlyMap<Node, Tensor>, sizes: Sizes) => Tensor[];

/** An operation failed on the values it met, such as a class number outside the scores. */
export class RunError extends Error {
  constructor(
    readonly node: Node,
    message: string,
  ) {
    super(message);
    this.name = 'RunError';
  }
}
