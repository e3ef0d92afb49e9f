/** The storage of one column. Bools are 0 or 1; an absent value is NaN. */
export type ColumnData = Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array;

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
    return values.length === length ? values : values.slice(0, length);
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
