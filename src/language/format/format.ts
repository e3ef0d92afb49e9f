import { textProblem } from '../encoding';
import { parse } from '../parser';
import { Source, type Span } from '../source';
import { alignComments, alignSigns } from './alignment';
import { indent } from './indentation';
import { type Line, linesOf } from './pieces';
import { placesOf } from './spacing';
import { standings } from './structure';

/** Blanks and line breaks put in the place of others. */
export interface FormatEdit {
  readonly span: Span;
  readonly text: string;
}

/**
 * What to change about the blanks and line breaks of a model file, in the order of the text; nothing else is ever
 * changed. Undefined for a file with a syntax error, which is left as it is.
 */
export function formatEdits(source: Source): FormatEdit[] | undefined {
  const { file, tokens, diagnostics } = parse(source);
  if (diagnostics.some(({ severity }) => severity === 'error')) return undefined;
  const lines = linesOf(source, tokens);
  const stands = standings(lines, placesOf(file));
  alignSigns(lines, stands);
  indent(lines, stands);
  alignComments(lines, stands);
  const edits = editsOf(source, lines);
  // More blanks may make a line longer than a line can be.
  return textProblem(new Source(source.file, applied(source.text, edits))) ? [] : edits;
}

/** The formatted text, or undefined where `formatEdits` is. */
export function formatted(source: Source): string | undefined {
  const edits = formatEdits(source);
  return edits && applied(source.text, edits);
}

function applied(text: string, edits: readonly FormatEdit[]): string {
  let result = '';
  let at = 0;
  for (const { span, text: blanks } of edits) {
    result += text.slice(at, span.start) + blanks;
    at = span.end;
  }
  return result + text.slice(at);
}

function editsOf(source: Source, lines: readonly Line[]): FormatEdit[] {
  const { text } = source;
  const lineBreak = usualLineBreak(text);
  const edits: FormatEdit[] = [];
  let at = text.startsWith('\ufeff') ? 1 : 0;
  const put = (end: number, blanks: string): void => {
    if (text.slice(at, end) !== blanks) edits.push({ span: { start: at, end }, text: blanks });
  };
  lines.forEach(({ pieces, afterBlank, blanks }, i) => {
    const breaks = i === 0 ? '' : lineBreak.repeat(afterBlank ? 2 : 1);
    pieces.forEach(({ start, end }, j) => {
      put(start, (j === 0 ? breaks : '') + ' '.repeat(blanks[j]!));
      at = end;
    });
  });
  put(text.length, lines.length > 0 ? lineBreak : '');
  return edits;
}

/** CRLF where the file has mostly that. */
function usualLineBreak(text: string): string {
  const crlf = text.split('\r\n').length - 1;
  return crlf > (text.match(/\r\n?|\n/g)?.length ?? 0) / 2 ? '\r\n' : '\n';
}
