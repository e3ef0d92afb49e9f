import type { ConstantAttributes } from '../ops/leaf';
import type { Value } from './value';

/** The number that every element of `value` is known to be. */
export function uniform(value: Value): number | undefined {
  if (value.fed) return undefined;
  if (value.op === 'broadcast') return uniform(value.inputs[0]!);
  if (value.op !== 'constant') return undefined;
  const { data } = value.attributes as ConstantAttributes;
  return data.length > 0 && data.every(x => x === data[0]) ? data[0] : undefined;
}

export function isZero(value: Value): boolean {
  return uniform(value) === 0;
}

/** `z` of `z > 0` at every position. */
export function positivePart(value: Value): Value | undefined {
  const [z, bound] = value.inputs;
  return value.op === 'greater' && !value.fed && isZero(bound!) ? z : undefined;
}
