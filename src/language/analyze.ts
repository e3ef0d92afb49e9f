import { basename, resolve } from 'node:path';
import type { DataCache } from '../data/cache';
import { DataError } from '../data/error';
import type { LoadOptions } from '../data/source';
import type { Schema, Table } from '../data/table';
import type { Descent } from '../graph/descent';
import type { Evaluate } from '../graph/evaluate';
import type { File } from './ast';
import type { Diagnostic } from './diagnostic';
import { readImports } from './lower/imports';
import { lowerAfter } from './lower/lower';
import type { Lowering } from './lower/replay';
import { type RequestedSource, requestedSources } from './lower/sources';
import type { Model } from './model';
import type { Source } from './source';

export interface AnalyzeOptions extends LoadOptions {
  readonly data: DataCache;
  readonly evaluate: Evaluate;
  /** Relative data paths start here. */
  readonly folder: string;
  /** Data is read only when the person trusts the folder. */
  readonly trusted: boolean;
  /** See `LowerOptions`. */
  readonly onDeepCalls?: () => void;
  /** How the version before was lowered. */
  readonly before?: Lowering;
}

/** A model with the rows of the data it uses. */
export interface AnalyzedModel {
  readonly model: Model;
  readonly tables: ReadonlyMap<string, Table>;
  /** Of reading the data and of lowering; those of the text alone come from `analyzeText`. */
  readonly diagnostics: readonly Diagnostic[];
  /** For the version after this one. */
  readonly lowering: Lowering;
  /** What the nodes were in the version before, where that is known. */
  readonly descent: Descent | undefined;
}

/** Reads the data a parsed file asks for, and lowers it. Never throws for a mistake in the file or its data. */
export async function analyze(source: Source, file: File, options: AnalyzeOptions): Promise<AnalyzedModel> {
  const requested = requestedSources(file);
  const diagnostics: Diagnostic[] = [...requested.diagnostics];
  const tables = new Map<string, Table>();
  for (const wanted of requested.sources) {
    if (!options.trusted) diagnostics.push(untrusted(wanted));
    else await readTable(wanted, options, tables, diagnostics);
  }
  const schemas = new Map<string, Schema>([...tables]);
  const { imports, diagnostics: problems } = await readImports(
    file,
    resolve(options.folder, basename(source.file)),
  );
  diagnostics.push(...problems);
  const { evaluate, onDeepCalls } = options;
  const own = { schemas, evaluate, imported: imports, ...(onDeepCalls ? { onDeepCalls } : {}) };
  const { model, lowering, descent } = lowerAfter(options.before, source, file, own);
  return { model, tables, diagnostics: [...diagnostics, ...model.diagnostics], lowering, descent };
}

/** Statements that were given up without a word: said only when nothing else is wrong, so that no mistake is silent. */
export function unexplained(model: Model, others: readonly Diagnostic[]): readonly Diagnostic[] {
  const explained = others.some(diagnostic => diagnostic.severity === 'error') || model.skipped.length === 0;
  return explained ? [] : model.skipped;
}

async function readTable(
  { name, statement, spec }: RequestedSource,
  options: AnalyzeOptions,
  tables: Map<string, Table>,
  diagnostics: Diagnostic[],
): Promise<void> {
  const { span } = statement.source;
  try {
    const { table, warnings } = await options.data.table(spec, options.folder, options);
    tables.set(name, table);
    for (const message of warnings)
      diagnostics.push({ code: 'data-missing', severity: 'warning', span, message });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    diagnostics.push({ code: error.code, severity: 'error', span, message: error.message });
  }
}

function untrusted({ statement }: RequestedSource): Diagnostic {
  return {
    code: 'data-untrusted',
    severity: 'warning',
    span: statement.source.span,
    message: 'data is not read until you trust this workspace; shapes that rest on it are not known',
  };
}
