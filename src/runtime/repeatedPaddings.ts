import { emitterOf } from './javascript/emitters';
import { type Add, rewritten } from './rewrite';
import type { Lowered, Value } from './value';

/** Readers are far apart when so many times as many numbers are computed between them as the padded tensor has. */
const FAR = 4;
/** A small one may wait for its next reader. */
const SMALL = 4096;

/**
 * A convolution reads its image with zeros around, and the gradient of its weights reads that again, long after. It is
 * made again for a reader far behind the one before: what it is made of is kept for the backward pass in any case, and a
 * copy is little work beside a convolution. `kept` values stay as they are.
 */
export function repeatPaddings(lowered: Lowered, kept: ReadonlySet<Value>): Lowered {
  const repeats = (value: Value): boolean =>
    value.op === 'unslice' && !value.fed && value.count > SMALL && !kept.has(value);
  if (!lowered.values.some(repeats)) return lowered;
  let computed = 0;
  /** For each such value the copy in use, and what had been computed when it was read last. */
  const latest = new Map<Value, { readonly copy: Value; readonly read: number }>();

  const near = (own: Value, renewed: Value, add: Add): Value => {
    if (isView(own)) {
      const [inner] = renewed.inputs as [Value];
      const input = near(own.inputs[0]!, inner, add);
      return input === inner ? renewed : add({ ...renewed, inputs: [input] });
    }
    if (!repeats(own)) return renewed;
    const last = latest.get(own);
    const far = last !== undefined && computed - last.read > FAR * own.count;
    const copy = far ? add({ ...renewed }) : (last?.copy ?? renewed);
    latest.set(own, { copy, read: computed });
    return copy;
  };
  return rewritten(lowered, (value, inputs, add) => {
    if (isView(value)) return undefined;
    computed += value.count;
    const read = value.inputs.map((own, i) => near(own, inputs[i]!, add));
    return read.every((input, i) => input === inputs[i]) ? undefined : add({ ...value, inputs: read });
  });
}

function isView(value: Value): boolean {
  return !value.fed && emitterOf(value).kind === 'view';
}
