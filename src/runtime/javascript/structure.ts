import type { Kernel } from '../fusion';
import { attributesKey, type Value } from '../value';
import { isRenaming } from '../view';

/** What a kernel computes, whatever buffers and numbers it computes on: kernels of one structure have the same code. */
export interface Structure {
  /** Equal for kernels of one structure, and for no others. */
  readonly key: string;
  /** The values inside in the order in which they are met, the root first; the same place means the same role. */
  readonly values: readonly Value[];
}

/**
 * The structure of a kernel: its operations, their attributes and shapes, and which operands are the same. What is
 * stored is named by its place and type alone, and so is a constant, whatever its number. `isStored` and `isRepeated` are those of the program.
 */
export function structureOf(
  { root, core }: Kernel,
  isStored: (value: Value) => boolean,
  isRepeated: (value: Value) => boolean,
): Structure {
  const values: Value[] = [];
  const places = new Map<Value, number>();
  let key = '';
  const visit = (from: Value): void => {
    // A loop, since a name bound again at each turn of one makes a long chain.
    let value = from;
    while (isRenaming(value)) value = value.inputs[0]!;
    const known = places.get(value);
    if (known !== undefined) {
      key += `${known};`;
      return;
    }
    places.set(value, values.length);
    values.push(value);
    const stored = value !== root && isStored(value);
    key += `${stored ? '$' : value.op}${value.dtype}[${value.shape}]`;
    if (stored) return;
    if (value === core) key += 'core';
    if (isRepeated(value)) key += 'repeated';
    if (value.copied) key += 'copied';
    if (value.op === 'constant') return;
    key += `${attributesKey(value.attributes)}(`;
    for (const input of value.inputs) visit(input);
    key += ')';
  };
  visit(root);
  return { key, values };
}
