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
  const above = new Map<string, Expression>();
  for (const statement of file.statements) {
    if (statement.kind !== 'data') continue;
    const { name, source } = statement;
    const tables = new Map(above);
    above.set(name.name, source);
    if (!used.has(name.name) || source.kind === 'missing' || hasUnknownArgument(source)) continue;
    try {
      sources.push({ name: name.name, statement, spec: readSource(source, tables) });
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      diagnostics.push(error.diagnostic);
    }
  }
  return { sources, diagnostics };
}

/** Sources of the tables above, by name: where a source takes a table, its source stands in its place. */
type Tables = ReadonlyMap<string, Expression>;

function readSource(expression: Expression, tables: Tables): SourceSpec {
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
    if (name === undefined) return;
    const isTable = known.parameters.some(parameter => parameter.name === name && parameter.kind === 'table');
    values[name] = isTable ? readTable(argument.value, tables) : readArgument(argument.value, tables);
  });
  return { kind: known.name, arguments: values };
}

function readTable(expression: Expression, tables: Tables): SourceSpec {
  if (expression.kind === 'call') return readSource(expression, tables);
  const source = expression.kind === 'name' ? tables.get(expression.name) : undefined;
  if (source) {
    // A table sees those above it, which keeps tables from resting on themselves.
    const before = new Map([...tables].slice(0, [...tables.values()].indexOf(source)));
    return readSource(source, before);
  }
  throw modelError('argument', expression.span, 'the name of a table is needed, a `data` statement above');
}

/** Reported with the other mistakes of calls, when names are checked. */
function hasUnknownArgument(source: Expression): boolean {
  const known = source.kind === 'call' ? signature(source.callee.name, 'data source') : undefined;
  if (source.kind !== 'call' || !known) return false;
  return source.arguments.some(
    ({ name }) => name && !known.parameters.some(parameter => parameter.name === name.name),
  );
}

function readArgument(expression: Expression, tables: Tables): SourceArgument {
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
      return readSource(expression, tables);
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

/** Every name that an expression of the file mentions. A table that only another table rests on is not read by itself. */
function usedNames(file: File): Set<string> {
  const names = new Set<string>();
  const visit = (expression: Expression): void => {
    if (expression.kind === 'name') names.add(expression.name);
    childExpressions(expression).forEach(visit);
  };
  eachStatement(file.statements, statement => {
    if (statement.kind !== 'data') statementExpressions(statement).forEach(visit);
  });
  return names;
}
