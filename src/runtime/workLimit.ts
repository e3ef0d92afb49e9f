import type { Node } from '../graph/node';
import type { Kernel } from './fusion';
import { LimitError } from './limit';

/**
 * Turns of one kernel, which nothing can interrupt: beyond these it takes minutes on any machine, and what was meant is
 * another thing. A layer that sees 60,000 rows of 1,000 numbers and makes 1,000 of them takes 6e10.
 */
const MOST_TURNS = 2e11;

/** A value would take more operations than anybody waits for. Nothing has been allocated. */
export class WorkError extends LimitError {
  override readonly name = 'WorkError';
  readonly remedy = 'smaller sizes';

  constructor(
    readonly node: Node,
    readonly operations: number,
  ) {
    super(`takes ${printPower(operations)} operations for one value, more than ${printPower(MOST_TURNS)}`);
  }
}

/** Throws `WorkError` for a kernel that would run without end: what it folds in is never stored, so memory tells nothing. */
export function requireFewTurns(kernels: readonly Kernel[]): void {
  for (const { extents, root, core } of kernels) {
    const turns = extents.reduce((product, extent) => product * extent, 1);
    if (turns > MOST_TURNS) throw new WorkError((core ?? root).node, turns);
  }
}

/** `8.1e11`. */
function printPower(count: number): string {
  return count.toExponential(1).replace('e+', 'e');
}
