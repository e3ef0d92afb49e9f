import type { Node } from './node';

/** Which nodes of a graph stand for which of the graph of the text before an edit: they hold values of the same type. */
export interface Descent {
  /** The nodes before. */
  readonly before: readonly Node[];
  /** By id before, the node now. */
  readonly after: readonly (Node | undefined)[];
}
