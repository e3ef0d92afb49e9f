import type { LoweredRequest } from '../loweredRequest';
import { MemoryError } from '../memory';
import { widthOf } from '../storage';
import type { Value } from '../value';

/** Bytes of what is fed and of `outputs`. Throws `MemoryError` when they are more than `limit`. */
export function memoryNeed(
  { lowered, fed }: LoweredRequest,
  outputs: readonly Value[],
  limit: number,
): number {
  const size = ({ count, dtype }: Value): number => count * widthOf(dtype, 32);
  const stored = [...fed.map(node => lowered.of(node)), ...outputs];
  const bytes = stored.reduce((sum, value) => sum + size(value), 0);
  if (bytes > limit) {
    const largest = stored.reduce((a, b) => (size(b) > size(a) ? b : a));
    throw new MemoryError(bytes, limit, largest.node, size(largest));
  }
  return bytes;
}
