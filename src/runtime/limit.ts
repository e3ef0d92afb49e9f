import type { Node } from '../graph/node';

/** A program would take more than a machine has to give. Nothing has been allocated, nothing has been computed. */
export abstract class LimitError extends Error {
  /** The value that takes most. */
  abstract readonly node: Node;
  /** Continues "Use". */
  abstract readonly remedy: string;
}
