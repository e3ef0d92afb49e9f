import { existsSync } from 'node:fs';
import path from 'node:path';
import { alignTable } from '../data/alignedTable';
import { isSpec } from '../data/arguments';
import { DataError } from '../data/error';
import { loadSource, type SourceArgument, type SourceSpec } from '../data/source';
import type { Table } from '../data/table';
import { requestedSources } from '../language/lower/sources';
import { analyzeText } from '../language/text';
import type { LoadedFile } from './load';
import { meant } from './options';
import { InputError, UsageError } from './status';

/** Readers of one file, by how its name ends. */
const readersByEnd: readonly (readonly [RegExp, string])[] = [
  [/\.(csv|tsv|txt)(\.gz)?$/i, 'csv'],
  [/\.parquet$/i, 'parquet'],
  [/\.jsonl(\.gz)?$/i, 'jsonl'],
  [/\.npy$/i, 'npy'],
  [/\.npz$/i, 'npz'],
];

/** Rows for the tables of a model, as `--data [NAME=]FILE` names them. Throws `UsageError` and `InputError`. */
export async function readNewTables(
  { source, tables }: LoadedFile,
  options: readonly string[],
): Promise<Map<string, Table>> {
  const specs = new Map(
    requestedSources(analyzeText(source).file).sources.map(({ name, spec }) => [name, spec]),
  );
  const read = new Map<string, Table>();
  for (const option of options) {
    const { name, file } = partsOf(option, [...specs.keys()]);
    const spec = specs.get(name)!;
    if (!existsSync(file)) throw new InputError(`--data ${option}: there is no such file`);
    try {
      const { table } = await loadSource(sourceOf(file, spec), '.');
      read.set(name, alignTable(table, tables.get(name)!));
    } catch (error) {
      throw error instanceof DataError ? new InputError(`--data ${option}: ${error.message}`) : error;
    }
  }
  return read;
}

function partsOf(option: string, names: readonly string[]): { name: string; file: string } {
  const cut = option.indexOf('=');
  const [only, ...others] = names;
  if (cut === 0 || cut === option.length - 1 || option === '') {
    throw new UsageError(`--data is [NAME=]FILE, not \`${option}\``);
  }
  if (only === undefined) throw new InputError(`--data ${option}: the model reads no data`);
  if (cut < 0) {
    if (others.length === 0) return { name: only, file: option };
    throw new InputError(
      `--data ${option}: the model reads ${names.join(', ')}; say which, as --data ${only}=${option}`,
    );
  }
  const name = option.slice(0, cut).normalize('NFC');
  if (names.includes(name)) return { name, file: option.slice(cut + 1) };
  throw new InputError(
    `--data ${option}: the model reads no data ${name}; it reads ${names.join(', ')}${meant(name, names)}`,
  );
}

/** The file read as the model reads its own, unless its name says that it is of another kind. */
function sourceOf(file: string, own: SourceSpec): SourceSpec {
  const place = path.resolve(file);
  const inner = ownFile(own);
  const kind = readersByEnd.find(([end]) => end.test(file))?.[1];
  if (inner && (kind === undefined || kind === inner.kind)) {
    const { test: _, ...others } = inner.arguments;
    return { kind: inner.kind, arguments: { ...others, path: place } };
  }
  if (kind) return { kind, arguments: { path: place } };
  throw new InputError(`--data ${file}: rows come from a .csv, .jsonl, .parquet, .npy or .npz file`);
}

/** The source that reads a file by its path, below those that change its table. */
function ownFile(spec: SourceSpec): SourceSpec | undefined {
  if (typeof spec.arguments.path === 'string') return spec;
  const below = Object.values<SourceArgument>(spec.arguments).find(isSpec);
  return below && ownFile(below);
}
