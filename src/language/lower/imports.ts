import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { File, ImportStatement } from '../ast';
import { type Diagnostic, ModelError, modelError } from '../diagnostic';
import { decodeText } from '../encoding';
import { parse } from '../parser';
import { Source } from '../source';
import type { Context } from './context';
import { Scope } from './scope';
import { lowerBind } from './statements';

/** A file named by an `import`, with the files it imports itself before it. */
export interface ImportedFile {
  readonly statement: ImportStatement;
  readonly source: Source;
  readonly file: File;
  readonly imports: readonly ImportedFile[];
}

/**
 * Reads the files that a file imports, and theirs. What is wrong with one is told at the `import` of the first file.
 * `path` is that of the importing file.
 */
export async function readImports(
  file: File,
  path: string,
  around: readonly string[] = [],
): Promise<{ readonly imports: readonly ImportedFile[]; readonly diagnostics: readonly Diagnostic[] }> {
  const imports: ImportedFile[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const statement of file.statements) {
    if (statement.kind !== 'import') continue;
    try {
      imports.push(await readImport(statement, path, [...around, resolve(path)]));
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      diagnostics.push({ ...error.diagnostic, span: statement.span });
    }
  }
  return { imports, diagnostics };
}

async function readImport(
  statement: ImportStatement,
  path: string,
  around: readonly string[],
): Promise<ImportedFile> {
  const named = statement.path.value;
  const target = resolve(dirname(path), named);
  const fail = (message: string): never => {
    throw modelError('data-file', statement.path.span, message);
  };
  if (around.includes(target))
    fail(`${named} imports itself, by way of ${around.length} file(s); imports make no circle`);
  const bytes = await readFile(target).catch(() => undefined);
  if (!bytes) return fail(`${named} cannot be read; the path is relative to the importing file`);
  const decoded = decodeText(bytes);
  if ('problem' in decoded) return fail(`${named}: ${decoded.problem}`);
  const source = new Source(named, decoded.text);
  const parsed = parse(source);
  const problem = parsed.diagnostics.find(diagnostic => diagnostic.severity === 'error');
  if (problem) {
    const { line, column } = source.position(problem.span.start);
    fail(`${named}:${line}:${column}: ${problem.message}`);
  }
  const inner = await readImports(parsed.file, target, around);
  const [first] = inner.diagnostics;
  if (first) fail(`${named}: ${first.message}`);
  return { statement, source, file: parsed.file, imports: inner.imports };
}

/** Makes the definitions of imported files available; their constants stay private. */
export function lowerImports(context: Context, imports: readonly ImportedFile[]): void {
  const origins = new Map<string, string>();
  for (const imported of imports) {
    for (const name of define(context, imported)) {
      const before = origins.get(name);
      if (before !== undefined && before !== imported.source.file) {
        const { file } = imported.source;
        context.report({
          code: 'name-duplicate',
          severity: 'error',
          span: imported.statement.span,
          message: `${name} is defined by both ${before} and ${file}; rename one of them`,
        });
      }
      origins.set(name, imported.source.file);
    }
  }
}

function define(context: Context, { statement, source, file, imports }: ImportedFile): string[] {
  lowerImports(context, imports);
  const scope = new Scope();
  const names: string[] = [];
  context.inSource(source, statement.span, () =>
    context.inScope(scope, () => {
      for (const inner of file.statements) {
        if (inner.kind === 'bind' && !inner.index) defineConstant(context, scope, inner);
        if (inner.kind === 'fn' || inner.kind === 'layer') {
          context.functions.set(inner.name.name, {
            statement: inner,
            source,
            imported: true,
            closure: scope.snapshot(),
          });
          names.push(inner.name.name);
        }
        if (inner.kind === 'optimizer') {
          context.optimizers.set(inner.name.name, { statement: inner, source, closure: scope.snapshot() });
          names.push(inner.name.name);
        }
      }
    }),
  );
  return names;
}

/** Only constants are of use to a definition; a value that rests on the file's own inputs is left out. */
function defineConstant(context: Context, scope: Scope, statement: Parameters<typeof lowerBind>[1]): void {
  try {
    context.aside(scope, () => lowerBind(context, statement));
  } catch {
    scope.delete(statement.name.name);
  }
}
