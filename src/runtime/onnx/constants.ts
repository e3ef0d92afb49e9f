import type { Sizes, TensorData } from '../../graph/types';
import { compile } from '../program';
import type { Value } from '../value';

/** Larger ones are left to the library, which computes them when it reads the model. */
const KEPT = 65536;

/** Ops that are cheaper to write than to keep. */
const WRITTEN: ReadonlySet<string> = new Set(['constant', 'size', 'broadcast', 'iota']);

/** The numbers of what rests on constants alone, where it meets something that does not. */
export function knownConstants(
  outputs: readonly Value[],
  given: (value: Value) => boolean,
  sizes: Sizes,
): ReadonlyMap<Value, TensorData> {
  const seen = new Set<Value>();
  const found: Value[] = [];
  const pending = [...outputs];
  while (pending.length > 0) {
    const value = pending.pop()!;
    if (seen.has(value) || given(value)) continue;
    seen.add(value);
    if (value.constant && !WRITTEN.has(value.op) && value.count <= KEPT) found.push(value);
    else pending.push(...value.inputs);
  }
  if (found.length === 0) return new Map();
  const program = compile({ outputs: found.map(({ node }) => node), sizes, precision: 32, runs: 'few' });
  program.run();
  return new Map(found.map(value => [value, program.buffer(value.node)]));
}
