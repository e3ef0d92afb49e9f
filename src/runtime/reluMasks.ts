import { rewritten } from './rewrite';
import { positivePart } from './uniform';
import type { Lowered, Value } from './value';

/**
 * Where relu's gradient asks whether x is above 0, relu(x) is asked, which is above 0 where x is: x then has one reader,
 * of whose kernel it becomes a part, and need not be kept for the backward pass beside relu(x).
 */
export function askRelu(lowered: Lowered): Lowered {
  if (!lowered.values.some(({ op, fed }) => op === 'relu' && !fed)) return lowered;
  /** By x. */
  const relus = new Map<Value, Value>();
  return rewritten(lowered, (value, inputs, add) => {
    if (value.op === 'relu') {
      const relu = add({ ...value, inputs });
      relus.set(value.inputs[0]!, relu);
      return relu;
    }
    const relu = relus.get(positivePart(value)!);
    return relu && add({ ...value, inputs: [relu, inputs[1]!] });
  });
}
