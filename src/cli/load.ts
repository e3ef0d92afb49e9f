import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { DataCache } from '../data/cache';
import type { LoadOptions } from '../data/source';
import type { Table } from '../data/table';
import { analyze, unexplained } from '../language/analyze';
import type { Diagnostic } from '../language/diagnostic';
import { decodeText } from '../language/encoding';
import { mergeFindings } from '../language/mergeFindings';
import type { Model } from '../language/model';
import { Source } from '../language/source';
import { analyzeText } from '../language/text';
import { evaluate } from '../runtime/evaluate';
import { hasErrors, printDiagnostics } from './diagnostics';
import { ProgressBar } from './progressBar';
import { InputError, NeedsRoom } from './status';
import type { Terminal } from './terminal';

/** A model file, read and checked, with the rows of its data. */
export interface LoadedFile {
  readonly source: Source;
  readonly model: Model;
  readonly tables: ReadonlyMap<string, Table>;
}

export interface CheckedFile {
  readonly source: Source;
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when the file is no text at all. */
  readonly loaded?: LoadedFile;
}

/** The text of a file, empty with a problem when it is no text at all. Throws `InputError` when it cannot be read. */
export async function readSource(file: string): Promise<{ source: Source; problem?: Diagnostic }> {
  const decoded = decodeText(await readInput(file));
  if ('text' in decoded) return { source: new Source(file, decoded.text) };
  const problem: Diagnostic = {
    code: 'text-encoding',
    severity: 'error',
    span: { start: 0, end: 0 },
    message: decoded.problem,
  };
  return { source: new Source(file, ''), problem };
}

/** Never throws for what stands in the file, but `NeedsRoom`; `InputError` when it cannot be read. */
export async function checkFile(file: string, loading: LoadOptions = {}): Promise<CheckedFile> {
  const { source, problem } = await readSource(file);
  if (problem) return { source, diagnostics: [problem] };
  const text = analyzeText(source);
  const folder = path.dirname(path.resolve(file));
  let analyzing = true;
  const onDeepCalls = (): void => {
    if (isMainThread && analyzing) throw new NeedsRoom();
  };
  const options = { ...loading, data: new DataCache(), evaluate, folder, trusted: true, onDeepCalls };
  const { model, tables, diagnostics } = await analyze(source, text.file, options);
  analyzing = false;
  const found = mergeFindings(text.diagnostics, diagnostics);
  return {
    source,
    diagnostics: [...found, ...unexplained(model, found)],
    loaded: { source, model, tables },
  };
}

/** The model of a file without errors, warnings printed; undefined, and everything printed, when there are errors. */
export async function loadFile(file: string, terminal: Terminal): Promise<LoadedFile | undefined> {
  const bar = new ProgressBar(terminal);
  const { source, diagnostics, loaded } = await checkFile(file, { onProgress: showing(bar) });
  bar.clear();
  terminal.err(printDiagnostics(source, diagnostics, terminal.errStyle));
  return hasErrors(diagnostics) ? undefined : loaded;
}

/** Shows how much of a source is read; every source begins anew. */
function showing(bar: ProgressBar): (read: number, total: number) => void {
  let started = performance.now();
  let before = 0;
  return (read, total) => {
    const share = total > 0 ? Math.min(1, read / total) : 1;
    if (share < before) started = performance.now();
    before = share;
    bar.share(share, ['reading data'], (performance.now() - started) / 1000);
  };
}

/** The bytes of a file named on the command line. */
export async function readInput(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new InputError(`${file}: ${readProblem(error as NodeJS.ErrnoException)}`);
  }
}

function readProblem(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file';
    case 'EISDIR':
      return 'this is a folder; name a file in it';
    case 'EACCES':
    case 'EPERM':
      return 'the file may not be read';
    default:
      return `the file cannot be read (${error.message})`;
  }
}
