import type { TensorData } from '../graph/types';

/** The storage of one column. Bools are 0 or 1; an absent value is NaN. */
export type ColumnData = Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** A column that is not in memory: a row is read when it is asked for, such as the picture of a file. */
export interface StoredRows {
  /** Of all values together, as if they were one array. */
  readonly length: number;
  /** Writes the values of a row to `to[at]` and after. Throws a `DataError` when it cannot be read any more. */
  readRow(row: number, to: TensorData, at: number): void;
}

export type Column = ColumnData | StoredRows;

export function isStored(column: Column): column is StoredRows {
  return 'readRow' in column;
}

/** Storage types from narrow to wide. */
const widths = [Uint8Array, Int16Array, Int32Array, Float32Array, Float64Array] as const;
const INT32 = 2;
const FLOAT32 = 3;
const FLOAT64 = 4;
/** Whole numbers up to this size are exact in 32-bit floats. */
const EXACT_IN_FLOAT32 = 2 ** 24;

/**
 * A column that grows, always in the narrowest type that holds every value so far exactly. Widening copies the column
 * at most four times, so reading never holds a second copy of the table.
 */
export class GrowingColumn {
  private values: ColumnData;
  private width = 0;
  private largest = 0;
  length = 0;

  constructor(capacity = 256) {
    this.values = new Uint8Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.values.length) this.resize(this.width, this.length * 2);
    const width = narrowest(value);
    if (width < FLOAT32 && Math.abs(value) > this.largest) this.largest = Math.abs(value);
    if (width > this.width) this.widen(width);
    else if (this.width === FLOAT32 && width === INT32 && this.largest > EXACT_IN_FLOAT32)
      this.widen(FLOAT64);
    this.values[this.length++] = value;
  }

  /** The column as stored; the builder is finished. */
  finish(): ColumnData {
    const { values, length } = this;
    if (values.length === length) return values;
    // The rest of a large column was never written, so it takes no memory; a copy would, for a while.
    return values.byteLength > 2 ** 20 ? values.subarray(0, length) : values.slice(0, length);
  }

  private widen(width: number): void {
    const exact = width !== FLOAT32 || this.largest <= EXACT_IN_FLOAT32;
    this.resize(exact ? width : FLOAT64, this.values.length);
  }

  private resize(width: number, capacity: number): void {
    const wider = new widths[width]!(capacity);
    wider.set(this.length === this.values.length ? this.values : this.values.subarray(0, this.length));
    this.values = wider;
    this.width = width;
  }
}

/** Index into `widths` of the narrowest type that holds `value` exactly. */
function narrowest(value: number): number {
  if ((value | 0) === value) {
    if (value === 0 && Object.is(value, -0)) return FLOAT32;
    if (value >= 0 && value <= 255) return 0;
    return value >= -32768 && value <= 32767 ? 1 : INT32;
  }
  return Math.fround(value) === value || Number.isNaN(value) ? FLOAT32 : FLOAT64;
}

/** Copies `values`, in the order given, into the narrowest type that holds all of them. */
export function narrow(values: Iterable<number>, count?: number): ColumnData {
  const column = new GrowingColumn(Math.max(1, count ?? 256));
  for (const value of values) column.push(value);
  return column.finish();
}

/** The rows asked for, in this order; a row has `width` values. */
export function selectRows(column: Column, width: number, rows: ArrayLike<number>): Column {
  const length = rows.length * width;
  if (isStored(column)) {
    return { length, readRow: (row, to, at) => column.readRow(rows[row]!, to, at) };
  }
  const chosen = new (column.constructor as new (length: number) => ColumnData)(length);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * width;
    chosen.set(column.subarray(from, from + width), i * width);
  }
  return chosen;
}

/** The rows of `second` after those of `first`; a row has `width` values. */
export function appended(first: Column, second: Column, width: number): Column {
  const length = first.length + second.length;
  if (!isStored(first) && !isStored(second)) {
    const wider = first.BYTES_PER_ELEMENT >= second.BYTES_PER_ELEMENT ? first : second;
    // Int32 and Float32 are equally wide, and neither holds the other.
    const mixed = wider.BYTES_PER_ELEMENT === 4 && isMixed(first, second);
    const joined = mixed
      ? new Float64Array(length)
      : new (wider.constructor as new (length: number) => ColumnData)(length);
    joined.set(first);
    joined.set(second, first.length);
    return joined;
  }
  const rows = first.length / width;
  return {
    length,
    readRow(row, to, at) {
      if (row < rows) copyRow(first, width, row, to, at);
      else copyRow(second, width, row - rows, to, at);
    },
  };
}

function isMixed(a: ColumnData, b: ColumnData): boolean {
  const both = [a, b];
  return both.some(each => each instanceof Int32Array) && both.some(each => each instanceof Float32Array);
}

/** Writes the `width` values of a row to `to[at]` and after. */
export function copyRow(column: Column, width: number, row: number, to: TensorData, at: number): void {
  if (isStored(column)) column.readRow(row, to, at);
  else for (let i = 0, from = row * width; i < width; i++) to[at + i] = column[from + i]!;
}
