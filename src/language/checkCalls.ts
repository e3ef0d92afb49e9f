import { closestWord } from '../base/spelling';
import type { SignatureParameter } from '../library/signature';
import { signature } from '../library/signatures';
import type { ArgumentProblem } from './arguments';
import type { Argument } from './ast';
import { didYouMean, fixes } from './checkNames';
import type { Diagnostic } from './diagnostic';
import type { Source } from './source';
import type { ResolvedCall, Symbols } from './symbols';
import { replacement } from './tokenStream';

/** The arguments of every call: their number, their names, and words that must be one of a few. */
export function checkCalls(symbols: Symbols, source: Source): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { name, span, context } of symbols.uncalled) {
    const needs = signature(name, context)!.parameters.some(p => p.default === undefined && !p.variadic);
    const text = `${name}()`;
    const message = `\`${name}\` needs parentheses: \`${needs ? `${name}(...)` : text}\`.`;
    found.push({ code: 'argument', severity: 'error', span, message, ...(needs ? {} : fixes(span, text)) });
  }
  for (const resolved of symbols.calls) {
    const bracketed = unbracketed(resolved, source) ?? overBracketed(resolved, source);
    if (bracketed !== undefined) found.push(bracketed);
    else if (resolved.problems.length > 0) {
      found.push(...resolved.problems.slice(0, 3).map(problem => explain(problem, resolved, source)));
    }
    const given = resolved.call.arguments;
    for (let i = 0; i < given.length; i++) {
      const wrong = checkValue(given[i]!, resolved.parameters[i], source);
      if (wrong !== undefined) found.push(wrong);
    }
  }
  return found;
}

/** `reshape(x, 2, 3)`: sizes and axes are one list. */
function unbracketed(
  { call, parameters, problems, formals }: ResolvedCall,
  source: Source,
): Diagnostic | undefined {
  if (problems.length === 0 || problems.some(problem => problem.kind !== 'surplus')) return undefined;
  const listKinds = ['shape', 'axes'];
  const position = formals.findIndex(formal => formal.kind !== undefined && listKinds.includes(formal.kind));
  const first = call.arguments[position];
  if (first === undefined || first.value.kind === 'list') return undefined;
  const rest = call.arguments.slice(position).filter(argument => argument.name === undefined);
  if (
    parameters[position] !== formals[position] ||
    rest.some(({ value }) => value.kind === 'list' || value.kind === 'constant')
  )
    return undefined;
  const span = { start: first.span.start, end: rest.at(-1)!.span.end };
  const text = `[${source.slice(span)}]`;
  const message = `\`${formals[position]!.name}\` of \`${call.callee.name}\` is one list: \`${text}\`.`;
  return { code: 'argument', severity: 'error', span, message, ...fixes(span, text) };
}

const oneByOne: ReadonlySet<string> = new Set(['concat', 'stack', 'choice']);

/** `concat([a, b])`: tensors are given one by one. */
function overBracketed({ call, formals, definition }: ResolvedCall, source: Source): Diagnostic | undefined {
  if (definition !== undefined || !formals[0]?.variadic || !oneByOne.has(call.callee.name)) return undefined;
  const [first, ...others] = call.arguments;
  if (first === undefined || first.name !== undefined || first.value.kind !== 'list') return undefined;
  if (others.some(argument => argument.name === undefined)) return undefined;
  const { items, span } = first.value;
  if (items.length === 0) return undefined;
  const text = source.slice({ start: items[0]!.span.start, end: items.at(-1)!.span.end });
  const message = `\`${call.callee.name}\` takes its values one by one, without brackets: \`${call.callee.name}(a, b)\`.`;
  return {
    code: 'argument',
    severity: 'error',
    span,
    message,
    fixes: [replacement(span, text, 'Remove the brackets')],
  };
}

function explain(problem: ArgumentProblem, resolved: ResolvedCall, source: Source): Diagnostic {
  const { call, formals } = resolved;
  const callee = `\`${call.callee.name}\``;
  const base = { code: 'argument', severity: 'error' } as const;
  switch (problem.kind) {
    case 'missing': {
      const message = `${callee} needs \`${problem.parameter.name}\`: \`${usage(resolved)}\`.`;
      return { ...base, span: call.callee.span, message };
    }
    case 'surplus': {
      const count =
        formals.length === 0
          ? 'no argument'
          : formals.length === 1
            ? 'one argument'
            : `at most ${formals.length} arguments`;
      return {
        ...base,
        span: problem.argument.span,
        message: `${callee} takes ${count}: \`${usage(resolved)}\`.`,
      };
    }
    case 'unknown': {
      const { name, span } = problem.argument.name!;
      const names = formals.filter(formal => !formal.variadic).map(formal => formal.name);
      const meant = closestWord(name, names);
      const all = meant === undefined ? ` It is \`${usage(resolved)}\`.` : didYouMean(meant);
      return {
        ...base,
        span,
        message: `${callee} has no argument \`${name}\`.${all}`,
        ...fixes(span, meant),
      };
    }
    case 'repeated': {
      const { argument, first } = problem;
      const given = argument.name?.name ?? source.slice(argument.span);
      const message = `The argument \`${given}\` of ${callee} is given twice.`;
      return {
        ...base,
        span: argument.span,
        message,
        related: [{ span: first.span, message: 'It is first given here' }],
      };
    }
    case 'positional':
      return {
        ...base,
        span: problem.argument.span,
        message: 'An argument without a name stands before those with one: move it forward, or name it.',
      };
  }
}

/** `dense(x, units, act = none, ...)` */
function usage({ call, formals }: ResolvedCall): string {
  const parts = formals.map(formal => {
    if (formal.variadic) return `${formal.name}, ...`;
    return formal.default === undefined || formal.default === '...'
      ? formal.name
      : `${formal.name} = ${formal.default}`;
  });
  const shown = parts.length > 6 ? [...parts.slice(0, 5), '...'] : parts;
  return `${call.callee.name}(${shown.join(', ')})`;
}

function checkValue(
  { value }: Argument,
  parameter: SignatureParameter | undefined,
  source: Source,
): Diagnostic | undefined {
  if (parameter === undefined) return undefined;
  const base = { code: 'argument-value', severity: 'error', span: value.span } as const;
  if (parameter.kind === 'function') {
    if (value.kind === 'string')
      return {
        ...base,
        message: `A function is named without quotes: \`${parameter.name} = ${value.value}\`.`,
        ...fixes(value.span, value.value),
      };
    if (value.kind === 'call' && value.arguments.length === 0) {
      const { name } = value.callee;
      return {
        ...base,
        code: 'argument',
        message: `The function is named, not called: \`${parameter.name} = ${name}\`.`,
        ...fixes(value.span, name),
      };
    }
  }
  if (parameter.kind === 'string' && value.kind !== 'string' && value.kind !== 'missing') {
    return {
      ...base,
      message: `\`${parameter.name}\` is a text in quotes: \`"${source.slice(value.span).slice(0, 40)}"\`.`,
    };
  }
  if (parameter.kind !== 'word' || parameter.choices === undefined) return undefined;
  return checkWord(value, parameter.name, parameter.choices);
}

/** A value that must be one of a few words. */
export function checkWord(
  value: Argument['value'],
  name: string,
  choices: readonly string[],
): Diagnostic | undefined {
  const written = value.kind === 'name' || value.kind === 'constant' ? value.name : undefined;
  if (value.kind === 'missing' || (written !== undefined && choices.includes(written))) return undefined;
  if (value.kind === 'number' && choices.includes(String(value.value))) return undefined;
  const base = { code: 'argument-value', severity: 'error', span: value.span } as const;
  const all = choices
    .map(choice => `\`${choice}\``)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1');
  if (value.kind === 'string' && choices.includes(value.value)) {
    return {
      ...base,
      message: `\`${name}\` takes the word without quotes: \`${value.value}\`.`,
      ...fixes(value.span, value.value),
    };
  }
  const meant = written === undefined ? undefined : closestWord(written, choices);
  return { ...base, message: `\`${name}\` is ${all}.${didYouMean(meant)}`, ...fixes(value.span, meant) };
}
