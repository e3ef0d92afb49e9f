import { emitterOf } from './javascript/emitters';
import { type Add, rewritten } from './rewrite';
import type { Lowered, Value } from './value';
import { isAlias } from './view';

/**
 * Updates that all choose by one bool between the new value and the old one, as those of a step do that must not be made
 * when its loss is not finite. Where one of them computes with the new value of another, such as a moment of Adam's, it
 * reads what the other has made of its leaf: that is the same where the choice falls on what it computes, and the new
 * value needs no buffer beside the leaf. `updates` are the values that leaves become.
 */
export function readUpdated(lowered: Lowered, updates: ReadonlySet<Value>): Lowered {
  if ([...updates].filter(isChoice).length < 2) return lowered;
  /** By the bool and by the new value: what a leaf has become. */
  const become = new Map<Value, Map<Value, Value>>();
  return rewritten(lowered, (value, inputs, add) => {
    if (!updates.has(value) || !isChoice(value)) return undefined;
    const [condition, next] = value.inputs as readonly [Value, Value];
    const others = become.get(condition) ?? new Map<Value, Value>();
    const [chosen, computed, otherwise] = inputs as readonly [Value, Value, Value];
    const read = reading(next, computed, others, add);
    const result = add({ ...value, inputs: [chosen, read, otherwise] });
    become.set(condition, others.set(next, result));
    return result;
  });
}

/** `renewed`, which stands for `own`, computed from what is in `others` in place of what that was made of. */
function reading(own: Value, renewed: Value, others: ReadonlyMap<Value, Value>, add: Add): Value {
  const seen = new Map<Value, Value>();
  const enter = (own: Value, renewed: Value): Value => {
    const known = others.get(own) ?? seen.get(own);
    if (known) return known;
    let result = renewed;
    if (isElementwise(own)) {
      const inputs = own.inputs.map((input, i) => enter(input, renewed.inputs[i]!));
      if (inputs.some((input, i) => input !== renewed.inputs[i])) result = add({ ...renewed, inputs });
    }
    seen.set(own, result);
    return result;
  };
  return enter(own, renewed);
}

/** Whether one bool decides between two tensors. */
function isChoice({ op, fed, inputs: [condition] }: Value): boolean {
  if (op !== 'where' || fed) return false;
  return condition!.count === 1 || (condition!.op === 'broadcast' && condition!.inputs[0]!.count === 1);
}

function isElementwise(value: Value): boolean {
  return !value.fed && (isAlias(value) || emitterOf(value).kind === 'scalar');
}
