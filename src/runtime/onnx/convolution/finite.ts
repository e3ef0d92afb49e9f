import { isZero } from '../../uniform';
import type { Value } from '../../value';

/** Ops that hand elements on, or zeros in their place. */
const PASSING: ReadonlySet<string> = new Set(['reshape', 'slice', 'unwindow', 'transpose', 'unslice']);

/**
 * Whether a gradient is made of sums of products: then it is not finite only where numbers have grown beyond all
 * bounds, and a mask may multiply it. What a function's slope makes, such as that of a root at 0, can be infinite
 * alone in one place, and a mask has to choose.
 */
export function isSumOfProducts(value: Value): boolean {
  let at = value;
  while (!at.fed) {
    if (at.op === 'contract') return true;
    if (at.op === 'where' && isZero(at.inputs[2]!)) at = at.inputs[1]!;
    else if (at.op === 'broadcast' || PASSING.has(at.op)) at = at.inputs[0]!;
    else return false;
  }
  return false;
}
