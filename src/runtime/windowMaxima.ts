import type { DType } from '../graph/types';
import type { AxesAttributes, AxisAttributes } from '../ops/linear';
import type { OpName } from '../ops/registry';
import type { WindowAttributes } from '../ops/window';
import { type Add, rewritten } from './rewrite';
import type { Lowered, Value } from './value';

/**
 * Rewrites the place of the largest element of each window, and the element chosen by its place, of which the library
 * makes pooling: both become reductions over the windows' own axes. Those read what the windows slide over, so that
 * nothing of the size of all windows is stored, and the place is only looked for where a gradient needs it.
 */
export function reduceWindowMaxima(lowered: Lowered): Lowered {
  if (!lowered.values.some(windowAxes)) return lowered;
  const maxima = new Map<Value, Value>();
  return rewritten(lowered, (value, inputs, add) => {
    const axes = windowAxes(value);
    if (!axes) {
      const place = choosingPlace(value);
      return place && maxima.get(place);
    }
    const windows = inputs[0]!.inputs[0]!;
    const { node, shape } = value;
    const maximum = add({
      ...{ fed: false, op: 'max', dtype: windows.dtype },
      ...{ node, shape, inputs: [windows], attributes: { axes } satisfies AxesAttributes },
    });
    maxima.set(value, maximum);
    return firstPlace(value, windows, maximum, axes, add);
  });
}

/** The axes of the windows, where `value` is the place of the largest float in each window laid out in a row. */
function windowAxes({ op, fed, inputs, attributes }: Value): readonly number[] | undefined {
  if (op !== 'argmax' || fed) return undefined;
  const [rows] = inputs as [Value];
  const [windows] = rows.inputs;
  if (rows.op !== 'reshape' || rows.fed || windows!.op !== 'window' || windows!.fed) return undefined;
  const { kernel } = windows!.attributes as WindowAttributes;
  const before = windows!.shape.length - kernel.length;
  const isRow =
    (attributes as AxisAttributes).axis === before &&
    rows.shape.length === before + 1 &&
    rows.shape.slice(0, before).every((size, axis) => size === windows!.shape[axis]);
  return isRow && rows.dtype === 'float' ? kernel.map((_, i) => before + i) : undefined;
}

/** The first place of the maximum, counted row by row: the least among the places of NaN or of what is equal to it. */
function firstPlace(value: Value, windows: Value, maximum: Value, axes: readonly number[], add: Add): Value {
  const { node } = value;
  const { shape } = windows;
  const everywhere = (op: OpName, dtype: DType, inputs: readonly Value[], attributes: object = {}): Value =>
    add({ fed: false, op, dtype, node, shape, inputs, attributes });
  const number = (n: number): Value => {
    const constant = { fed: false, op: 'constant', dtype: 'int', node, shape: [], inputs: [] } as const;
    const axes = [...shape.keys()];
    return everywhere('broadcast', 'int', [add({ ...constant, attributes: { data: [n] } })], { axes });
  };
  const equal = everywhere('equal', 'bool', [windows, everywhere('broadcast', 'float', [maximum], { axes })]);
  const largest = everywhere('or', 'bool', [equal, everywhere('isnan', 'bool', [windows])]);
  const places = axes
    .map(axis => everywhere('iota', 'int', [], { axis }))
    .reduce((outer, inner, i) => {
      const before = everywhere('mul', 'int', [outer, number(shape[axes[i]!]!)]);
      return everywhere('add', 'int', [before, inner]);
    });
  const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
  return add({
    ...{ fed: false, op: 'min', dtype: 'int', node, shape: value.shape },
    ...{ inputs: [everywhere('where', 'int', [largest, places, number(count)])], attributes: { axes } },
  });
}

/** The place, where `value` is the sum of each row with zeros everywhere but at that place of it. */
function choosingPlace({ op, fed, inputs, attributes }: Value): Value | undefined {
  const [where] = inputs;
  if (op !== 'sum' || fed || where!.op !== 'where' || where!.fed) return undefined;
  const [chosen, rows, other] = where!.inputs as [Value, Value, Value];
  if (chosen.op !== 'equal' || chosen.fed) return undefined;
  const [places, spread] = chosen.inputs as [Value, Value];
  if (places.op !== 'iota' || !isSpread(spread)) return undefined;
  const [place] = spread.inputs as [Value];
  const axis = String((places.attributes as AxisAttributes).axis);
  const alike = [spread.attributes, attributes].every(a => String((a as AxesAttributes).axes) === axis);
  const [zero] = isSpread(other) ? other.inputs : [];
  const isZero = zero?.op === 'constant' && (zero.attributes as { data: readonly number[] }).data[0] === 0;
  return alike && isZero && place.inputs[0] === rows ? place : undefined;
}

function isSpread(value: Value): boolean {
  return value.op === 'broadcast' && !value.fed;
}
