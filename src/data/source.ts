import { join } from 'node:path';
import { closestWord } from '../base/spelling';
import { csvLayout, fileOf, isSpec, onePath, pathOf, requireArguments, tableOf } from './arguments';
import type { ReadOptions } from './bytes';
import { cifarFiles, readCifar10 } from './cifar10';
import { readCsv } from './csv';
import { DataError } from './error';
import { readIdx } from './idx';
import { imageFolders, readImages } from './images';
import { readJsonl } from './jsonl';
import { isGapWarning, type Loaded } from './loaded';
import { readNpy } from './npy';
import { readNpz } from './npz';
import { readParquet } from './parquet';
import { synthesize, syntheticSets } from './synthetic';
import { dropna } from './table';
import { withTestRows } from './testRows';

/** A data source as a model file writes it: `csv("a.csv", header = true)`, arguments by name. */
export interface SourceSpec {
  readonly kind: string;
  readonly arguments: Readonly<Record<string, SourceArgument>>;
}

export type SourceArgument = string | number | boolean | readonly string[] | SourceSpec;

export interface LoadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (read: number, total: number) => void;
}

/**
 * One kind of source. A new one is an entry of `readers`; its arguments belong in the language's signature table under
 * the same names. `folder` is that of the model file.
 */
export interface Reader {
  /** The files it reads, resolved: when one of them changes, what was read is stale. */
  files(spec: SourceSpec, folder: string): readonly string[];
  read(spec: SourceSpec, folder: string, options: LoadOptions): Promise<Loaded>;
}

/**
 * Every kind of source. Those that read files take `test = none` beside their own arguments: the same kind of source, or a
 * path, with the rows to test on.
 */
export const readers: Readonly<Record<string, Reader>> = {
  csv: withTest(['path', 'header', 'names'], {
    files: onePath,
    read: (spec, folder, options) => readCsv(...pathOf(spec, folder, { ...options, ...csvLayout(spec) })),
  }),
  parquet: withTest(['path'], fileReader(readParquet)),
  jsonl: withTest(['path'], fileReader(readJsonl)),
  npy: withTest(['path'], fileReader(readNpy)),
  npz: withTest(['path'], fileReader(readNpz)),
  idx: withTest(['images', 'labels'], {
    files: (spec, folder) => ['images', 'labels'].map(name => fileOf(spec, name, folder).file),
    read: (spec, folder, options) =>
      readIdx(fileOf(spec, 'images', folder), fileOf(spec, 'labels', folder), options),
  }),
  cifar10: {
    files: (spec, folder) => cifarFiles.map(name => join(fileOf(spec, 'folder', folder).file, name)),
    read(spec, folder, options) {
      requireArguments(spec, ['folder']);
      const { file, given } = fileOf(spec, 'folder', folder);
      return readCifar10(file, { ...options, given });
    },
  },
  images: withTest(['folder'], {
    files: (spec, folder) => imageFolders(fileOf(spec, 'folder', folder).file),
    read(spec, folder, options) {
      const { file, given } = fileOf(spec, 'folder', folder);
      return readImages(file, { ...options, given });
    },
  }),
  dropna: {
    files: (spec, folder) => readerOf(tableOf(spec)).files(tableOf(spec), folder),
    async read(spec, folder, options) {
      const { table, warnings } = await loadSource(tableOf(spec), folder, options);
      return { table: dropna(table), warnings: warnings.filter(warning => !isGapWarning(warning)) };
    },
  },
  ...Object.fromEntries(
    (Object.keys(syntheticSets) as (keyof typeof syntheticSets)[]).map(kind => [kind, synthetic(kind)]),
  ),
};

/**
 * Reads a source. Throws a `DataError` for everything that is wrong with the arguments or the files, and the reason of
 * the signal when it is aborted.
 */
export async function loadSource(
  spec: SourceSpec,
  folder: string,
  options: LoadOptions = {},
): Promise<Loaded> {
  options.signal?.throwIfAborted();
  return readerOf(spec).read(spec, folder, options);
}

/** The reader of a source. Throws a `DataError` when there is none of that kind. */
export function readerOf(spec: SourceSpec): Reader {
  const reader = Object.hasOwn(readers, spec.kind) ? readers[spec.kind] : undefined;
  if (reader) return reader;
  const near = closestWord(spec.kind, Object.keys(readers));
  const help = near ? `Did you mean ${near}?` : `There are ${Object.keys(readers).join(', ')}.`;
  throw new DataError('argument-value', `${spec.kind} is not a data source. ${help}`);
}

function synthetic(kind: keyof typeof syntheticSets): Reader {
  return {
    files: () => [],
    read: async spec => ({ table: synthesize(kind, spec.arguments), warnings: [] }),
  };
}

/** A kind that reads one file and has no arguments but `path`. */
function fileReader(read: (file: string, options: ReadOptions) => Promise<Loaded>): Reader {
  return { files: onePath, read: (spec, folder, options) => read(...pathOf(spec, folder, options)) };
}

/** Adds the argument `test` to a reader that takes the arguments `own`. */
function withTest(own: readonly string[], reader: Reader): Reader {
  return {
    files(spec, folder) {
      const test = testOf(spec, own);
      const files = reader.files(spec, folder);
      return test ? [...files, ...readerOf(test).files(test, folder)] : files;
    },
    async read(spec, folder, options) {
      requireArguments(spec, [...own, 'test']);
      const test = testOf(spec, own);
      const main = await reader.read(spec, folder, options);
      if (!test) return main;
      const { table, warnings } = await loadSource(test, folder, options);
      const name = Object.values(test.arguments).find(value => typeof value === 'string');
      const joined = withTestRows(main.table, table, `"${name ?? test.kind}"`);
      return { table: joined, warnings: [...main.warnings, ...warnings] };
    },
  };
}

/** Where the test rows come from; a path is read like the source it belongs to. */
function testOf(spec: SourceSpec, own: readonly string[]): SourceSpec | undefined {
  const { test = 'none' } = spec.arguments;
  if (test === 'none') return undefined;
  const place = own.find(name => name === 'path' || name === 'folder');
  if (typeof test === 'string' && place !== undefined) {
    return { kind: spec.kind, arguments: { ...spec.arguments, [place]: test, test: 'none' } };
  }
  if (!isSpec(test)) {
    const what = place ? 'a path or another source' : `another source, as in ${spec.kind}(...)`;
    throw new DataError('argument-value', `test of ${spec.kind} is ${what}.`);
  }
  if (test.arguments.test !== undefined) {
    throw new DataError('argument-value', 'Test rows cannot bring test rows of their own.');
  }
  return test;
}
