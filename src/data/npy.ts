import { type ReadOptions, readAll } from './bytes';
import type { ColumnData } from './column';
import { DataError } from './error';
import type { Loaded } from './loaded';
import { decodeNumbers, isNumberFormat, type NumberFormat, widthOf } from './numbers';
import type { ColumnSchema } from './table';

/** The columns of one array: all have as many rows as its first axis is long. */
export interface ArrayColumns {
  readonly rows: number;
  readonly columns: readonly ColumnSchema[];
  readonly data: readonly ColumnData[];
}

/**
 * Reads a NumPy array. A vector is the column `x0`, a matrix has the columns `x0 x1 ...`, and an array with more axes is
 * the one column `x0` whose cells have the shape of the other axes.
 *
 * Throws a `DataError` for a file that is cut off or no .npy file, and for arrays of texts, objects or records.
 */
export async function readNpy(file: string, options: ReadOptions = {}): Promise<Loaded> {
  const bytes = await readAll(file, options);
  const refuse: Refuse = (what, remedy) => {
    throw new DataError('data-format', `"${options.given ?? file}" ${what} ${remedy}`, { file });
  };
  return { table: decodeNpy(bytes, 'x', refuse), warnings: [] };
}

/** Throws the error of this file: what is wrong with it, and a sentence that says what to do. */
export type Refuse = (what: string, remedy: string) => never;

const SAVE_AGAIN = 'Save it again with numpy.save.';
/** The most axes that a value has. */
const MOST_AXES = 8;
/** Columns of a matrix; wider ones are pictures and the like, which have more axes. */
const MOST_COLUMNS = 100_000;

/** The columns of an array in the bytes of an .npy file; columns are called `name` and a number. */
export function decodeNpy(bytes: Uint8Array, name: string, refuse: Refuse): ArrayColumns {
  const { format, little, columnMajor, shape, start } = readHeader(bytes, refuse);
  const count = shape.reduce((product, size) => product * size, 1);
  const [rows = 1, ...inner] = shape;
  if (count === 0) refuse(`holds an empty array, [${shape.join(', ')}].`, 'A table needs at least one row.');
  if (shape.length > MOST_AXES)
    refuse(`holds an array of ${shape.length} axes.`, `Up to ${MOST_AXES} are read.`);
  const needed = count * widthOf(format);
  const found = bytes.length - start;
  if (found < needed) {
    refuse(`is cut off: [${shape.join(', ')}] needs ${needed} bytes, and there are ${found}.`, SAVE_AGAIN);
  }
  const body = bytes.subarray(start, start + needed);
  if (inner.length === 1) {
    const width = inner[0]!;
    if (width > MOST_COLUMNS) {
      refuse(
        `has ${width} columns.`,
        `Up to ${MOST_COLUMNS} are read; give the array three axes, [rows, 1, ${width}].`,
      );
    }
    const columns = Array.from({ length: width }, (_, j) =>
      decodeNumbers(body, format, little, rows, i => (columnMajor ? j * rows + i : i * width + j)),
    );
    return {
      rows,
      columns: columns.map(({ dtype }, j) => ({ name: `${name}${j}`, dtype })),
      data: columns.map(({ data }) => data),
    };
  }
  const offset = columnMajor ? transposed(shape) : undefined;
  const { dtype, data } = decodeNumbers(body, format, little, count, offset);
  const column: ColumnSchema = { name: `${name}0`, dtype, ...(inner.length > 0 ? { inner } : {}) };
  return { rows, columns: [column], data: [data] };
}

/** Where element `i` of the row-major order lies when the first axis runs fastest. */
function transposed(shape: readonly number[]): (i: number) => number {
  return i => {
    let rest = i;
    let at = 0;
    let stride = shape.reduce((product, size) => product * size, 1);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis]!;
      stride /= size;
      at += (rest % size) * stride;
      rest = Math.floor(rest / size);
    }
    return at;
  };
}

interface Header {
  readonly format: NumberFormat;
  readonly little: boolean;
  /** Fortran's order: the first axis runs fastest. */
  readonly columnMajor: boolean;
  readonly shape: readonly number[];
  /** Where the numbers begin. */
  readonly start: number;
}

const MAGIC = [0x93, ...Buffer.from('NUMPY')];

/** The header is a Python dictionary in a line of text: `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }`. */
function readHeader(bytes: Uint8Array, refuse: Refuse): Header {
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) refuse('is not a .npy file.', SAVE_AGAIN);
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3)
    refuse(`has version ${version} of the format, and 1 to 3 are known.`, SAVE_AGAIN);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const before = version === 1 ? 10 : 12;
  if (bytes.length < before) refuse('is cut off in its header.', SAVE_AGAIN);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = before + length;
  if (start > bytes.length) refuse('is cut off in its header.', SAVE_AGAIN);
  const text = Buffer.from(bytes.subarray(before, Math.min(start, before + 10_000))).toString('latin1');
  const descr = /'descr'\s*:\s*('([^']*)'|\[)/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const sizes = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text);
  if (!descr || !order || !sizes) return refuse('has a header that is not understood.', SAVE_AGAIN);
  const [, written, type] = descr;
  if (type === undefined) {
    return refuse(
      `holds records (${written}...).`,
      'Save each field as an array of its own, for instance with numpy.savez.',
    );
  }
  const format = type.slice(1);
  if (!isNumberFormat(format))
    return refuse(
      `holds ${kindOf(type)} (${type}).`,
      'Convert the array with astype("f8") and save it again.',
    );
  const shape = sizes[1]!
    .split(',')
    .map(size => size.trim())
    .filter(size => size !== '')
    .map(Number);
  return {
    format,
    little: type[0] !== '>',
    columnMajor: order[1] === 'True' && shape.length > 1,
    shape,
    start,
  };
}

function kindOf(type: string): string {
  switch (type.replace(/^[<>|=]/, '')[0]) {
    case 'O':
      return 'Python objects';
    case 'U':
    case 'S':
      return 'texts';
    case 'c':
      return 'complex numbers';
    case 'M':
    case 'm':
      return 'dates or times';
    default:
      return 'numbers of an unknown type';
  }
}
