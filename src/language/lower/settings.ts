import type { Argument, CallExpression, Entry, Expression, File, Identifier, TrainStatement } from '../ast';
import type { Span } from '../source';
import type { Tunable } from '../tunable';

export type SettingValue = number | boolean;

/** One point of a search: a value for each name that is varied. */
export type Settings = Readonly<Record<string, SettingValue>>;

/** What is written in place of a number of the file. */
export interface Replacement {
  readonly place: Tunable;
  readonly value: SettingValue;
}

/**
 * The file with other numbers in some places and without its `tune` block, as if they had been written so: what
 * rests on them follows, shapes too. Findings point at the places of the file as it stands. A file that trains with
 * the defaults gets a `train` block for what it names `objective`.
 */
export function withSettings(file: File, replacements: readonly Replacement[], objective: string): File {
  const statements = file.statements
    .filter(statement => statement.kind !== 'tune')
    .map(statement => {
      if (statement.kind === 'train') return changeTrain(statement, replacements);
      const found = replacements.find(
        ({ place }) => place.kind === 'number' && place.statement === statement,
      );
      return found && statement.kind === 'bind'
        ? { ...statement, value: literal(found.value, statement.value.span) }
        : statement;
    });
  const missing = replacements.filter(({ place }) => place.kind !== 'number' && !place.train);
  if (missing.length === 0) return { ...file, statements };
  const span = { start: 0, end: 0 };
  const empty: TrainStatement = {
    kind: 'train',
    objective: { kind: 'name', name: objective, span },
    entries: [],
    span,
  };
  return { ...file, statements: [...statements, changeEntries(empty, missing)] };
}

function changeTrain(statement: TrainStatement, replacements: readonly Replacement[]): TrainStatement {
  const own = replacements.filter(({ place }) => place.kind !== 'number' && place.train === statement);
  return changeEntries(statement, own);
}

function changeEntries(statement: TrainStatement, replacements: readonly Replacement[]): TrainStatement {
  let { entries } = statement;
  for (const { place, value } of replacements) {
    const key = place.kind === 'argument' ? place.of : place.name;
    const written = entries.find(entry => entry.key.name === key);
    const span = written?.value.span ?? statement.span;
    const next =
      place.kind === 'argument' ? changeCall(place, value, written?.value, span) : literal(value, span);
    entries = setEntry(entries, { name: key, span }, next);
  }
  return { ...statement, entries };
}

/** `epochs` given by a setting takes the place of `steps`, and the other way round. */
const opposites: Readonly<Record<string, string>> = { epochs: 'steps', steps: 'epochs' };

function setEntry(entries: readonly Entry[], key: Identifier, value: Expression): Entry[] {
  const others = entries.filter(entry => entry.key.name !== opposites[key.name]);
  const at = others.findIndex(entry => entry.key.name === key.name);
  if (at < 0) return [...others, { key, value, span: key.span }];
  return others.map((entry, i) => (i === at ? { ...entry, value } : entry));
}

/** The call with one argument replaced where it stands, or added by name. */
function changeCall(
  { callee, parameter, parameters }: Tunable & { kind: 'argument' },
  value: SettingValue,
  written: Expression | undefined,
  span: Span,
): CallExpression {
  const call: CallExpression =
    written?.kind === 'call'
      ? written
      : { kind: 'call', callee: { name: callee, span }, arguments: [], span };
  const at = call.arguments.findIndex(({ name }, i) =>
    name ? name.name === parameter.name : parameters[i]?.name === parameter.name,
  );
  const before = call.arguments[at];
  const next: Argument = before
    ? { ...before, value: literal(value, before.value.span) }
    : { name: { name: parameter.name, span }, value: literal(value, span), span };
  const changed = before
    ? call.arguments.map((argument, i) => (i === at ? next : argument))
    : [...call.arguments, next];
  return { ...call, arguments: changed };
}

function literal(value: SettingValue, span: Span): Expression {
  if (typeof value === 'number') return { kind: 'number', value, span };
  return { kind: 'constant', name: value ? 'true' : 'false', span };
}
