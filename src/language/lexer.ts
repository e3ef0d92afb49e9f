import type { Diagnostic, DiagnosticCode, Fix } from './diagnostic';
import { isDoubleQuoteLike, isSingleQuoteLike, plainForm, plainSpace, subscriptDigit } from './lookalikes';
import { scanNumber } from './numbers';
import type { Source } from './source';
import { scanString } from './strings';
import { isAsciiNamePart, isNamePart, isNameStart, keywords, type Token, type TokenKind } from './token';

export interface Lexed {
  /** Every piece of the text in order, and an empty `end`. */
  readonly tokens: readonly Token[];
  /** Those that the grammar sees: all but blanks, newlines and comments. */
  readonly grammatical: readonly Token[];
  readonly comments: readonly Token[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Longest first. The compound assignments are no operators of the language: the parser explains them. */
const operators = [
  '...',
  '**=',
  '//=',
  '..',
  '**',
  '//',
  '==',
  '!=',
  '<=',
  '>=',
  '~=',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '@=',
  ':=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '@',
  '<',
  '>',
  '=',
  '~',
  ':',
  ',',
  ';',
  '.',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
];

/** Spellings from other languages, with the word or operator they stand for here. */
const foreignOperators: readonly (readonly [string, string])[] = [
  ['===', '=='],
  ['!==', '!='],
  ['&&', 'and'],
  ['||', 'or'],
  ['<>', '!='],
  ['&', 'and'],
  ['|', 'or'],
  ['^', '**'],
  ['!', 'not'],
];

/** By the character that they begin with, in the order above. */
const operatorsByFirst = byFirstCharacter(operators, operator => operator);
const foreignByFirst = byFirstCharacter(foreignOperators, ([foreign]) => foreign);

function byFirstCharacter<T>(items: readonly T[], textOf: (item: T) => string): readonly (readonly T[])[] {
  const groups: T[][] = Array.from({ length: 128 }, () => []);
  for (const item of items) groups[textOf(item).charCodeAt(0)]!.push(item);
  return groups;
}

/** Cuts a text into tokens. Never throws; every character ends up in exactly one token. */
export function lex(source: Source): Lexed {
  return new Lexer(source.text).run();
}

export class Lexer {
  readonly tokens: Token[] = [];
  private readonly grammatical: Token[] = [];
  private readonly comments: Token[] = [];
  readonly diagnostics: Diagnostic[] = [];
  position = 0;
  private lineIsBlank = true;

  constructor(readonly text: string) {}

  run(): Lexed {
    while (this.position < this.text.length) this.scan();
    this.push('end', this.position, '');
    const { tokens, grammatical, comments, diagnostics } = this;
    return { tokens, grammatical, comments, diagnostics };
  }

  /** Ends a token at the current position. */
  push(kind: TokenKind, start: number, text: string): void {
    const token = { kind, text, start, end: this.position, first: this.lineIsBlank };
    this.tokens.push(token);
    if (kind === 'blank') return;
    if (kind === 'newline') this.lineIsBlank = true;
    else if (kind === 'comment') this.comments.push(token);
    else {
      this.grammatical.push(token);
      this.lineIsBlank = false;
    }
  }

  error(code: DiagnosticCode, start: number, end: number, message: string, fix?: Fix): void {
    const fixes = fix === undefined ? {} : { fixes: [fix] };
    this.diagnostics.push({ code, severity: 'error', span: { start, end }, message, ...fixes });
  }

  private scan(): void {
    const { text } = this;
    const start = this.position;
    const code = text.codePointAt(start)!;
    if (code === 32 || code === 9 || code === 0xa0 || (code === 0xfeff && start === 0)) {
      do this.position++;
      while (isBlank(text.charCodeAt(this.position)));
      this.push('blank', start, text.slice(start, this.position));
    } else if (code === 10 || code === 13) {
      this.position += code === 13 && text.charCodeAt(start + 1) === 10 ? 2 : 1;
      this.push('newline', start, text.slice(start, this.position));
    } else if (code === 35) {
      this.position = this.endOfLine(start);
      this.push('comment', start, text.slice(start, this.position));
    } else if (isNameStart(code)) this.scanName(start);
    else if (isDigit(code)) scanNumber(this, start);
    else if (code === 46 && isDigit(text.charCodeAt(start + 1)) && this.mayStartNumber())
      scanNumber(this, start);
    else if (code === 34) scanString(this, start, isPlainQuote, false);
    else this.scanOperator(start, code);
  }

  /** `.5` is a number without its zero, unless it follows a value or another point. */
  private mayStartNumber(): boolean {
    const before = this.tokens.at(-1);
    if (before === undefined) return true;
    return before.kind === 'operator' ? !/[.)\]]$/.test(before.text) : before.kind !== 'name';
  }

  private scanName(start: number): void {
    const { text } = this;
    let end = start;
    while (isAsciiNamePart(text.charCodeAt(end))) end++;
    if (text.charCodeAt(end) > 127) {
      this.scanWideName(start);
      return;
    }
    this.position = end;
    const name = text.slice(start, end);
    this.push(keywords.has(name) ? 'keyword' : 'name', start, name);
  }

  /** A name with letters beyond ASCII, or with lowered digits. */
  private scanWideName(start: number): void {
    const { text } = this;
    let plain = '';
    let from = start;
    let at = start;
    while (at < text.length) {
      const code = text.codePointAt(at)!;
      if (!isNamePart(code)) {
        const digit = subscriptDigit(code);
        if (digit === undefined) break;
        plain += text.slice(from, at) + digit;
        from = at + 1;
      }
      at += code > 0xffff ? 2 : 1;
    }
    this.position = at;
    const name = (plain + text.slice(from, at)).normalize('NFC');
    if (from > start) {
      this.error(
        'text-character',
        start,
        at,
        `A small lowered digit cannot stand in a name: write \`${name}\`.`,
        {
          title: `Write ${name}`,
          span: { start, end: at },
          text: name,
        },
      );
    }
    this.push(keywords.has(name) ? 'keyword' : 'name', start, name);
  }

  private scanOperator(start: number, code: number): void {
    const { text } = this;
    if (code < 128) {
      for (const [foreign, plain] of foreignByFirst[code]!) {
        if (text.startsWith(foreign, start) && !(foreign === '!' && text.startsWith('!=', start))) {
          this.position = start + foreign.length;
          this.foreign(start, foreign, plain);
          return;
        }
      }
      for (const operator of operatorsByFirst[code]!) {
        if (operator.length === 1 || text.startsWith(operator, start)) {
          this.position = start + operator.length;
          this.push('operator', start, operator);
          return;
        }
      }
    }
    const character = String.fromCodePoint(code);
    this.position = start + character.length;
    if (isDoubleQuoteLike(character)) scanString(this, start, isAnyDoubleQuote, true);
    else if (isSingleQuoteLike(character)) scanString(this, start, isSingleQuoteLike, true);
    else this.scanStranger(start, character);
  }

  private foreign(start: number, foreign: string, plain: string): void {
    const word = /^[a-z]/.test(plain);
    const { text } = this;
    const before = word && /[\p{XID_Continue})\]]/u.test(text[start - 1] ?? ' ') ? ' ' : '';
    const after = word && !/\s/.test(text[this.position] ?? ' ') ? ' ' : '';
    const message =
      plain === '**'
        ? 'A power is written `x ** 2`; `^` means nothing here.'
        : `\`${foreign}\` is written \`${plain}\` here.`;
    this.error('syntax-python', start, this.position, message, {
      title: `Write ${plain}`,
      span: { start, end: this.position },
      text: before + plain + after,
    });
    this.push(keywords.has(plain) ? 'keyword' : 'operator', start, plain);
  }

  /** A character outside the language: a look-alike reads as its plain form, anything else is set aside. */
  private scanStranger(start: number, character: string): void {
    const span = { start, end: this.position };
    const space = plainSpace(character);
    if (space !== undefined) {
      this.error(
        'text-character',
        start,
        span.end,
        `An invisible ${nameOf(character)}: put a plain blank or nothing.`,
        {
          title: space === '' ? 'Remove it' : 'Put a plain blank',
          span,
          text: space,
        },
      );
      this.push('blank', start, character);
      return;
    }
    if (character === '\\' && this.endOfLine(this.position) === this.skipBlanks(this.position)) {
      const message = 'A line needs no `\\` to go on: it goes on inside brackets and after an operator.';
      this.error('syntax-python', start, span.end, message, {
        title: 'Remove the backslash',
        span,
        text: '',
      });
      this.push('blank', start, character);
      return;
    }
    const plain = plainForm(character);
    if (plain === undefined) {
      if (character === '\ufffd') {
        this.error(
          'text-encoding',
          start,
          span.end,
          'This is not UTF-8: save the file with the encoding UTF-8.',
        );
      } else {
        this.error(
          'text-character',
          start,
          span.end,
          `\`${character}\` (${nameOf(character)}) means nothing here.`,
        );
      }
      this.push('unknown', start, character);
      return;
    }
    const message = `\`${character}\` (${nameOf(character)}) is written \`${plain}\` here.`;
    this.error('text-character', start, span.end, message, { title: `Write ${plain}`, span, text: plain });
    if (plain.startsWith('** ')) {
      this.push('operator', start, '**');
      this.push('number', this.position, plain.slice(3));
    } else if (plain === '.T') {
      this.push('operator', start, '.');
      this.push('name', this.position, 'T');
    } else this.push(kindOf(plain), start, plain);
  }

  private skipBlanks(at: number): number {
    while (isBlank(this.text.charCodeAt(at))) at++;
    return at;
  }

  /** The offset where the line of this offset ends, before its line break. */
  endOfLine(at: number): number {
    const { text } = this;
    while (at < text.length && text.charCodeAt(at) !== 10 && text.charCodeAt(at) !== 13) at++;
    return at;
  }
}

function kindOf(plain: string): TokenKind {
  if (keywords.has(plain)) return 'keyword';
  if (/^[0-9]/.test(plain)) return 'number';
  if (/^[a-z]/i.test(plain)) return 'name';
  return operators.includes(plain) ? 'operator' : 'unknown';
}

function nameOf(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}

function isPlainQuote(character: string): boolean {
  return character === '"';
}

function isAnyDoubleQuote(character: string): boolean {
  return character === '"' || isDoubleQuoteLike(character);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 0xa0;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
