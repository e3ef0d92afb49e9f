import type { File } from './ast';
import { check } from './check';
import type { Diagnostic } from './diagnostic';
import { parse } from './parser';
import type { Source } from './source';
import { resolve, type Symbols } from './symbols';
import type { Token } from './token';

/** What a file's text says, without shapes, data or values: fast enough for every keystroke. */
export interface TextAnalysis {
  readonly source: Source;
  readonly file: File;
  readonly tokens: readonly Token[];
  readonly symbols: Symbols;
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

export function analyzeText(source: Source): TextAnalysis {
  const { file, tokens, diagnostics: syntax } = parse(source);
  const symbols = resolve(file);
  const found = check(file, symbols, source, syntax.length === 0);
  const diagnostics = [...syntax, ...found].sort((a, b) => a.span.start - b.span.start);
  return { source, file, tokens, symbols, diagnostics };
}
