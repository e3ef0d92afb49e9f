import type { Expression, File } from '../language/ast';

/** Paths of the files and folders that a model reads, as it writes them, each once. */
export function dataPaths(file: File): string[] {
  const paths = new Set<string>();
  for (const statement of file.statements) {
    if (statement.kind === 'data') collect(statement.source, paths);
    if (statement.kind === 'import') paths.add(statement.path.value);
  }
  paths.delete('');
  return [...paths];
}

/** Sources nest: `csv("a.csv", test = csv("b.csv"))`. Their names of columns are lists, and no paths. */
function collect(expression: Expression, paths: Set<string>): void {
  if (expression.kind === 'string') paths.add(expression.value);
  if (expression.kind === 'call') for (const { value } of expression.arguments) collect(value, paths);
}
