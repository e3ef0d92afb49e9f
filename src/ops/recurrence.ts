import { constantDim, type Dim, isOne, subtractDims } from '../graph/dimension';
import type { Node } from '../graph/node';
import { elementCount } from '../graph/shape';
import type { Builder } from './builder';
import type { CustomOp, Inference } from './definition';
import { commonShape, requireAxis, requireDType, withoutAxes } from './infer';

/** With `reverse` it runs from the end of the axis to its start. */
export interface RecurrenceAttributes {
  readonly axis: number;
  readonly reverse: boolean;
}

/**
 * The linear recurrence h_i = a_i h_(i-1) + u_i with h before the start 0 (the first a does not matter). Cumulative
 * products are one, and its derivatives are recurrences again, without a division: with the cotangent ct,
 * du_i = ct_i + a_(i+1) du_(i+1), running the other way, and da_i = du_i h_(i-1).
 */
export const recurrence: CustomOp<RecurrenceAttributes> = {
  kind: 'custom',
  infer: (inputs, { axis }, inference: Inference) => {
    for (const input of inputs) requireDType(input, ['float'], 'recurrence');
    requireAxis(inputs[0]!, axis, 'recurrence');
    return { dtype: 'float', shape: commonShape(inputs, inference, 'recurrence') };
  },
  vjp: (ct, [a], output, b, { axis, reverse }, wanted) => {
    const du = recur(shifted(a!, axis, !reverse, b), ct, axis, !reverse, b);
    return [wanted[0] ? b.mul(du, shifted(output, axis, reverse, b)) : null, wanted[1] ? du : null];
  },
  jvp: ([da, du], [a], output, b, { axis, reverse }) => {
    const fromA = da && b.mul(da, shifted(output, axis, reverse, b));
    const change = fromA && du ? b.add(fromA, du) : (fromA ?? du);
    return change ? recur(a!, change, axis, reverse, b) : null;
  },
  rule: (index, { operands: [a], output }, { reverse }) => {
    const [before, after] = reverse ? ['next', 'previous'] : ['previous', 'next'];
    const carried = `du, where du = g + (${after} ${a}) · (${after} du)`;
    return index === 0 ? `(${before} ${output}) · ${carried}` : carried;
  },
};

function recur(a: Node, u: Node, axis: number, reverse: boolean, b: Builder): Node {
  return b.apply('recurrence', [a, u], { axis, reverse } satisfies RecurrenceAttributes);
}

/** Element i is element i-1 of `x` (i+1 with `reverse`), and 0 at the open end. */
function shifted(x: Node, axis: number, reverse: boolean, b: Builder): Node {
  const [zero, one] = [constantDim(0), constantDim(1)];
  const rest = x.shape.map((dim, i) => (i === axis ? subtractDims(dim, one) : dim));
  const at = (place: Dim): Dim[] => x.shape.map((_, i) => (i === axis ? place : zero));
  const step = x.shape.map(() => 1);
  const kept = b.slice(x, at(reverse ? one : zero), step, rest);
  return b.unslice(kept, at(reverse ? zero : one), step, x.shape);
}

/**
 * At each element the product of all others along `axes`, exact when factors are 0: the product of those before it
 * times the product of those after it.
 */
export function productOfOthers(x: Node, axes: readonly number[], b: Builder): Node {
  const line = [elementCount(axes.map(axis => x.shape[axis]!))];
  if (isOne(line[0]!)) return b.broadcastTo(b.constant(1), x.shape);
  // The axes as one, at the end.
  const kept = x.shape.map((_, axis) => axis).filter(axis => !axes.includes(axis));
  const order = [...kept, ...axes];
  const shape = [...withoutAxes(x.shape, axes), ...line];
  const flat = b.reshape(b.transpose(x, order), shape);
  const others = b.mul(productOfEarlier(flat, false, b), productOfEarlier(flat, true, b));
  const moved = b.reshape(
    others,
    order.map(axis => x.shape[axis]!),
  );
  return b.transpose(
    moved,
    order.map((_, axis) => order.indexOf(axis)),
  );
}

/** Along the last axis: 1, x_0, x_0 x_1, ... (from the end with `reverse`). */
function productOfEarlier(x: Node, reverse: boolean, b: Builder): Node {
  const axis = x.shape.length - 1;
  const [zero, one] = [constantDim(0), constantDim(1)];
  const end = x.shape.map((_, i) => (i === axis && reverse ? subtractDims(x.shape[axis]!, one) : zero));
  const first = x.shape.map((dim, i) => (i === axis ? one : dim));
  const start = b.unslice(
    b.broadcastTo(b.constant(1), first),
    end,
    x.shape.map(() => 1),
    x.shape,
  );
  return recur(shifted(x, axis, reverse, b), start, axis, reverse, b);
}
