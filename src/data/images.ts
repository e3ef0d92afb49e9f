import { readdirSync, readFileSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TensorData } from '../graph/types';
import type { ReadOptions } from './bytes';
import { sortedNames } from './cells';
import { narrow, type StoredRows } from './column';
import { DataError } from './error';
import type { Loaded } from './loaded';
import { named, unreadable } from './paths';
import { HEADER_BYTES, type PictureHeader, readPictureHeader, writePicture } from './picture';

const EXTENSION = /\.(png|jpe?g)$/i;
/** Files whose headers are read at a time. */
const AT_ONCE = 16;

interface Picture extends PictureHeader {
  readonly file: string;
  readonly label: number;
}

/**
 * A folder of pictures, PNG or JPEG, with a subfolder per class: columns `image`, cells `[C, H, W]`, and `label` with the
 * names of the subfolders, sorted. C is 1 when every picture is grey, else 3. Only headers are read here; a picture is
 * decoded when its row is asked for.
 *
 * Throws a `DataError` for a folder without subfolders, a subfolder without pictures, a file that is no picture, and the
 * first picture that differs from the others in size.
 */
export async function readImages(folder: string, options: ReadOptions = {}): Promise<Loaded> {
  const given = (options.given ?? folder).replace(/\/$/, '');
  const classes = await subfolders(folder, given);
  const files: { readonly file: string; readonly given: string; readonly label: number }[] = [];
  const warnings: string[] = [];
  for (const [label, name] of classes.entries()) {
    const inside = (await entries(join(folder, name), `${given}/${name}`))
      .filter(entry => entry.isFile())
      .map(e => e.name);
    const pictures = sortedNames(inside.filter(file => EXTENSION.test(file)));
    if (pictures.length === 0) {
      const message = `The subfolder "${given}/${name}" has no PNG or JPEG pictures. A subfolder is a class: add pictures, or remove it.`;
      throw new DataError('data-format', message, { file: join(folder, name) });
    }
    const others = inside.filter(file => !EXTENSION.test(file) && !file.startsWith('.'));
    if (others.length > 0) {
      warnings.push(
        `"${given}/${name}": ${others.length} files are no PNG or JPEG and are left out, such as "${others[0]}".`,
      );
    }
    for (const file of pictures)
      files.push({ file: join(folder, name, file), given: `${given}/${name}/${file}`, label });
  }
  const pictures = await readHeaders(files, options);
  const first = pictures[0]!;
  const odd = pictures.findIndex(({ width, height }) => width !== first.width || height !== first.height);
  if (odd >= 0) {
    const { width, height, file } = pictures[odd]!;
    const message =
      `"${files[odd]!.given}" is ${width} x ${height}, but "${files[0]!.given}" is ${first.width} x ${first.height}. ` +
      'All pictures of a folder have one size; scale them first.';
    throw new DataError('data-format', message, { file });
  }
  const channels = pictures.every(picture => picture.grey) ? 1 : 3;
  const images = new StoredPictures(pictures, channels);
  const labels = narrow(
    pictures.map(picture => picture.label),
    pictures.length,
  );
  const table = {
    rows: pictures.length,
    columns: [
      { name: 'image', dtype: 'int' as const, inner: [channels, first.height, first.width] },
      { name: 'label', dtype: 'int' as const, classes },
    ],
    data: [images, labels],
  };
  return { table, warnings };
}

/** What changes when a picture is added, removed or renamed: the folder and its subfolders. */
export function imageFolders(folder: string): readonly string[] {
  try {
    const inside = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory());
    return [folder, ...inside.map(entry => join(folder, entry.name))];
  } catch {
    // That it does not exist is said when it is read.
    return [folder];
  }
}

/** Pictures of one size, each read from its file when it is asked for. */
class StoredPictures implements StoredRows {
  readonly length: number;

  constructor(
    private readonly pictures: readonly Picture[],
    private readonly channels: 1 | 3,
  ) {
    const { width, height } = pictures[0]!;
    this.length = pictures.length * channels * width * height;
  }

  readRow(row: number, to: TensorData, at: number): void {
    const picture = this.pictures[row]!;
    try {
      writePicture(readFileSync(picture.file), this.channels, picture, to, at);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `The picture "${picture.file}" cannot be read (${reason}). Replace it or take it out of the folder.`;
      throw new DataError('data-file', message, { file: picture.file });
    }
  }
}

async function readHeaders(
  files: readonly { readonly file: string; readonly given: string; readonly label: number }[],
  { signal, onProgress }: ReadOptions,
): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (let from = 0; from < files.length; from += AT_ONCE) {
    signal?.throwIfAborted();
    const part = files.slice(from, from + AT_ONCE);
    pictures.push(...(await Promise.all(part.map(readHeader))));
    onProgress?.(pictures.length, files.length);
  }
  return pictures;
}

async function readHeader({
  file,
  given,
  label,
}: {
  file: string;
  given: string;
  label: number;
}): Promise<Picture> {
  const bytes = Buffer.alloc(HEADER_BYTES);
  try {
    const handle = await open(file);
    try {
      const { bytesRead } = await handle.read(bytes, 0, HEADER_BYTES, 0);
      let header = readPictureHeader(bytes.subarray(0, bytesRead));
      // Long texts or a preview may stand in front of a JPEG's size.
      if (!header && bytesRead === HEADER_BYTES) header = readPictureHeader(await handle.readFile());
      if (header) return { ...header, file, label };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw await unreadable(error, file, given);
  }
  const message = `"${given}" is no PNG or JPEG picture, or is damaged. Replace it or take it out of the folder.`;
  throw new DataError('data-format', message, { file });
}

async function subfolders(folder: string, given: string): Promise<string[]> {
  const inside = await entries(folder, given);
  const names = inside
    .filter(entry => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(entry => entry.name);
  if (names.length > 0) return sortedNames(names);
  const message = `${named(given, folder)} has no subfolders. Make one per class and put its pictures there.`;
  throw new DataError('data-format', message, { file: folder });
}

async function entries(folder: string, given: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') {
      throw new DataError('data-file', `${named(given, folder)} is not a folder.`, { file: folder });
    }
    throw await unreadable(error, folder, given);
  }
}
