import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { closestWord } from '../base/spelling';
import { DataError } from './error';

/**
 * The file that a path in a model means: relative to the model's folder, `/` on every system. Throws a `DataError` for
 * what is not a path: an empty text, `~` and addresses.
 */
export function resolvePath(path: string, folder: string): string {
  if (path.trim() === '') throw new DataError('argument-value', 'The path of a data file is empty.');
  if (path.includes('\0'))
    throw new DataError('argument-value', 'The path of a data file holds a NUL character.');
  if (path.startsWith('~')) {
    const message = `"${path}": ~ is not expanded. Write the path relative to the model file, or in full.`;
    throw new DataError('argument-value', message);
  }
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(path);
  if (scheme) {
    const message = `"${path}" is an address, and data is read from files only. Download it and give its path.`;
    throw new DataError('argument-value', message);
  }
  return resolve(folder, path);
}

/** Size and time of a file. Throws a `DataError` when it is missing (with near names) or is no file. */
export async function fileStatus(file: string, given = file): Promise<{ size: number; mtimeMs: number }> {
  try {
    const status = await stat(file);
    if (status.isFile()) return status;
  } catch (error) {
    throw await unreadable(error, file, given);
  }
  const message = `${named(given, file)} is not a file. Give the path of a data file, folder and name.`;
  throw new DataError('data-file', message, { file });
}

/** What the system says about a file that cannot be opened, in words. */
export async function unreadable(error: unknown, file: string, given = file): Promise<DataError> {
  const code = (error as NodeJS.ErrnoException).code;
  const place = { file };
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const message = `${named(given, file)} does not exist. ${await suggestion(file, given)}`;
    return new DataError('data-file', message, place);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new DataError('data-file', `${named(given, file)} may not be read: permission denied.`, place);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new DataError('data-file', `${named(given, file)} cannot be read: ${reason}.`, place);
}

/** A path as it was written, and as it was resolved where that differs. */
export function named(given: string, file: string): string {
  return given === file ? `"${file}"` : `"${given}" (${file})`;
}

async function suggestion(file: string, given: string): Promise<string> {
  if (given.includes('\\') && process.platform !== 'win32') return 'Write / between the folders of a path.';
  const folder = dirname(file);
  const names = await readdir(folder).catch(() => undefined);
  if (!names) return `The folder ${folder} does not exist either; a path is relative to the model file.`;
  const near = closestWord(basename(file), names);
  return near
    ? `Did you mean "${given.slice(0, given.length - basename(file).length)}${near}"?`
    : 'A path is relative to the model file.';
}
