import type { Value } from '../value';

/** A reader for each use of a value; whoever asked for an output counts as `undefined`. */
export type Readers = ReadonlyMap<Value, readonly (Value | undefined)[]>;

/** Who reads what, of all that `outputs` rest on; what is `known` is read and reads nothing. */
export function readersOf(outputs: readonly Value[], known: (value: Value) => boolean): Readers {
  const readers = new Map<Value, (Value | undefined)[]>();
  const read = (value: Value, reader: Value | undefined): void => {
    const list = readers.get(value);
    if (list) list.push(reader);
    else readers.set(value, [reader]);
  };
  for (const output of outputs) read(output, undefined);
  const seen = new Set<Value>();
  const pending = [...outputs];
  while (pending.length > 0) {
    const value = pending.pop()!;
    if (seen.has(value) || known(value)) continue;
    seen.add(value);
    for (const input of value.inputs) read(input, value);
    pending.push(...value.inputs);
  }
  return readers;
}
