import type { OpName } from '../../../ops/registry';
import type { Value } from '../../value';

/** What patterns ask of values. */

/** Whether `value` is computed by `op`; a value that is fed is computed by nothing. */
export function is(value: Value | undefined, op: OpName): value is Value & { readonly fed: false } {
  return value !== undefined && !value.fed && value.op === op;
}

/** `value` without the renamings around it, which are the same numbers. */
export function bare(value: Value): Value {
  let inner = value;
  while (is(inner, 'identity') || is(inner, 'stop_gradient')) inner = inner.inputs[0]!;
  return inner;
}

/** The operand of `value` under `op`, renamings aside. */
export function under(value: Value, op: OpName): Value | undefined {
  const outer = bare(value);
  return is(outer, op) ? bare(outer.inputs[0]!) : undefined;
}

/** The axes that an op adds or drops. */
export function axesOf(value: Value): readonly number[] {
  return (value.attributes as { readonly axes: readonly number[] }).axes;
}

/** What is repeated along `axes` to make `value`. */
export function spreadAlong(value: Value, axes: readonly number[]): Value | undefined {
  const outer = bare(value);
  return is(outer, 'broadcast') && String(axesOf(outer)) === String(axes)
    ? bare(outer.inputs[0]!)
    : undefined;
}

/** The one number that all elements are known to be. */
export function uniform(value: Value): number | undefined {
  let inner = bare(value);
  while (is(inner, 'broadcast') || is(inner, 'reshape')) inner = bare(inner.inputs[0]!);
  if (!is(inner, 'constant') && !is(inner, 'size')) return undefined;
  const { data } = inner.attributes as { readonly data: readonly number[] };
  return data.length > 0 && data.every(x => x === data[0]) ? data[0] : undefined;
}
