import { closestWord } from '../base/spelling';
import { contextsOf, type SignatureContext } from '../library/signatures';
import type { File, Statement } from './ast';
import type { Diagnostic, Fix } from './diagnostic';
import { foreignNames } from './foreignNames';
import type { Definition, Symbols, UnknownName } from './symbols';
import { isCallOf, someExpression } from './walk';

const places: Readonly<Record<SignatureContext, string>> = {
  expression: 'a function: it stands in expressions',
  initializer: 'an initialiser: it stands after `~` and in arguments of layers',
  'data source': 'a data source: it stands in `data d = ...`',
  optimizer: 'an optimiser: it stands in `optimizer = ...` of a `train` block',
  schedule: 'a schedule: it stands in `schedule = ...` of a `train` block',
  search: 'a search range: it stands in a `tune` block',
};

const gradientForms = new Set(['grad', 'jacobian', 'hessian', 'jvp', 'vjp', 'numeric_grad']);

/** Names that mean nothing, names defined twice, and names that nothing uses. */
export function checkNames(file: File, symbols: Symbols, complete: boolean): Diagnostic[] {
  // beyond what is shown anyway, looking for similar names only costs time
  const unknown = symbols.unknown.map((name, i) =>
    explainUnknown(i < 100 ? name : { ...name, candidates: [] }),
  );
  const duplicates = symbols.duplicates.map(explainDuplicate);
  // in a broken file, what looks unused may be meant where it is broken
  const sound = complete && unknown.length === 0 && duplicates.length === 0;
  return [...unknown, ...duplicates, ...(sound ? unused(file, symbols) : [])];
}

function explainUnknown(unknown: UnknownName): Diagnostic {
  const { name, span, elsewhere } = unknown;
  const base = { code: 'name-unknown', severity: 'error', span } as const;
  if (unknown.role === 'call') return { ...base, ...unknownFunction(unknown) };
  const related = elsewhere && [{ span: elsewhere.span, message: `\`${name}\` is bound here` }];
  if (elsewhere !== undefined && elsewhere.scope !== undefined && elsewhere.span.start < span.start) {
    return {
      ...base,
      message: `\`${name}\` is known only inside the function that binds it.`,
      related: related!,
    };
  }
  if (elsewhere !== undefined) {
    const message =
      elsewhere.span.start > span.start
        ? `\`${name}\` is bound further down: names are known from the line after the one that binds them.`
        : `\`${name}\` is bound in a block that may not run: bind it on every path, or before the block.`;
    return { ...base, message, related: related! };
  }
  if (contextsOf(name).length > 0) {
    return {
      ...base,
      message: `\`${name}\` is a function, and no value has this name: call it, \`${name}(...)\`.`,
    };
  }
  const meant = closestWord(name, unknown.candidates);
  const what =
    unknown.role === 'symbol' ? 'No shape of an input or parameter has the size' : 'No value has the name';
  return { ...base, message: `${what} \`${name}\`.${didYouMean(meant)}`, ...fixes(span, meant) };
}

function unknownFunction({
  name,
  span,
  context,
  candidates,
}: UnknownName): Pick<Diagnostic, 'message' | 'fixes'> {
  const elsewhere = contextsOf(name)[0];
  if (elsewhere !== undefined) {
    const here = context === undefined || context === 'expression' ? '' : `, not here`;
    return { message: `\`${name}\` is ${places[elsewhere]}${here}.` };
  }
  const translated = Object.hasOwn(foreignNames, name) ? foreignNames[name] : undefined;
  const meant =
    translated !== undefined && candidates.includes(translated) ? translated : closestWord(name, candidates);
  const kind = context === undefined || context === 'expression' ? 'function' : nouns[context];
  return { message: `There is no ${kind} \`${name}\`.${didYouMean(meant)}`, ...fixes(span, meant) };
}

const nouns: Readonly<Record<SignatureContext, string>> = {
  expression: 'function',
  initializer: 'initialiser',
  'data source': 'data source',
  optimizer: 'optimiser',
  schedule: 'schedule',
  search: 'search range',
};

function explainDuplicate({ first, second }: Symbols['duplicates'][number]): Diagnostic {
  return {
    code: 'name-duplicate',
    severity: 'error',
    span: second.span,
    message: `\`${second.name}\` is already ${article(first)} of this file: choose another name.`,
    related: [{ span: first.span, message: `\`${first.name}\` is first defined here` }],
  };
}

function article(definition: Definition): string {
  if (definition.kind === 'data') return 'a table';
  if (definition.kind === 'instance') return 'a layer';
  const noun =
    definition.kind === 'param' ? 'parameter' : definition.kind === 'fn' ? 'function' : definition.kind;
  return `${/^[aeio]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

/**
 * Names that nothing uses. A file is also read for its values, so a result that stands at the end, or a
 * gradient bound to be looked at, is no fault.
 */
function unused(file: File, symbols: Symbols): Diagnostic[] {
  const used = new Set<Definition>();
  for (const use of symbols.uses) for (const definition of use.definitions) used.add(definition);
  const train = file.statements.find(statement => statement.kind === 'train');
  const lasting = new Set(symbols.lasting);
  const found: Diagnostic[] = [];
  for (const definition of symbols.definitions) {
    const { statement } = definition;
    const collects = statement.kind === 'bind' && statement.index !== undefined;
    if (used.has(definition) || definition.name.startsWith('_') || collects) continue;
    if (definition.kind === 'data')
      found.push(hint(definition, `The data \`${definition.name}\` is never used, and not read.`));
    else if (definition.kind === 'input')
      found.push(hint(definition, `The input \`${definition.name}\` is never used.`));
    else if (definition.kind === 'node') {
      if (!lasting.has(definition))
        found.push(
          hint(definition, `This \`${definition.name}\` is never used: the name is bound again before.`),
        );
      else if (definition.scope !== undefined || (train !== undefined && isForgotten(definition, train))) {
        found.push(hint(definition, `\`${definition.name}\` is never used.`));
      }
    }
  }
  return found;
}

function isForgotten({ statement, name, span }: Definition, train: Statement): boolean {
  if (span.start > train.span.start || name === 'loss' || statement.kind !== 'bind') return false;
  return !someExpression(statement.value, part => isCallOf(part, gradientForms));
}

function hint(definition: Definition, message: string): Diagnostic {
  return { code: 'name-unused', severity: 'hint', span: definition.span, message };
}

export function didYouMean(word: string | undefined): string {
  return word === undefined ? '' : ` Did you mean \`${word}\`?`;
}

export function fixes(span: Fix['span'], word: string | undefined): { fixes?: Fix[] } {
  return word === undefined ? {} : { fixes: [{ title: `Write ${word}`, span, text: word }] };
}
