import { type FileHandle, open } from 'node:fs/promises';
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { ReadOptions } from './bytes';
import { DataError } from './error';
import { gapWarnings, type Loaded } from './loaded';
import { checkPages } from './parquetPages';
import { fileStatus, unreadable } from './paths';
import { ValueColumn } from './values';

/**
 * Reads a Parquet file, a group of rows and a column at a time. Numbers, truth values, texts (classes) and lists of
 * numbers, all of one shape, are read; nulls are empty cells.
 *
 * Throws a `DataError` for a file that is no Parquet file, is damaged, or has columns of another kind.
 */
export async function readParquet(file: string, options: ReadOptions = {}): Promise<Loaded> {
  const given = options.given ?? file;
  const { size } = await fileStatus(file, given);
  let handle: FileHandle;
  try {
    handle = await open(file);
  } catch (error) {
    throw await unreadable(error, file, given);
  }
  try {
    return await new ParquetReading(file, given, bufferOf(handle, size, options), options).read();
  } finally {
    await handle.close();
  }
}

/** One open file. */
class ParquetReading {
  constructor(
    private readonly file: string,
    private readonly given: string,
    private readonly bytes: AsyncBuffer,
    private readonly options: ReadOptions,
  ) {}

  async read(): Promise<Loaded> {
    const metadata = await this.attempt(() => parquetMetadataAsync(this.bytes));
    const groups = metadata.row_groups.map(group => Number(group.num_rows));
    const rows = groups.reduce((sum, count) => sum + count, 0);
    if (rows !== Number(metadata.num_rows) || groups.some(count => !(count >= 0))) this.damaged();
    if (rows === 0) this.refuse('has no rows.');
    const names = await this.attempt(async () =>
      parquetSchema(metadata).children.map(each => each.element.name),
    );
    const columns = names.map(name => new ValueColumn(name));
    let rowStart = 0;
    for (const [group, count] of groups.entries()) {
      for (const column of columns) {
        this.options.signal?.throwIfAborted();
        await this.attempt(() => checkPages(this.bytes, metadata, group, column.name));
        await this.readGroup(metadata, column, rowStart, rowStart + count);
      }
      rowStart += count;
    }
    const finished = columns.flatMap(column => column.finish() ?? []);
    if (finished.length === 0) this.refuse('has no values: every cell is empty.');
    const schemas = finished.map(column => column.schema);
    const table = { rows, columns: schemas, data: finished.map(column => column.data) };
    return { table, warnings: gapWarnings(`"${this.given}"`, schemas) };
  }

  /** One column of one group of rows. */
  private async readGroup(
    metadata: FileMetaData,
    column: ValueColumn,
    rowStart: number,
    rowEnd: number,
  ): Promise<void> {
    const chunks: ArrayLike<unknown>[] = [];
    await this.attempt(() =>
      parquetRead({
        file: this.bytes,
        metadata,
        compressors,
        columns: [column.name],
        rowStart,
        rowEnd,
        onChunk: ({ columnData }) => chunks.push(columnData),
      }),
    );
    const found = chunks.reduce((sum, { length }) => sum + length, 0);
    if (found !== rowEnd - rowStart) this.damaged();
    for (const chunk of chunks) {
      for (let i = 0; i < chunk.length; i++) {
        const problem = column.push(chunk[i]);
        if (problem === undefined) continue;
        const message =
          `"${this.given}", row ${column.rows} of column "${column.name}" ${problem}. ` +
          'Leave the column out of the file, or convert it to numbers or texts.';
        throw new DataError('data-format', message, { file: this.file, column: column.name });
      }
    }
  }

  /** Whatever the library says of a file comes down to this one sentence. */
  private async attempt<R>(read: () => Promise<R>): Promise<R> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof DataError || this.options.signal?.aborted) throw error;
      return this.damaged(error instanceof Error ? error.message : undefined);
    }
  }

  private damaged(reason?: string): never {
    return this.refuse(
      `is damaged, cut off or not a Parquet file${reason ? ` (${reason})` : ''}. Write it again.`,
    );
  }

  private refuse(what: string): never {
    throw new DataError('data-format', `"${this.given}" ${what}`, { file: this.file });
  }
}

function bufferOf(handle: FileHandle, size: number, { signal, onProgress }: ReadOptions): AsyncBuffer {
  let total = 0;
  return {
    byteLength: size,
    async slice(start, end = size) {
      signal?.throwIfAborted();
      const length = end - start;
      if (!(start >= 0 && length >= 0 && end <= size)) throw new RangeError('a part lies outside the file');
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, start + filled);
        if (bytesRead === 0) throw new RangeError('the file became shorter');
        filled += bytesRead;
      }
      total = Math.min(size, total + length);
      onProgress?.(total, size);
      return bytes.buffer;
    },
  };
}
