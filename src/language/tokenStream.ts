import type { Diagnostic, DiagnosticCode, Fix } from './diagnostic';
import type { Source, Span } from './source';
import { statementKeywords, statementWords, type Token } from './token';

/** Thrown inside the parser to give up on one statement; caught where the statement began. */
export class SyntaxFailure {
  constructor(
    readonly span: Span,
    readonly message: string,
    readonly code: DiagnosticCode = 'syntax',
    readonly fixes: readonly Fix[] = [],
  ) {}
}

/** Operators that let the line go on: a newline after one of them is ignored. */
const openEnded: ReadonlySet<string> = new Set([
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '@',
  '**',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'and',
  'or',
  '~=',
  '..',
  '=',
  '~',
  ':',
  ',',
  'if',
  'else',
  'not',
  'in',
]);

/** What may begin a line and still belong to the line above. */
const leading: ReadonlySet<string> = new Set(['@', 'and', 'or', 'else', '{']);

/** The tokens without blanks and comments, a place among them, and the rules of newlines. */
export class TokenStream {
  readonly diagnostics: Diagnostic[] = [];
  protected index = 0;
  /** Index of the first token of the statement in hand. */
  protected statementStart = 0;
  /** How many `(` and `[` are open here; newlines inside are ignored. */
  protected depth = 0;

  constructor(
    protected readonly source: Source,
    /** The tokens without blanks and comments. */
    protected readonly tokens: readonly Token[],
  ) {}

  protected get token(): Token {
    return this.tokens[this.index]!;
  }

  protected peek(ahead: number): Token {
    return this.tokens[Math.min(this.index + ahead, this.tokens.length - 1)]!;
  }

  /** The end of the last token taken. */
  protected get previousEnd(): number {
    return this.index === 0 ? 0 : this.tokens[this.index - 1]!.end;
  }

  protected advance(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.index++;
    return token;
  }

  protected is(text: string, token = this.token): boolean {
    return token.text === text && (token.kind === 'operator' || token.kind === 'keyword');
  }

  /** Whether the token here is `text` and not cut off by a newline that ends the statement. */
  protected here(text: string): boolean {
    return this.is(text) && !this.cutOff(this.index);
  }

  protected accept(text: string): Token | undefined {
    return this.here(text) ? this.advance() : undefined;
  }

  /** Whether a newline that counts stands between this token and the one before. */
  protected cutOff(index: number): boolean {
    const token = this.tokens[index]!;
    if (token.kind === 'end') return true;
    if (!token.first || this.depth > 0 || index <= this.statementStart) return false;
    return !leading.has(token.text) && !this.goesOn(index - 1);
  }

  /** Whether a newline after the token is ignored outside brackets. */
  protected goesOn(index: number): boolean {
    const token = this.tokens[index]!;
    return openEnded.has(token.text) && (token.kind === 'operator' || token.kind === 'keyword');
  }

  /** Whether a statement ends before the token here. */
  protected atEnd(): boolean {
    return this.cutOff(this.index) || (this.depth === 0 && (this.is(';') || this.is('}')));
  }

  protected spanFrom(start: number): Span {
    return { start, end: Math.max(start, this.previousEnd) };
  }

  /** A statement word counts only where none of `= ( [ .` follows; `+=` is an assignment too. */
  protected isStatementWord(index: number): boolean {
    const token = this.tokens[index]!;
    if (token.kind !== 'name' || !statementWords.has(token.text)) return false;
    const next = this.tokens[index + 1]!;
    return next.kind !== 'operator' || !/^(?:[([.]|[-+*/%@:]?=|\*\*=|\/\/=)$/.test(next.text);
  }

  /** Whether a statement seems to begin at this line start: what recovery looks for. */
  protected beginsStatement(index: number): boolean {
    const token = this.tokens[index]!;
    if (!token.first) return false;
    if (token.kind === 'keyword') return statementKeywords.has(token.text);
    if (token.kind === 'operator') return token.text === '}';
    if (token.kind !== 'name') return false;
    return this.is('=', this.tokens[index + 1]!) || this.isStatementWord(index);
  }

  protected column(index: number): number {
    return this.source.position(this.tokens[index]!.start).column;
  }

  /** The column where the line of a token begins: how deep its statement is indented. */
  protected indentation(index: number): number {
    let at = index;
    while (at > 0 && !this.tokens[at]!.first) at--;
    return this.column(at);
  }

  protected error(
    span: Span,
    message: string,
    code: DiagnosticCode = 'syntax',
    fixes: readonly Fix[] = [],
  ): void {
    this.diagnostics.push({ code, severity: 'error', span, message, ...(fixes.length > 0 ? { fixes } : {}) });
  }
}

export function replacement(span: Span, text: string, title = `Write ${text}`): Fix {
  return { title, span: { start: span.start, end: span.end }, text };
}

export function spanOf(token: Span): Span {
  return { start: token.start, end: token.end };
}
