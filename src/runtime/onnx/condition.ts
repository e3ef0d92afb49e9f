import type { Node } from '../../graph/node';
import type { Lowered } from '../value';

interface Update {
  readonly target: Node;
  readonly value: Node;
}

/** Updates that all take place or none does. */
export interface ConditionalUpdates {
  /** A bool that is asked before; undefined where they always take place. */
  readonly condition: Node | undefined;
  readonly updates: readonly Update[];
}

/**
 * A step that must not be made when its loss is not finite chooses, element by element, between the new value and the
 * old one. Where every update hangs on the same one bool, it is asked once instead, and the updates read less.
 */
export function conditionalUpdates(updates: readonly Update[], lowered: Lowered): ConditionalUpdates {
  const always = { condition: undefined, updates };
  let condition: Node | undefined;
  const inner: Update[] = [];
  for (const { target, value } of updates) {
    if (value.op !== 'where') return always;
    const [chosen, next, otherwise] = value.inputs as readonly [Node, Node, Node];
    let asked = chosen;
    while (asked.op === 'broadcast') asked = asked.inputs[0]!;
    condition ??= asked;
    const same = lowered.of(asked) === lowered.of(condition);
    if (!same || asked.shape.length > 0 || lowered.of(otherwise) !== lowered.of(target)) return always;
    inner.push({ target, value: next });
  }
  return { condition, updates: inner };
}
