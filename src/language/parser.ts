import type { File } from './ast';
import type { Diagnostic } from './diagnostic';
import { textProblem } from './encoding';
import { lex } from './lexer';
import type { Source } from './source';
import { StatementParser } from './statements';
import type { Token } from './token';

export interface Parsed {
  readonly file: File;
  /** Every piece of the text, blanks and comments included. */
  readonly tokens: readonly Token[];
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a model file. Never throws and always ends: where the text is broken it reports one error a
 * statement, leaves a hole in the tree and goes on with the next statement.
 */
export function parse(source: Source): Parsed {
  const problem = textProblem(source);
  if (problem !== undefined) return { file: { statements: [] }, tokens: [], diagnostics: [problem] };
  const lexed = lex(source);
  const parser = new StatementParser(source, lexed);
  const file = parser.file();
  const diagnostics = [...parser.keptComplaints(), ...parser.diagnostics];
  diagnostics.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  return { file, tokens: lexed.tokens, diagnostics };
}
