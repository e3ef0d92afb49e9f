import type { SourceArgument, SourceSpec } from '../../data/source';
import { signature } from '../../library/signatures';
import type { DataStatement, Expression, File } from '../ast';
import { type Diagnostic, ModelError, modelError } from '../diagnostic';
import { childExpressions, eachStatement, statementExpressions } from '../walk';

/** A `data` statement that something uses: what to read, before anything is lowered. */
export interface RequestedSource {
  readonly name: string;
  readonly statement: DataStatement;
  readonly spec: SourceSpec;
}

/** The sources a file needs read. Their arguments are texts, numbers, words and lists of texts. Unused data is not read. */
export function requestedSources(file: File): {
  readonly sources: readonly RequestedSource[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const used = usedNames(file);
  const sources: RequestedSource[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const statement of file.statements) {
    if (statement.kind !== 'data' || !used.has(statement.name.name)) continue;
    if (statement.source.kind === 'missing' || hasUnknownArgument(statement.source)) continue;
    try {
      sources.push({ name: statement.name.name, statement, spec: readSource(statement.source) });
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      diagnostics.push(error.diagnostic);
    }
  }
  return { sources, diagnostics };
}

function readSource(expression: Expression): SourceSpec {
  const known = expression.kind === 'call' ? signature(expression.callee.name, 'data source') : undefined;
  if (expression.kind !== 'call' || !known) {
    throw modelError(
      'argument',
      expression.span,
      'a data source is a call such as csv("data/iris.csv") or moons()',
    );
  }
  const values: Record<string, SourceArgument> = {};
  expression.arguments.forEach((argument, i) => {
    const name = argument.name?.name ?? known.parameters[i]?.name;
    if (name !== undefined) values[name] = readArgument(argument.value);
  });
  return { kind: known.name, arguments: values };
}

/** Reported with the other mistakes of calls, when names are checked. */
function hasUnknownArgument(source: Expression): boolean {
  const known = source.kind === 'call' ? signature(source.callee.name, 'data source') : undefined;
  if (source.kind !== 'call' || !known) return false;
  return source.arguments.some(
    ({ name }) => name && !known.parameters.some(parameter => parameter.name === name.name),
  );
}

function readArgument(expression: Expression): SourceArgument {
  switch (expression.kind) {
    case 'string':
    case 'number':
      return expression.value;
    case 'constant':
      if (expression.name === 'true' || expression.name === 'false') return expression.name === 'true';
      return expression.name;
    case 'name':
      return expression.name;
    case 'call':
      return readSource(expression);
    case 'unary':
      if (expression.operator === '-' && expression.operand.kind === 'number')
        return -expression.operand.value;
      break;
    case 'list':
      return expression.items.map(item => {
        if (item.kind === 'string') return item.value;
        throw modelError('argument-value', item.span, 'a list of texts is needed, such as ["a", "b"]');
      });
  }
  throw modelError(
    'argument-value',
    expression.span,
    'a source takes texts, numbers, true, false and lists of texts',
  );
}

/** Every name that an expression of the file mentions. */
function usedNames(file: File): Set<string> {
  const names = new Set<string>();
  const visit = (expression: Expression): void => {
    if (expression.kind === 'name') names.add(expression.name);
    childExpressions(expression).forEach(visit);
  };
  eachStatement(file.statements, statement => statementExpressions(statement).forEach(visit));
  return names;
}
