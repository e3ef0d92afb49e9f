import { join } from 'node:path';
import { type ReadOptions, readAll } from './bytes';
import { DataError } from './error';
import type { Loaded } from './loaded';
import { fileStatus } from './paths';

/** Red, green and blue of a picture, one after the other, row by row. */
const INNER = [3, 32, 32];
const PIXELS = 3 * 32 * 32;
/** A label and a picture. */
const RECORD = 1 + PIXELS;
const NAMES = 'batches.meta.txt';
const CLASSES = 10;
const TRAINING = [
  'data_batch_1.bin',
  'data_batch_2.bin',
  'data_batch_3.bin',
  'data_batch_4.bin',
  'data_batch_5.bin',
];
const TEST = 'test_batch.bin';

/** The files of a set, in the order they are read. */
export const cifarFiles: readonly string[] = [NAMES, ...TRAINING, TEST];

/**
 * Reads the binary version of CIFAR-10: columns `image`, cells `[3, 32, 32]`, and `label` with the names of the classes.
 * The rows of `test_batch.bin` are test rows.
 *
 * Throws a `DataError` for a folder without these files, a file that is cut off, and a label that has no name.
 */
export async function readCifar10(folder: string, options: ReadOptions = {}): Promise<Loaded> {
  const given = options.given ?? folder;
  const place = (name: string): { file: string; given: string } => ({
    file: join(folder, name),
    given: `${given.replace(/\/$/, '')}/${name}`,
  });
  const sizes: number[] = [];
  for (const name of [...TRAINING, TEST]) {
    const { file, given } = place(name);
    const { size } = await fileStatus(file, given);
    if (size === 0 || size % RECORD !== 0) {
      const message =
        `"${given}" is cut off or not the binary version of CIFAR-10: pictures take ${RECORD} bytes each, and it has ` +
        `${size}. Download it again.`;
      throw new DataError('data-format', message, { file });
    }
    sizes.push(size / RECORD);
  }
  const classes = await readNames(place(NAMES), options);
  const rows = sizes.reduce((sum, size) => sum + size, 0);
  const images = new Uint8Array(rows * PIXELS);
  const labels = new Uint8Array(rows);
  let row = 0;
  for (const [i, name] of [...TRAINING, TEST].entries()) {
    const { file, given } = place(name);
    const bytes = await readAll(file, { ...options, given });
    if (bytes.length !== sizes[i]! * RECORD) {
      throw new DataError('data-file', `"${given}" changed while it was read. Try again.`, { file });
    }
    for (let at = 0; at < bytes.length; at += RECORD, row++) {
      const label = bytes[at]!;
      if (label >= CLASSES) {
        const message = `"${given}", picture ${at / RECORD + 1}: its label is ${label}, above 9. Download the file again.`;
        throw new DataError('data-format', message, { file });
      }
      labels[row] = label;
      images.set(bytes.subarray(at + 1, at + RECORD), row * PIXELS);
    }
  }
  const table = {
    rows,
    testRows: sizes.at(-1)!,
    columns: [
      { name: 'image', dtype: 'int' as const, inner: INNER },
      { name: 'label', dtype: 'int' as const, classes },
    ],
    data: [images, labels],
  };
  return { table, warnings: [] };
}

/** The names of the classes, a line each; their place is the label. */
async function readNames(
  { file, given }: { file: string; given: string },
  options: ReadOptions,
): Promise<string[]> {
  const text = (await readAll(file, { ...options, given })).toString('utf8');
  const names = text
    .split(/\r?\n|\r/)
    .map(line => line.trim())
    .filter(line => line !== '');
  if (names.length === CLASSES) return names;
  const message = `"${given}" lists ${names.length} classes, and CIFAR-10 has ${CLASSES}, a line each. Download it again.`;
  throw new DataError('data-format', message, { file });
}
