import type { Expression, File, StringLiteral } from '../language/ast';

/** Paths of the files and folders that a model reads, as it writes them, each once. */
export function dataPaths(file: File): string[] {
  return [...new Set(pathLiterals(file).map(({ value }) => value))];
}

/** The literals behind them, in order. */
export function pathLiterals(file: File): StringLiteral[] {
  const literals: StringLiteral[] = [];
  for (const statement of file.statements) {
    if (statement.kind === 'data') collect(statement.source, literals);
    if (statement.kind === 'import') literals.push(statement.path);
  }
  return literals.filter(({ value }) => value !== '');
}

/** Sources nest: `csv("a.csv", test = csv("b.csv"))`. Their names of columns are lists, and no paths. */
function collect(expression: Expression, literals: StringLiteral[]): void {
  if (expression.kind === 'string') literals.push(expression);
  if (expression.kind === 'call') for (const { value } of expression.arguments) collect(value, literals);
}
