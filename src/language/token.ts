import type { Span } from './source';

/**
 * One piece of a model file. The lexer keeps every piece, blanks and comments included, so the spans of a
 * file's tokens put together are its text again: a formatter needs nothing else.
 */
export interface Token extends Span {
  readonly kind: TokenKind;
  /**
   * What the piece means: a name in NFC, an operator in its plain form even where the file has a look-alike,
   * the contents of a string, a number without `_`. Blanks and comments as they stand.
   */
  readonly text: string;
  /** Nothing but blanks stands before it on its line. */
  readonly first: boolean;
}

export type TokenKind =
  | 'blank'
  | 'newline'
  | 'comment'
  | 'name'
  | 'keyword'
  | 'number'
  | 'string'
  | 'operator'
  /** A character that means nothing here; an error has been reported. */
  | 'unknown'
  | 'end';

export const keywords: ReadonlySet<string> = new Set([
  'fn',
  'return',
  'for',
  'in',
  'if',
  'else',
  'while',
  'import',
  'and',
  'or',
  'not',
]);

/** Words that begin a statement unless one of `= ( [ .` follows; everywhere else they are names. */
export const statementWords: ReadonlySet<string> = new Set([
  'data',
  'input',
  'param',
  'layer',
  'optimizer',
  'state',
  'check',
  'train',
  'tune',
]);

/** Keywords that begin a statement. */
export const statementKeywords: ReadonlySet<string> = new Set([
  'fn',
  'return',
  'for',
  'if',
  'while',
  'import',
]);

export const constantNames: ReadonlySet<string> = new Set(['pi', 'inf', 'nan', 'true', 'false', 'none']);

export const typeNames: ReadonlySet<string> = new Set(['float', 'int', 'bool']);

const idStart = /\p{XID_Start}/u;
const idContinue = /\p{XID_Continue}/u;

export function isNameStart(codePoint: number): boolean {
  if (codePoint < 128) return isAsciiNameStart(codePoint);
  return idStart.test(String.fromCodePoint(codePoint));
}

export function isNamePart(codePoint: number): boolean {
  if (codePoint < 128) return isAsciiNamePart(codePoint);
  return idContinue.test(String.fromCodePoint(codePoint));
}

function isAsciiNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

/** False for what comes after the end of a text, which is NaN. */
export function isAsciiNamePart(code: number): boolean {
  return isAsciiNameStart(code) || (code >= 48 && code <= 57);
}

/** Whether a text, in NFC, can stand as a name: what a rename has to ask. */
export function isName(text: string): boolean {
  const points = [...text.normalize('NFC')].map(c => c.codePointAt(0)!);
  return (
    points.length > 0 &&
    isNameStart(points[0]!) &&
    points.every(isNamePart) &&
    !keywords.has(text) &&
    !constantNames.has(text)
  );
}
