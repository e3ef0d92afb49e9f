import type { Lexer } from './lexer';

const escapes: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', n: '\n', t: '\t' };

/**
 * Scans a string from its opening quote to the closing one or the end of the line. `foreign` quotes (of a
 * word processor, or Python's single ones) are reported once, with the whole string in plain quotes as fix.
 */
export function scanString(
  lexer: Lexer,
  start: number,
  closes: (c: string) => boolean,
  foreign: boolean,
): void {
  const { text } = lexer;
  if (tripleQuoted(lexer, start)) return;
  let value = '';
  let at = start + 1;
  const errors = lexer.diagnostics.length;
  for (;;) {
    const c = text[at];
    if (c === undefined || c === '\n' || c === '\r') {
      lexer.position = at;
      unterminated(lexer, start, foreign, errors);
      lexer.push(foreign ? 'unknown' : 'string', start, value);
      return;
    }
    at++;
    if (closes(c)) break;
    if (c !== '\\') {
      value += c;
      continue;
    }
    const next = text[at];
    if (next === undefined || next === '\n' || next === '\r') continue;
    at++;
    const meaning = escapes[next];
    value += meaning ?? `\\${next}`;
    if (meaning === undefined && !foreign) badEscape(lexer, at - 2, next);
  }
  lexer.position = at;
  if (foreign) foreignQuotes(lexer, start, value);
  lexer.push('string', start, value);
}

function unterminated(lexer: Lexer, start: number, foreign: boolean, errors: number): void {
  lexer.diagnostics.length = errors;
  if (foreign) {
    lexer.position = start + 1;
    const quote = lexer.text[start]!;
    lexer.error(
      'text-character',
      start,
      start + 1,
      `\`${quote}\` means nothing here; strings stand in \`"\`, comments start with \`#\`.`,
    );
    return;
  }
  const end = lexer.position;
  lexer.error('syntax', start, end, 'The string has no closing `"` on its line.', {
    title: 'Close the string',
    span: { start: end, end },
    text: '"',
  });
}

function badEscape(lexer: Lexer, at: number, character: string): void {
  const span = { start: at, end: at + 2 };
  const message = `\`\\${character}\` means nothing in a string: a backslash is written \`\\\\\`, and paths take \`/\`.`;
  lexer.error('syntax', at, at + 2, message, { title: 'Write /', span, text: `/${character}` });
}

function foreignQuotes(lexer: Lexer, start: number, value: string): void {
  const plain = JSON.stringify(value).replaceAll('\\r', '');
  const single = lexer.text[start] === "'";
  const message = single
    ? 'Strings stand in double quotes: `"`.'
    : 'Strings stand in plain double quotes: `"`.';
  lexer.error(single ? 'syntax-python' : 'text-character', start, lexer.position, message, {
    title: `Write ${plain}`,
    span: { start, end: lexer.position },
    text: plain,
  });
}

/** A docstring: read as a comment, so that it is the only thing reported. */
function tripleQuoted(lexer: Lexer, start: number): boolean {
  const { text } = lexer;
  const quote = text.slice(start, start + 3);
  if (quote !== '"""' && quote !== "'''") return false;
  const closing = text.indexOf(quote, start + 3);
  lexer.position = closing < 0 ? lexer.endOfLine(start) : closing + 3;
  const span = { start, end: lexer.position };
  const lines = text
    .slice(start + 3, closing < 0 ? span.end : closing)
    .trim()
    .split(/\r\n|\n|\r/);
  lexer.error(
    'syntax-python',
    start,
    span.end,
    `Comments and descriptions start with \`#\`; there is no \`${quote}\`.`,
    {
      title: 'Make it a comment',
      span,
      text: lines.map(line => `# ${line.trim()}`).join('\n'),
    },
  );
  lexer.push('comment', start, text.slice(start, span.end));
  return true;
}
