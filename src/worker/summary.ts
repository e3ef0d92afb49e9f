import { summaryElements, type TensorPicture, type TensorSummary } from '../drawing/displayGraph';
import type { Tensor, TensorData } from '../graph/types';

/** Rows and columns of a picture at most. */
const PICTURE = 32;

/** Statistics, the elements when there are few, and a small picture. */
export function summarize(tensor: Tensor): TensorSummary {
  const { data, shape } = tensor;
  const summary = statistics(tensor, summaryElements);
  return data.length > 1 ? { ...summary, picture: pictureOf(numbersIn(data), shape) } : summary;
}

/** Elements that are worth sending where nobody may look. */
const FEW = 16;

/** Statistics, and the elements when there are at most so many. */
export function statistics({ data, dtype, shape }: Tensor, most = FEW): TensorSummary {
  const numbers = numbersIn(data);
  const moments = finiteMoments(numbers) ?? allMoments(numbers);
  const { finite, min, max, sum, squares, zeros, nans, infinities } = moments;
  const mean = sum / finite;
  return {
    dtype,
    shape,
    min: finite + infinities > 0 ? min : Number.NaN,
    max: finite + infinities > 0 ? max : Number.NaN,
    mean,
    std: Math.sqrt(spreadAround(mean, numbers) / finite),
    // As IEEE has it: one NaN or infinity shows in the norm.
    norm: nans > 0 ? Number.NaN : infinities > 0 ? Number.POSITIVE_INFINITY : Math.sqrt(squares),
    zeros: data.length > 0 ? zeros / data.length : 0,
    nans,
    infinities,
    ...(data.length <= most ? { elements: numbersOf(numbers) } : {}),
  };
}

/** One kind of array for the loops below, which otherwise are compiled for all kinds at once. */
function numbersIn(data: TensorData): Float64Array {
  return data instanceof Float64Array ? data : Float64Array.from(data);
}

interface Moments {
  /** How many numbers are finite; the sums are over these. */
  readonly finite: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly squares: number;
  readonly zeros: number;
  readonly nans: number;
  readonly infinities: number;
}

/** Undefined where some number is not finite, or the sums are too large to tell. */
function finiteMoments(data: Float64Array): Moments | undefined {
  let [min, max, sum, squares, zeros] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    if (x < min) min = x;
    if (x > max) max = x;
    if (x === 0) zeros++;
    sum += x;
    squares += x * x;
  }
  if (!Number.isFinite(squares)) return undefined;
  return { finite: data.length, min, max, sum, squares, zeros, nans: 0, infinities: 0 };
}

function allMoments(data: Float64Array): Moments {
  let [min, max, sum, squares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  let [zeros, nans, infinities, finite] = [0, 0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    if (Number.isNaN(x)) {
      nans++;
      continue;
    }
    if (x < min) min = x;
    if (x > max) max = x;
    if (x === Number.POSITIVE_INFINITY || x === Number.NEGATIVE_INFINITY) {
      infinities++;
      continue;
    }
    if (x === 0) zeros++;
    finite++;
    sum += x;
    squares += x * x;
  }
  return { finite, min, max, sum, squares, zeros, nans, infinities };
}

function spreadAround(mean: number, data: Float64Array): number {
  let spread = 0;
  for (let i = 0; i < data.length; i++) {
    const deviation = data[i]! - mean;
    // Finite numbers alone differ from themselves by 0.
    if (deviation - deviation === 0) spread += deviation * deviation;
  }
  return spread;
}

/** Sooner than `Array.from`, which walks an iterator; an array of a length given first would be sent element by element. */
function numbersOf(data: Float64Array): number[] {
  const numbers: number[] = [];
  for (let i = 0; i < data.length; i++) numbers.push(data[i]!);
  return numbers;
}

/** The tensor as a matrix (leading axes as rows), thinned by averaging; a vector is one row. */
function pictureOf(data: Float64Array, shape: readonly number[]): TensorPicture {
  const columns = shape.at(-1) ?? 1;
  const rows = columns === 0 ? 0 : data.length / columns;
  const [height, width] = [Math.min(rows, PICTURE), Math.min(columns, PICTURE)];
  if (height === rows && width === columns) return { rows, columns, values: numbersOf(data) };
  const values: number[] = [];
  for (let i = 0; i < height; i++) {
    const [top, bottom] = [Math.floor((i * rows) / height), Math.floor(((i + 1) * rows) / height)];
    for (let j = 0; j < width; j++) {
      const [left, right] = [Math.floor((j * columns) / width), Math.floor(((j + 1) * columns) / width)];
      let sum = 0;
      for (let r = top; r < bottom; r++) for (let c = left; c < right; c++) sum += data[r * columns + c]!;
      values.push(sum / ((bottom - top) * (right - left)));
    }
  }
  return { rows: height, columns: width, values };
}
