import { closestWord } from '../base/spelling';
import type { DType, Tensor, TensorData } from '../graph/types';
import { type Column, copyRow, isStored, narrow, selectRows } from './column';
import { DataError } from './error';

/** What is known of a table without its rows: enough to check names and shapes. */
export interface Schema {
  /** All rows, test rows included. */
  readonly rows: number;
  readonly columns: readonly ColumnSchema[];
  /** How many rows, at the end, the source declares as its own test rows. */
  readonly testRows?: number;
}

export interface ColumnSchema {
  readonly name: string;
  readonly dtype: DType;
  /** The class names of a text column, sorted; a cell holds the position of its class. */
  readonly classes?: readonly string[];
  /**
   * Empty cells, read as NaN. A column with any is `float`, whatever its other cells hold; `dropna` gives it back the
   * type `natural`.
   */
  readonly missing?: number;
  readonly natural?: DType;
  /** The shape of one cell where it is more than a number, such as `[3, 32, 32]` of a picture. */
  readonly inner?: readonly number[];
}

/** A schema and its rows, column by column, each in the narrowest type that holds it exactly. */
export interface Table extends Schema {
  /** One entry per column: `rows` times the size of a cell, row by row. */
  readonly data: readonly Column[];
}

/** How many numbers a cell of the column has. */
export function cellSize({ inner = [] }: ColumnSchema): number {
  return inner.reduce((product, size) => product * size, 1);
}

/** The position of the column `name`. Throws a `DataError` when there is none, or more than one. */
export function columnIndex(schema: Schema, name: string): number {
  const index = schema.columns.findIndex(column => column.name === name);
  if (index < 0) {
    const names = schema.columns.map(column => column.name);
    const near = closestWord(name, names);
    const help = near ? `Did you mean "${near}"?` : `The columns are ${list(names)}.`;
    throw new DataError('name-unknown', `There is no column "${name}". ${help}`, { column: name });
  }
  const second = schema.columns.findIndex((column, at) => at > index && column.name === name);
  if (second >= 0) {
    const message =
      `Columns ${index} and ${second} are both called "${name}". ` +
      `Choose one by its position, d[:, ${index}], or rename them with names = [...].`;
    throw new DataError('name-unknown', message, { column: name });
  }
  return index;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 8).map(name => `"${name}"`);
  return names.length > 8 ? `${shown.join(', ')} and ${names.length - 8} more` : shown.join(', ');
}

export interface ColumnsOptions {
  readonly dtype: DType;
  /** One column as a vector instead of a matrix of one column. */
  readonly single: boolean;
  /** The rows wanted, in this order; all rows when absent. */
  readonly rows?: Int32Array;
}

/**
 * Columns as one tensor of shape `[rows, k]`, or `[rows, ...inner]` when `single`: 64-bit for floats, Int32 for ints, 0/1
 * for bools. Only the rows asked for are converted, so that a batch costs a batch. Throws what `writeColumns` throws.
 */
export function columnsToTensor(table: Table, columns: readonly number[], options: ColumnsOptions): Tensor {
  const { dtype, single, rows } = options;
  if (single && columns.length !== 1) throw new RangeError('A single column was announced.');
  const count = rows?.length ?? table.rows;
  const sizes = columns.map(index => cellSize(table.columns[index]!));
  const data = allocate(dtype, count * sizes.reduce((sum, size) => sum + size, 0));
  writeColumns(table, columns, dtype, rows, data);
  const { inner = [] } = table.columns[columns[0]!]!;
  return { dtype, shape: single ? [count, ...inner] : [count, columns.length], data };
}

/**
 * Writes columns side by side, row after row, into `to`; all rows when `rows` is absent.
 *
 * Throws a `DataError` that names column and row when a value does not fit: NaN, a fraction or a number beyond 32 bits
 * for int, anything but 0 and 1 for bool.
 */
export function writeColumns(
  table: Table,
  columns: readonly number[],
  dtype: DType,
  rows: Int32Array | undefined,
  to: TensorData,
): void {
  const count = rows?.length ?? table.rows;
  const sizes = columns.map(index => cellSize(table.columns[index]!));
  const stride = sizes.reduce((sum, size) => sum + size, 0);
  let offset = 0;
  for (const [place, index] of columns.entries()) {
    const source = table.data[index];
    if (!source) throw new RangeError(`There is no column ${index}.`);
    const schema = table.columns[index]!;
    const size = sizes[place]!;
    const held = isStored(source) ? undefined : source;
    const checked = dtype === 'float' || dtype === schema.dtype ? undefined : dtype;
    for (let i = 0; i < count; i++) {
      const row = rows ? rows[i]! : i;
      if (checked && held) {
        const wrong = held.subarray(row * size, (row + 1) * size).find(value => !fits(value, checked));
        if (wrong !== undefined) throw misfit(schema, row, wrong, checked);
      }
      if (size === 1 && held) to[i * stride + offset] = held[row]!;
      else copyRow(source, size, row, to, i * stride + offset);
    }
    offset += size;
  }
}

/** Storage of a value in 64-bit. */
export function allocate(dtype: DType, length: number): TensorData {
  if (dtype === 'float') return new Float64Array(length);
  return dtype === 'int' ? new Int32Array(length) : new Uint8Array(length);
}

function fits(value: number, dtype: 'int' | 'bool'): boolean {
  return dtype === 'int' ? (value | 0) === value : value === 0 || value === 1;
}

function misfit(column: ColumnSchema, row: number, value: number, dtype: DType): DataError {
  const where = `Column "${column.name}", row ${row + 1}`;
  const what = Number.isNaN(value)
    ? `is empty, and ${dtype} has no NaN. Leave such rows out with dropna, or read the column as float.`
    : dtype === 'bool'
      ? `is ${value}, and a bool is 0 or 1. Compare first, as in d["${column.name}"] > 0.`
      : Number.isInteger(value)
        ? `is ${value}, beyond the 32 bits of an int. Read the column as float.`
        : `is ${value}, and an int has no fraction. Read the column as float, or convert it with int(...).`;
  return new DataError('data-value', `${where} ${what}`, { column: column.name });
}

/**
 * The table without the rows that hold a NaN in any column. A column that was float only because of its empty cells
 * is int or bool again. Test rows stay test rows. Throws a `DataError` when no row is left.
 */
export function dropna(table: Table): Table {
  const floats = table.data.flatMap((column, i) => {
    const schema = table.columns[i]!;
    return schema.dtype === 'float' && !isStored(column) ? [{ column, size: cellSize(schema) }] : [];
  });
  const whole = (row: number): boolean =>
    floats.every(({ column, size }) => {
      for (let i = row * size; i < (row + 1) * size; i++) if (Number.isNaN(column[i])) return false;
      return true;
    });
  const kept: number[] = [];
  for (let row = 0; row < table.rows; row++) if (whole(row)) kept.push(row);
  if (kept.length === table.rows) return table;
  if (kept.length === 0) {
    throw new DataError('data-value', 'dropna leaves no row: every row has an empty cell or a NaN.');
  }
  const boundary = table.rows - (table.testRows ?? 0);
  const testRows = kept.filter(row => row >= boundary).length;
  return {
    rows: kept.length,
    columns: table.columns.map(present),
    data: table.data.map((column, i) => {
      const chosen = selectRows(column, cellSize(table.columns[i]!), kept);
      // Without its NaN a column of whole numbers is narrower.
      return isStored(chosen) || table.columns[i]!.missing === undefined
        ? chosen
        : narrow(chosen, chosen.length);
    }),
    ...(table.testRows === undefined ? {} : { testRows }),
  };
}

function present({ missing, natural, ...column }: ColumnSchema): ColumnSchema {
  return { ...column, dtype: natural ?? column.dtype };
}
