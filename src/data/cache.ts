import { stat } from 'node:fs/promises';
import { DataError } from './error';
import type { Loaded } from './loaded';
import { type LoadOptions, loadSource, readerOf, type SourceSpec } from './source';
import type { Schema } from './table';

interface Entry {
  /** Size and time of every file when it was read. */
  readonly stamp: string;
  readonly data: Promise<Loaded>;
}

/**
 * Tables that were read, so that an edit of the model does not read its data again. An entry holds for one source with
 * its arguments, as long as its files keep their size and time. Files that turned out wrong are remembered too.
 */
export class DataCache {
  private readonly entries = new Map<string, Entry>();

  /**
   * @param capacity how many tables are kept; the one unused for longest goes first
   * @param progressOf who hears how far reading is, where a caller does not listen itself
   */
  constructor(
    private readonly capacity = 8,
    private readonly progressOf?: (spec: SourceSpec) => NonNullable<LoadOptions['onProgress']>,
  ) {}

  /**
   * The rows of a source; see `loadSource` for the errors. Two callers at once share one reading. When the reading ends
   * because the other caller gave up, it begins again.
   */
  async table(spec: SourceSpec, folder: string, options: LoadOptions = {}): Promise<Loaded> {
    const key = JSON.stringify([folder, canonical(spec)]);
    for (;;) {
      const stamp = await stampOf(spec, folder);
      options.signal?.throwIfAborted();
      const known = this.entries.get(key);
      const entry = known?.stamp === stamp ? known : { stamp, data: this.load(spec, folder, options) };
      this.keep(key, entry);
      try {
        return await entry.data;
      } catch (error) {
        if (error instanceof DataError) throw error;
        if (this.entries.get(key) === entry) this.entries.delete(key);
        if (entry !== known || options.signal?.aborted) throw error;
      }
    }
  }

  /** What is known of a source without its rows. Types come from all rows, so the file is read (once). */
  async schema(spec: SourceSpec, folder: string, options: LoadOptions = {}): Promise<Schema> {
    const { rows, columns, testRows } = (await this.table(spec, folder, options)).table;
    return { rows, columns, ...(testRows === undefined ? {} : { testRows }) };
  }

  private load(spec: SourceSpec, folder: string, options: LoadOptions): Promise<Loaded> {
    const onProgress = options.onProgress ?? this.progressOf?.(spec);
    return loadSource(spec, folder, { ...options, ...(onProgress ? { onProgress } : {}) });
  }

  clear(): void {
    this.entries.clear();
  }

  private keep(key: string, entry: Entry): void {
    this.entries.delete(key);
    this.entries.set(key, entry);
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.capacity) break;
      this.entries.delete(oldest);
    }
  }
}

async function stampOf(spec: SourceSpec, folder: string): Promise<string> {
  const stamps = readerOf(spec)
    .files(spec, folder)
    .map(async file => {
      const status = await stat(file).catch(() => undefined);
      return status ? `${status.size}:${status.mtimeMs}` : 'none';
    });
  return (await Promise.all(stamps)).join(' ');
}

/** A spec with its arguments in one order, so that equal sources have equal keys. */
function canonical(spec: SourceSpec): unknown {
  const names = Object.keys(spec.arguments).sort();
  return [
    spec.kind,
    names.map(name => {
      const value = spec.arguments[name]!;
      return [name, typeof value === 'object' && 'kind' in value ? canonical(value) : value];
    }),
  ];
}
