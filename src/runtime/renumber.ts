import type { Node } from '../graph/node';
import type { TensorData } from '../graph/types';
import type { SharedRun } from './javascript/shared';
import type { Lowered, Value } from './value';

/** The numbers that a constant or a size has from now on; those that it was compiled with where none are given. */
export type Renumbered = readonly [node: Node, numbers: readonly number[] | undefined];

/**
 * Puts other numbers in place of those that a program was compiled with. Must be told of all constants and sizes that
 * the program needs, since equal ones share a value: false, and nothing changed, where they no longer are equal, or
 * where the program has another form for the new numbers.
 */
export type Renumber = (numbers: readonly Renumbered[]) => boolean;

/** `first` runs once, unless numbers change, and `later` each time. */
export function renumbering(
  lowered: Lowered,
  stored: ReadonlySet<Value>,
  buffers: { view(value: Value): TensorData },
  { first, later }: { readonly first: SharedRun; readonly later: SharedRun },
): Renumber {
  const present = new Map<Value, readonly number[]>();
  return numbers => {
    const wanted = new Map<Value, readonly number[]>();
    for (const [node, given] of numbers) {
      const value = lowered.of(node);
      const compiled = numbersOf(value);
      const next = given ?? compiled;
      const known = wanted.get(value);
      if (known ? !areSame(known, next) : !haveOneForm(compiled, next)) return false;
      if (!known) wanted.set(value, next);
    }
    let changed = false;
    for (const [value, next] of wanted) {
      if (areSame(present.get(value) ?? numbersOf(value), next)) continue;
      changed = true;
      present.set(value, next);
      if (stored.has(value)) buffers.view(value).set(next);
      first.setNumber(value, next[0]!);
      later.setNumber(value, next[0]!);
    }
    if (changed) first.run();
    return true;
  };
}

function numbersOf({ attributes }: Value): readonly number[] {
  return (attributes as { data: readonly number[] }).data;
}

/** Whether one is zero where the other is: that alone of all numbers is looked at when a program is rewritten. */
function haveOneForm(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((x, i) => (x === 0) === (b[i] === 0)));
}

function areSame(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((x, i) => Object.is(x, b[i])));
}
