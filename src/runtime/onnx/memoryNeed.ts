import type { LoweredRequest } from '../loweredRequest';
import { MemoryError, printBytes } from '../memory';
import { widthOf } from '../storage';
import type { Value } from '../value';
import type { LoweredModel } from './lowering';
import { UnsupportedByOnnx } from './unsupported';

const bytesOf = ({ count, dtype }: Value): number => count * widthOf(dtype, 32);

/**
 * Bytes of what is fed, of `outputs`, and at least of what a run of the model holds between its nodes at once. Throws
 * `MemoryError` when what is fed and asked for takes more than `limit`, and `UnsupportedByOnnx` when the rest does: the
 * embedded executor, which does not store all of it, may still manage.
 */
export function memoryNeed(
  { lowered, fed }: LoweredRequest,
  outputs: readonly Value[],
  limit: number,
  model?: LoweredModel,
): number {
  const stored = [...fed.map(node => lowered.of(node)), ...outputs];
  const bytes = stored.reduce((sum, value) => sum + bytesOf(value), 0);
  if (bytes > limit) {
    const largest = largestOf(stored);
    throw new MemoryError(bytes, limit, largest.node, bytesOf(largest));
  }
  const held = model ? mostHeld(model) : 0;
  if (bytes + held > limit) {
    const reason = `a step holds ${printBytes(bytes + held)} at once, more than the ${printBytes(limit)} allowed`;
    throw new UnsupportedByOnnx(largestOf(model!.origins.values()), reason);
  }
  return bytes + held;
}

/** An allocation in the library's arena takes about as long as writing so many bytes. */
const BYTES_AN_ALLOCATION = 4096;

/**
 * Whether the tensors between nodes are so small that finding room for each takes longer than filling it. Room for all of
 * them is then laid out once; but the library does that beside the room that its first run has found, so that it holds
 * both.
 */
export function hasSmallTensors(model: LoweredModel): boolean {
  return mostHeld(model) < BYTES_AN_ALLOCATION * model.graph.nodes.length;
}

function largestOf(values: Iterable<Value>): Value {
  return [...values].reduce((a, b) => (bytesOf(b) > bytesOf(a) ? b : a));
}

/** Ops whose result is their operand under another shape. */
const RENAMING: ReadonlySet<string> = new Set(['Reshape', 'Identity']);

/**
 * Bytes that a run holds between its nodes at once, at least. Tensors count as large as the value that they are made for,
 * and live until their last reader is done.
 */
export function mostHeld({ graph, origins, names }: LoweredModel): number {
  const outputs = new Set(names.values());
  const last = new Map<string, number>();
  graph.nodes.forEach(({ inputs }, index) => {
    for (const name of inputs) last.set(name, index);
  });
  const sizes = new Map<string, number>();
  let held = 0;
  let most = 0;
  graph.nodes.forEach(({ op, inputs, outputs: [made] }, index) => {
    const origin = origins.get(made!);
    if (origin && !outputs.has(made!) && !RENAMING.has(op)) {
      sizes.set(made!, bytesOf(origin));
      held += bytesOf(origin);
    }
    most = Math.max(most, held);
    for (const name of new Set(inputs)) {
      if (last.get(name) === index) held -= sizes.get(name) ?? 0;
    }
  });
  return most;
}
