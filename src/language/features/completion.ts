import type { Signature, SignatureParameter } from '../../library/signature';
import {
  contextsOf,
  isActivation,
  type SignatureContext,
  signature,
  signatures,
} from '../../library/signatures';
import { type BlockKey, trainKeys, tuneKeys } from '../../library/trainKeys';
import { parametersOf } from '../arguments';
import type { Statement } from '../ast';
import { type DefinitionKind, namesAt } from '../symbols';
import type { TextAnalysis } from '../text';
import { constantNames, statementKeywords, statementWords, type Token } from '../token';
import { signatureDoc, signatureLine } from './signatureDoc';

export interface Completion {
  readonly label: string;
  readonly kind: 'function' | 'key' | 'argument' | 'word' | 'keyword' | DefinitionKind;
  readonly detail?: string;
  /** Markdown. */
  readonly documentation?: string;
  /** A VS Code snippet; the label itself when absent. */
  readonly snippet?: string;
}

/** What can be written at an offset. The editor filters by what has been typed. */
export function completionsAt(analysis: TextAnalysis, offset: number): Completion[] {
  const before = tokensBefore(analysis, offset);
  const last = before.at(-1);
  if (inside(analysis, offset, 'comment') || inside(analysis, offset, 'string') || last?.text === '.')
    return [];
  const block = blockAt(analysis, offset);
  if (block !== undefined) {
    const key = isNewLine(analysis, before, offset) ? undefined : keyOfLine(before);
    if (key === undefined) return keyCompletions(block);
    const known = (block.kind === 'train' ? trainKeys : tuneKeys).find(({ name }) => name === key);
    const special = block.kind === 'tune' ? 'search' : contextOfKey(known);
    const words = (known?.choices ?? []).map(wordCompletion);
    const around =
      openParenthesis(before) >= 0
        ? argumentCompletions(analysis, before)
        : [...words, ...(special ? functions(special) : [])];
    return [...around, ...expressionCompletions(analysis, offset)];
  }
  if (startsStatement(before)) return [...keywordCompletions(), ...names(analysis, offset)];
  if (last?.text === '~') return functions('initializer');
  if (
    before.some(
      (token, i) =>
        token.text === 'data' && token.first && before[i + 2]?.text === '=' && sameLine(before, i),
    )
  ) {
    return functions('data source');
  }
  return [...argumentCompletions(analysis, before), ...expressionCompletions(analysis, offset)];
}

/** Tokens before the word at the offset, blanks and comments left out. */
function tokensBefore({ tokens }: TextAnalysis, offset: number): Token[] {
  return tokens.filter(token => {
    if (
      token.kind === 'blank' ||
      token.kind === 'comment' ||
      token.kind === 'newline' ||
      token.kind === 'end'
    )
      return false;
    const typed = (token.kind === 'name' || token.kind === 'keyword') && token.end >= offset;
    return token.end <= offset && !typed;
  });
}

function inside({ tokens }: TextAnalysis, offset: number, kind: Token['kind']): boolean {
  return tokens.some(
    token =>
      token.kind === kind &&
      token.start < offset &&
      (offset < token.end || (kind === 'comment' && offset <= token.end)),
  );
}

function blockAt(
  { file }: TextAnalysis,
  offset: number,
): Extract<Statement, { kind: 'train' | 'tune' }> | undefined {
  return file.statements
    .filter(statement => statement.kind === 'train' || statement.kind === 'tune')
    .find(({ span, kind, ...rest }) => {
      const head = 'objective' in rest ? rest.objective.span.end : span.start + kind.length;
      return head < offset && offset < span.end;
    });
}

/** Whether the offset stands on a line of its own, after a line that is complete. */
function isNewLine({ source }: TextAnalysis, before: readonly Token[], offset: number): boolean {
  const last = before.at(-1);
  if (last === undefined) return true;
  return source.line(last.start) < source.line(offset) && !/^[=,([+*/-]$/.test(last.text);
}

/** The key whose value is being written, undefined where a key itself is. */
function keyOfLine(before: readonly Token[]): string | undefined {
  for (let i = before.length - 1; i > 0; i--) {
    const { text, first } = before[i]!;
    if (text === '=' && (before[i - 1]!.first || /^[{;]$/.test(before[i - 2]?.text ?? '')))
      return before[i - 1]!.text;
    if (first || text === '{' || text === ';') return undefined;
  }
  return undefined;
}

function contextOfKey(key: BlockKey | undefined): SignatureContext | undefined {
  return key?.kind === 'optimizer' || key?.kind === 'schedule' ? key.kind : undefined;
}

function startsStatement(before: readonly Token[]): boolean {
  const last = before.at(-1);
  return (
    last === undefined ||
    /^[{};]$/.test(last.text) ||
    !/^(?:[-+*/%@~=,(:[<>]|\*\*|\/\/|[=!<>~]=|\.\.|and|or|not|if|else|in|return|check|train)$/.test(last.text)
  );
}

function sameLine(before: readonly Token[], from: number): boolean {
  return before.slice(from + 1).every(token => !token.first);
}

function keyCompletions({ kind, entries }: Extract<Statement, { kind: 'train' | 'tune' }>): Completion[] {
  const given = new Set(entries.map(entry => entry.key.name));
  return (kind === 'train' ? trainKeys : tuneKeys)
    .filter(({ name }) => !given.has(name))
    .map(({ name, doc, default: standard }) => ({
      label: name,
      kind: 'key',
      detail: standard ?? '',
      documentation: doc,
      snippet: `${name} = \${1:${standard ?? ''}}`,
    }));
}

function keywordCompletions(): Completion[] {
  return [...statementWords, ...statementKeywords].map(label => ({ label, kind: 'keyword' }));
}

/** Arguments of the call around the end of the tokens. Read from the tokens: a call in the making has no tree yet. */
function argumentCompletions(analysis: TextAnalysis, before: readonly Token[]): Completion[] {
  const open = openParenthesis(before);
  const callee = before[open - 1];
  if (callee?.kind !== 'name') return [];
  const formals = formalsOf(analysis, callee.text);
  const inside = before.slice(open + 1);
  const named = inside.at(-1)?.text === '=' ? inside.at(-2)?.text : undefined;
  if (named !== undefined) {
    const parameter = formals.find(formal => formal.name === named);
    const words = (parameter?.choices ?? []).map(wordCompletion);
    if (parameter?.kind === 'function')
      return [...words, ...signatures().filter(isActivation).map(functionName)];
    return parameter?.kind === 'initializer' ? functions('initializer') : words;
  }
  if (!/^[(,]$/.test(before.at(-1)?.text ?? '')) return [];
  const given = new Set(inside.filter((_, i) => inside[i + 1]?.text === '=').map(token => token.text));
  return formals
    .filter(formal => !given.has(formal.name) && !formal.variadic)
    .map(({ name, default: standard }) => ({
      label: `${name} =`,
      kind: 'argument',
      ...(standard !== undefined && standard !== '...' && { detail: standard }),
      snippet: `${name} = `,
    }));
}

/** The place of the innermost `(` that is open at the end of the tokens, -1 for none. */
function openParenthesis(before: readonly Token[]): number {
  let depth = 0;
  for (let i = before.length - 1; i >= 0; i--) {
    const { kind, text } = before[i]!;
    if (kind !== 'operator') continue;
    if (text === ')' || text === ']') depth++;
    else if ((text === '(' || text === '[') && depth-- === 0) return text === '(' ? i : -1;
  }
  return -1;
}

function formalsOf({ symbols }: TextAnalysis, name: string): readonly SignatureParameter[] {
  const own = symbols.definitions.find(
    d => d.name === name && 'formals' in d.statement && d.kind === d.statement.kind,
  );
  if (own !== undefined && 'formals' in own.statement) return parametersOf(own.statement.formals);
  return signature(name, contextsOf(name)[0])?.parameters ?? [];
}

function expressionCompletions(analysis: TextAnalysis, offset: number): Completion[] {
  const constants = [...constantNames].map((label): Completion => ({ label, kind: 'keyword' }));
  return [...names(analysis, offset), ...functions('expression'), ...constants];
}

function names({ symbols, source }: TextAnalysis, offset: number): Completion[] {
  return namesAt(symbols, offset).map(({ name, kind, span }) => ({
    label: name,
    kind,
    detail: `line ${source.line(span.start)}`,
    ...(kind === 'fn' || kind === 'layer' || kind === 'instance' ? { snippet: `${name}($0)` } : {}),
  }));
}

function functions(context: SignatureContext): Completion[] {
  return signatures(context).map(entry => ({
    label: entry.name,
    kind: 'function',
    detail: signatureLine(entry),
    documentation: signatureDoc(entry),
    snippet: callSnippet(entry),
  }));
}

/** The call with a place for each argument that must be given. */
function callSnippet({ name, parameters }: Signature): string {
  const needed = parameters.filter(parameter => parameter.default === undefined);
  return `${name}(${needed.map((parameter, i) => `\${${i + 1}:${parameter.name}}`).join(', ')})`;
}

function functionName({ name, doc }: Signature): Completion {
  return { label: name, kind: 'function', documentation: doc };
}

function wordCompletion(label: string): Completion {
  const entry = signature(label);
  return { label, kind: 'word', ...(entry && { documentation: entry.doc }) };
}
