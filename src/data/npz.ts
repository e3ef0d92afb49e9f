import { type UnzipFileInfo, unzipSync } from 'fflate';
import { type ReadOptions, readAll } from './bytes';
import { DataError } from './error';
import type { Loaded } from './loaded';
import { type ArrayColumns, decodeNpy, type Refuse } from './npy';

/** What an array may unpack to. */
const LARGEST = 2 ** 32 - 1;

/**
 * Reads NumPy arrays by name, packed or not. A vector or an array of three and more axes is a column of the array's name
 * (with an inner shape for the latter), a matrix `x` has the columns `x0 x1 ...`. All arrays have equally many rows.
 *
 * Throws a `DataError` for a file that is no zip file or is damaged, for arrays of different lengths, and for what `npy` refuses.
 */
export async function readNpz(file: string, options: ReadOptions = {}): Promise<Loaded> {
  const given = options.given ?? file;
  const fail = (message: string): never => {
    throw new DataError('data-format', `"${given}" ${message}`, { file });
  };
  const bytes = await readAll(file, options);
  const arrays: { readonly name: string; readonly columns: ArrayColumns }[] = [];
  for (const [entry, content] of Object.entries(unzip(bytes, fail))) {
    const name = entry.slice(0, -'.npy'.length);
    const refuse: Refuse = (what, remedy) => fail(`has an array ${name} that ${what} ${remedy}`);
    arrays.push({ name, columns: named(decodeNpy(content, name, refuse), name) });
  }
  const [first] = arrays;
  if (!first) return fail('holds no array. Save it again with numpy.savez.');
  const { rows } = first.columns;
  const other = arrays.find(({ columns }) => columns.rows !== rows);
  if (other) {
    return fail(
      `holds arrays of different lengths: ${first.name} has ${rows} rows, ${other.name} has ${other.columns.rows}. ` +
        'The arrays of one table have equally many; save the others into a file of their own.',
    );
  }
  const table = {
    rows,
    columns: arrays.flatMap(({ columns }) => columns.columns),
    data: arrays.flatMap(({ columns }) => columns.data),
  };
  return { table, warnings: [] };
}

/** A single column has the name of its array; `x0` is the first of several. */
function named(array: ArrayColumns, name: string): ArrayColumns {
  const [only, ...others] = array.columns;
  return only && others.length === 0 ? { ...array, columns: [{ ...only, name }] } : array;
}

function unzip(bytes: Uint8Array, fail: (message: string) => never): Record<string, Uint8Array> {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b)
    fail('is not a .npz file (a zip of arrays). Save it again with numpy.savez.');
  const tooLarge = (info: UnzipFileInfo): boolean => info.originalSize > LARGEST || info.size > bytes.length;
  let damaged = false;
  try {
    const entries = unzipSync(bytes, {
      filter(info) {
        if (tooLarge(info)) damaged = true;
        // Deflate packs at most about a thousandfold; a larger promise would only fill memory.
        if (info.originalSize > 1100 * info.size + 1000) damaged = true;
        return !damaged && info.name.endsWith('.npy');
      },
    });
    if (!damaged) return entries;
  } catch {
    // Said below, in words that name the file.
  }
  return fail('is damaged or cut off. Save it again with numpy.savez.');
}
