import { totalmem } from 'node:os';
import type { Node } from '../graph/node';
import { LimitError } from './limit';

/** Half of the machine's memory, or of what a container grants of it. */
export const defaultMemoryLimit = Math.floor(
  Math.min(totalmem(), process.constrainedMemory() || Infinity) / 2,
);

/** A program would need more memory than it may take. Nothing has been allocated. */
export class MemoryError extends LimitError {
  override readonly name = 'MemoryError';
  readonly remedy = 'fewer rows, or smaller layers';

  constructor(
    /** All buffers of the program, in bytes. */
    readonly bytes: number,
    readonly limit: number,
    /** The largest single value. */
    readonly node: Node,
    readonly nodeBytes: number,
  ) {
    super(
      `needs ${printBytes(bytes)} of memory, more than the ${printBytes(limit)} allowed; ` +
        `the largest value alone takes ${printBytes(nodeBytes)}`,
    );
  }
}

export function printBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];
  let power = 0;
  let value = bytes;
  while (value >= 1024 && power < units.length - 1) {
    value /= 1024;
    power++;
  }
  return `${power === 0 ? value : value.toPrecision(3)} ${units[power]}`;
}
