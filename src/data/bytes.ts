import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DataError } from './error';
import { fileStatus, unreadable } from './paths';

export interface ReadOptions {
  /** The path as the model file has it, for messages. */
  readonly given?: string;
  readonly signal?: AbortSignal;
  /** Bytes of the file read so far, and its size; packed bytes for `.gz`. */
  readonly onProgress?: (read: number, total: number) => void;
}

/**
 * The bytes of a file in pieces. A file that starts with the magic number of gzip is unpacked, whatever its name.
 * Throws a `DataError` for a file that cannot be read or unpacked; the reason of `signal` when that is aborted.
 */
export async function* readBytes(file: string, options: ReadOptions): AsyncGenerator<Buffer> {
  const { given = file, signal, onProgress } = options;
  signal?.throwIfAborted();
  const { size } = await fileStatus(file, given);
  const packed = createReadStream(file, { highWaterMark: 256 * 1024 });
  let source: Readable = packed;
  try {
    if (await startsWithGzip(file)) {
      const unpacked = createGunzip();
      packed.on('error', error => unpacked.destroy(error));
      source = packed.pipe(unpacked);
    }
    for await (const chunk of source) {
      signal?.throwIfAborted();
      yield chunk as Buffer;
      onProgress?.(packed.bytesRead, Math.max(size, packed.bytesRead));
    }
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw String((error as NodeJS.ErrnoException).code).startsWith('Z_')
      ? new DataError('data-format', `"${given}" is a damaged or incomplete .gz file.`, { file })
      : await unreadable(error, file, given);
  } finally {
    source.destroy();
    packed.destroy();
  }
}

async function startsWithGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

/** All bytes of a file, unpacked as in `readBytes`. Throws a `DataError` also when they are too many for one buffer. */
export async function readAll(file: string, options: ReadOptions = {}): Promise<Buffer> {
  const given = options.given ?? file;
  const { size } = await fileStatus(file, given);
  if (size > LARGEST) throw tooLarge(file, given);
  let bytes = Buffer.allocUnsafeSlow(size);
  let length = 0;
  for await (const piece of readBytes(file, options)) {
    if (length + piece.length > LARGEST) throw tooLarge(file, given);
    if (length + piece.length > bytes.length) {
      // Only what was packed is longer than its file.
      const longer = Buffer.allocUnsafeSlow(
        Math.min(LARGEST, Math.max(2 * bytes.length, length + piece.length)),
      );
      bytes.copy(longer, 0, 0, length);
      bytes = longer;
    }
    piece.copy(bytes, length);
    length += piece.length;
  }
  return bytes.subarray(0, length);
}

/** What one typed array of bytes may hold on every version of Node. */
const LARGEST = 2 ** 32 - 1;

function tooLarge(file: string, given: string): DataError {
  const message = `"${given}" is larger than 4 GB, the most that one array file may have. Cut it into several.`;
  return new DataError('data-file', message, { file });
}
