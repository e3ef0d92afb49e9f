import { closestWord } from '../base/spelling';
import { type Loaded, readCsv } from './csv';
import { DataError } from './error';
import { resolvePath } from './paths';
import { synthesize, syntheticSets } from './synthetic';
import type { Table } from './table';
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

/** The rows of a source, with warnings in the order they were found. */
export interface LoadedData {
  readonly table: Table;
  readonly warnings: readonly string[];
}

/**
 * One kind of source. A new one is an entry of `readers`; its arguments belong in the language's signature table under
 * the same names. `folder` is that of the model file.
 */
export interface Reader {
  /** The files it reads, resolved: when one of them changes, what was read is stale. */
  files(spec: SourceSpec, folder: string): readonly string[];
  read(spec: SourceSpec, folder: string, options: LoadOptions): Promise<LoadedData>;
}

/**
 * csv(path, header = auto, names = none, test = none): `test` is a path, read like the first, or another `csv(...)`.
 * For the synthetic sets see the table in `synthetic`.
 */
export const readers: Readonly<Record<string, Reader>> = {
  csv: {
    files(spec, folder) {
      const { path, test } = csvArguments(spec);
      const files = [resolvePath(path, folder)];
      return test ? [...files, ...readerOf(test).files(test, folder)] : files;
    },
    async read(spec, folder, options) {
      const { path, test, ...layout } = csvArguments(spec);
      const main = await readCsv(resolvePath(path, folder), { ...options, ...layout, given: path });
      if (!test) return main;
      const own = await loadSource(test, folder, options);
      const table = withTestRows(main.table, own.table, `"${String(test.arguments.path ?? test.kind)}"`);
      return { table, warnings: [...main.warnings, ...own.warnings] } satisfies Loaded;
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
): Promise<LoadedData> {
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

interface CsvArguments {
  readonly path: string;
  readonly header?: boolean | 'auto';
  readonly names?: readonly string[];
  readonly test?: SourceSpec;
}

function csvArguments(spec: SourceSpec): CsvArguments {
  const { path, header = 'auto', names = 'none', test = 'none', ...unknown } = spec.arguments;
  const fail = (message: string): never => {
    throw new DataError('argument-value', message);
  };
  const surplus = Object.keys(unknown)[0];
  if (surplus !== undefined) fail(`csv has no argument "${surplus}"; it takes path, header, names, test.`);
  if (typeof path !== 'string') return fail('csv needs the path of a file, as in csv("data/iris.csv").');
  if (header !== 'auto' && typeof header !== 'boolean') return fail('header of csv is true, false or auto.');
  if (names !== 'none' && !isNames(names))
    return fail('names of csv is a list of different names, none empty.');
  const own: CsvArguments = { path, header, ...(names === 'none' ? {} : { names }) };
  if (test === 'none') return own;
  if (typeof test === 'string') {
    return { ...own, test: { kind: 'csv', arguments: { ...spec.arguments, path: test, test: 'none' } } };
  }
  if (!isSpec(test)) return fail('test of csv is a path or another source.');
  if (test.arguments.test !== undefined) return fail('Test rows cannot bring test rows of their own.');
  return { ...own, test };
}

function isNames(value: SourceArgument): value is readonly string[] {
  return Array.isArray(value) && value.every(name => name !== '') && new Set(value).size === value.length;
}

function isSpec(value: SourceArgument): value is SourceSpec {
  return typeof value === 'object' && 'kind' in value;
}
