import type { NamedFile } from './arguments';
import { type ReadOptions, readAll } from './bytes';
import { DataError } from './error';
import type { Loaded } from './loaded';
import { decodeNumbers, type NumberFormat, widthOf } from './numbers';

/** The third byte of an idx file. */
const formats: Readonly<Record<number, NumberFormat>> = {
  8: 'u1',
  9: 'i1',
  11: 'i2',
  12: 'i4',
  13: 'f4',
  14: 'f8',
};

/**
 * Reads pictures and labels in MNIST's format, packed with gzip or not: columns `image` and `label`. Grey pictures have
 * one channel, so a cell is `[1, H, W]`.
 *
 * Throws a `DataError` for a file that is cut off or of another format, and for another number of labels than pictures.
 */
export async function readIdx(
  images: NamedFile,
  labels: NamedFile,
  options: ReadOptions = {},
): Promise<Loaded> {
  const pictures = await readArray(images, [3, 4], 'pictures have 3 axes, or 4 with channels', options);
  const classes = await readArray(labels, [1], 'labels have 1', options);
  const [rows, ...inner] = pictures.shape as [number, ...number[]];
  if (classes.shape[0] !== rows) {
    throw new DataError(
      'data-format',
      `"${labels.given}" has ${classes.shape[0]} labels, but "${images.given}" has ${rows} pictures. ` +
        'Give the two files of one set.',
      { file: labels.file },
    );
  }
  const table = {
    rows,
    columns: [
      { name: 'image', dtype: pictures.dtype, inner: inner.length === 2 ? [1, ...inner] : inner },
      { name: 'label', dtype: classes.dtype },
    ],
    data: [pictures.data, classes.data],
  };
  return { table, warnings: [] };
}

/** An array of an idx file: its numbers are big-endian, row by row. */
async function readArray(
  { file, given }: NamedFile,
  ranks: readonly number[],
  expected: string,
  options: ReadOptions,
) {
  const bytes = await readAll(file, { ...options, given });
  const fail = (what: string): never => {
    throw new DataError('data-format', `"${given}" ${what}`, { file });
  };
  const format = formats[bytes[2] ?? 0];
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || !format) {
    return fail(
      "is not in MNIST's idx format: its first bytes are others. Give the file as it was published.",
    );
  }
  const rank = bytes[3]!;
  if (!ranks.includes(rank)) return fail(`has ${rank} axes, and ${expected}. Are the two files exchanged?`);
  const start = 4 + 4 * rank;
  if (bytes.length < start) return fail('is cut off in its header. Download it again.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = shape.reduce((product, size) => product * size, 1);
  if (count === 0) return fail(`is empty: its shape is [${shape.join(', ')}].`);
  const needed = count * widthOf(format);
  if (bytes.length - start !== needed) {
    const problem = bytes.length - start < needed ? 'is cut off' : 'has bytes left over';
    return fail(
      `${problem}: [${shape.join(', ')}] takes ${needed} bytes, and there are ${bytes.length - start}. Download it again.`,
    );
  }
  const body = bytes.subarray(start);
  // Bytes are used where they lie.
  if (format === 'u1') {
    return { shape, dtype: 'int' as const, data: new Uint8Array(body.buffer, body.byteOffset, body.length) };
  }
  return { shape, ...decodeNumbers(body, format, false, count) };
}
