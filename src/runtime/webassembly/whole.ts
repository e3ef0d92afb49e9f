import type { AxisAttributes, CumsumAttributes } from '../../ops/linear';
import type { RecurrenceAttributes } from '../../ops/recurrence';
import { around } from '../javascript/whole';
import { widthOf } from '../storage';
import type { Value } from '../value';

/** A call of a function of the kernel library, on bytes of the memory that the library works on. */
export interface WholeCall {
  readonly name: string;
  /** Ints of 32 bits. */
  readonly operands: readonly number[];
  /**
   * The function gives -1, or the index of the first of these `positions` that is outside of an axis of `size`, and has
   * then done nothing. Undefined where it gives nothing.
   */
  readonly checked?: { readonly positions: Value; readonly size: number } | undefined;
}

/** The byte where a value starts, whatever it shares a buffer with. */
type Start = (value: Value) => number;

type Whole = (value: Value, start: Start) => WholeCall | undefined;

const extreme =
  (op: 'argmax' | 'argmin'): Whole =>
  (value, start) => {
    const [x] = value.inputs as [Value];
    if (x.dtype === 'bool') return undefined;
    const { outer, size, inner } = around(x.shape, (value.attributes as AxisAttributes).axis);
    return { name: `${op}_${x.dtype}`, operands: [start(x), start(value), outer, size, inner] };
  };

/** Functions for ops with statements of their own, where these are no loops that write each element once. */
const table: Readonly<Record<string, Whole>> = {
  argmax: extreme('argmax'),
  argmin: extreme('argmin'),

  gather(value, start) {
    const [x, positions] = value.inputs as [Value, Value];
    const { outer, size, inner } = around(x.shape, (value.attributes as AxisAttributes).axis);
    return {
      name: 'gather',
      operands: [
        ...[start(x), start(positions), start(value)],
        ...[outer, size, positions.count, inner * widthOf(x.dtype, 32)],
      ],
      checked: { positions, size },
    };
  },

  scatter_add(value, start) {
    const [x, positions] = value.inputs as [Value, Value];
    if (x.dtype === 'bool') return undefined;
    const { outer, size, inner } = around(value.shape, (value.attributes as AxisAttributes).axis);
    return {
      name: `scatter_add_${x.dtype}`,
      operands: [start(x), start(positions), start(value), outer, size, positions.count, inner],
      checked: { positions, size },
    };
  },

  cumsum(value, start) {
    const [x] = value.inputs as [Value];
    if (x.dtype === 'bool') return undefined;
    const { axis, reverse } = value.attributes as CumsumAttributes;
    const { outer, size, inner } = around(value.shape, axis);
    return {
      name: `cumsum_${x.dtype}`,
      operands: [start(x), start(value), outer, size, inner, Number(reverse)],
    };
  },

  recurrence(value, start) {
    const [a, u] = value.inputs as [Value, Value];
    const { axis, reverse } = value.attributes as RecurrenceAttributes;
    const { outer, size, inner } = around(value.shape, axis);
    return {
      name: 'recurrence',
      operands: [start(a), start(u), start(value), outer, size, inner, Number(reverse)],
    };
  },
};

/** The call that computes `value`, which has elements; undefined where the library has none for it. */
export function wholeCall(value: Value, start: Start): WholeCall | undefined {
  return Object.hasOwn(table, value.op) ? table[value.op]!(value, start) : undefined;
}
