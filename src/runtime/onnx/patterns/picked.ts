import type { AxisAttributes } from '../../../ops/linear';
import type { Value } from '../../value';
import type { Lowering, OnnxPattern } from '../lowering';
import { sameShape } from '../tensor';
import { axesOf, bare, is, under } from './match';

/** One column of each row, such as the score of the true class, which the graph reaches through flat positions. */
interface Columns {
  /** Of the tensor with the rows, whose last axis is that of the columns. */
  readonly rows: number;
  readonly columns: number;
  /** One column number a row. */
  readonly picked: Value;
}

/** `positions` as row · columns + picked. */
function columnsOf(positions: Value, columns: number, l: Lowering): Columns | undefined {
  if (!is(positions, 'add')) return undefined;
  const [starts, picked] = positions.inputs as readonly [Value, Value];
  const known = l.knownNumbers(starts);
  if (!known?.every((start, row) => start === row * columns)) return undefined;
  return { rows: known.length, columns, picked };
}

/** `value` as one element of each row of a tensor. */
function pickOf(value: Value, l: Lowering): (Columns & { readonly from: Value }) | undefined {
  if (!is(value, 'gather') || (value.attributes as AxisAttributes).axis !== 0) return undefined;
  const from = under(value.inputs[0]!, 'reshape');
  if (!from || value.inputs[0]!.shape.length !== 1 || from.shape.length === 0) return undefined;
  const found = columnsOf(value.inputs[1]!, from.shape.at(-1)!, l);
  return found && { ...found, from };
}

/** `value` as zeros but for one element of each row: what the derivative of picking hands on. */
function placedOf(value: Value, l: Lowering): (Columns & { readonly elements: Value }) | undefined {
  const scattered = under(value, 'reshape');
  if (!scattered || !is(scattered, 'scatter_add') || scattered.shape.length !== 1) return undefined;
  if (scattered.dtype !== 'float' || value.shape.length === 0) return undefined;
  const [elements, positions] = scattered.inputs as readonly [Value, Value];
  const found = columnsOf(positions, value.shape.at(-1)!, l);
  return found && found.rows * found.columns === value.count ? { ...found, elements } : undefined;
}

/** The sum of a row that is zero but for one element is that element. */
export const sumOfPlaced: OnnxPattern = (value, l) => {
  if (!is(value, 'sum')) return undefined;
  const [x] = value.inputs as readonly [Value];
  if (String(axesOf(value)) !== String([x.shape.length - 1])) return undefined;
  const negated = under(x, 'neg');
  const placed = placedOf(negated ?? bare(x), l);
  if (!placed) return undefined;
  const { elements } = placed;
  const single = l.operand(elements).shape.length === 0;
  const name = single ? l.operand(elements).name : l.emit(elements);
  const signed = negated ? l.node('Neg', [name]) : name;
  if (single) return { name: signed, shape: [] };
  return sameShape(elements.shape, value.shape) ? signed : l.reshape(signed, value.shape);
};

/** A tensor with one element of each row changed. */
export const addPlaced: OnnxPattern = (value, l) => {
  if (!is(value, 'add') || value.dtype !== 'float') return undefined;
  for (const [base, other] of [value.inputs, [...value.inputs].reverse()] as [Value, Value][]) {
    const placed = placedOf(other, l);
    if (!placed) continue;
    const { rows, columns, picked, elements } = placed;
    const line = [rows, 1];
    const matrix = value.shape.length === 2 ? l.emit(base) : l.reshape(l.emit(base), [rows, columns]);
    const changed = l.node(
      'ScatterElements',
      [matrix, l.reshape(l.emit(picked), line), l.reshape(l.emit(elements), line)],
      { axis: 1, reduction: 'add' },
    );
    return value.shape.length === 2 ? changed : l.reshape(changed, value.shape);
  }
  return undefined;
};

/** The elements of `pick`, one a row: `[rows, 1]`. */
function elementsOf(
  { rows, columns, picked, from }: Columns & { readonly from: Value },
  l: Lowering,
): string {
  const matrix = from.shape.length === 2 ? l.emit(from) : l.reshape(l.emit(from), [rows, columns]);
  return l.node('GatherElements', [matrix, l.reshape(l.emit(picked), [rows, 1])], { axis: 1 });
}

/** One element of each row. */
export const pickedElements: OnnxPattern = (value, l) => {
  const pick = pickOf(value, l);
  return pick && l.reshape(elementsOf(pick, l), value.shape);
};

/** The sum over all rows of one element each, such as the loss of a classifier, with the sign put last. */
export const sumOfPicked: OnnxPattern = (value, l) => {
  if (!is(value, 'sum') || value.shape.length !== 0) return undefined;
  const negated = under(value.inputs[0]!, 'neg');
  const terms = negated ?? bare(value.inputs[0]!);
  const pick = pickOf(terms, l);
  if (!pick || !l.readOnce(terms)) return undefined;
  const total = l.node('ReduceSum', [elementsOf(pick, l)], { keepdims: 0 });
  // A sum that is zero is no negative zero.
  return negated ? l.node('Sub', [l.scalar(0), total]) : total;
};
