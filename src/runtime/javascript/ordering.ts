import type { AxisAttributes } from '../../ops/linear';
import type { Value } from '../value';
import { around, at, loop, type WholeContext } from './whole';

/** Statements of ops that say where elements stand in order. NaN counts as the largest, as in PyTorch. */

/** The first position of the largest (`>`) or smallest (`<`) along an axis; of the first NaN where there is one. */
export function extremePosition(value: Value, { out, inputs }: WholeContext, better: '<' | '>'): string {
  const { axis } = value.attributes as AxisAttributes;
  const { outer, size, inner } = around(value.inputs[0]!.shape, axis);
  const element = (k: string): string => at(inputs[0]!, `(o * ${size} + ${k}) * ${inner} + j`);
  const take = `const x = ${element('k')};
if (x ${better} best || (x !== x && best === best)) { best = x; p = k; }`;
  return loop(
    'o',
    outer,
    loop(
      'j',
      inner,
      `let best = ${size === 0 ? 0 : element('0')};
let p = 0;
${loop('k', size, take)}
${at(out, `o * ${inner} + j`)} = p;`,
    ),
  );
}

/** Positions in ascending order, equal values as they stand: a merge sort, since JavaScript's cannot sort in place. */
export function argsort(value: Value, { out, inputs, scratch }: WholeContext): string {
  const { axis } = value.attributes as AxisAttributes;
  const { outer, size, inner } = around(value.shape, axis);
  const keys = scratch(size);
  const order = scratch(2 * size);
  const body = `${loop('k', size, `${keys}[k] = ${at(inputs[0]!, `(o * ${size} + k) * ${inner} + j`)};`)}
const from = sortPositions(${keys}, ${order}, ${size});
${loop('k', size, `${at(out, `(o * ${size} + k) * ${inner} + j`)} = ${order}[from + k];`)}`;
  return loop('o', outer, loop('j', inner, body));
}

/**
 * Sorts positions 0 to n-1 by `keys`, bottom up, between the two halves of `order`; gives where the half with the
 * result starts.
 */
export function sortPositions(keys: Float64Array, order: Float64Array, n: number): number {
  for (let i = 0; i < n; i++) order[i] = i;
  let from = 0;
  for (let width = 1; width < n; width *= 2) {
    const to = from === 0 ? n : 0;
    for (let start = 0; start < n; start += 2 * width) {
      const middle = Math.min(start + width, n);
      const end = Math.min(start + 2 * width, n);
      let left = start;
      let right = middle;
      for (let i = start; i < end; i++) {
        const takeLeft =
          left < middle && (right >= end || !before(keys[order[from + right]!]!, keys[order[from + left]!]!));
        order[to + i] = order[from + (takeLeft ? left++ : right++)]!;
      }
    }
    from = to;
  }
  return from;
}

function before(a: number, b: number): boolean {
  return a < b || (Number.isNaN(b) && !Number.isNaN(a));
}
