import { countOf } from '../graph/shape';
import { copied, type Lowered, type Value } from './value';

/** Adds a value made of values that have been added before. */
export type Add = (value: Omit<Value, 'index' | 'count' | 'constant'>) => Value;

/** What takes the place of `value`, whose operands have become `inputs`; undefined where it stays as it is. */
export type Rule = (value: Value, inputs: readonly Value[], add: Add) => Value | undefined;

/** The same computation with `rule` applied to each value that is not fed, in order. */
export function rewritten(lowered: Lowered, rule: Rule): Lowered {
  const values: Value[] = [];
  const renewed = new Map<Value, Value>();
  const add: Add = value => {
    const constant = value.inputs.every(input => input.constant);
    const full = { ...value, index: values.length, count: countOf(value.shape), constant };
    values.push(full);
    return full;
  };
  for (const value of lowered.values) {
    const inputs = value.inputs.map(input => renewed.get(input)!);
    let result = value.fed ? undefined : rule(value, inputs, add);
    if (!result) {
      result = { ...value, inputs, index: values.length };
      values.push(result);
    }
    renewed.set(value, result);
  }
  return {
    values,
    of: node => renewed.get(lowered.of(node))!,
    copyOf: value => copied(value, values),
  };
}
