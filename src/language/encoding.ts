import type { Diagnostic } from './diagnostic';
import type { Source } from './source';

const lineLimit = 1_000_000;

/** Why a text is not worth reading at all, as one error: it is no text, or a line is beyond all measure. */
export function textProblem(source: Source): Diagnostic | undefined {
  const { text } = source;
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    const wide =
      text.length > 1 && (text[nul ^ 1] ?? '') !== '\0' && text.split('\0').length - 1 >= text.length / 4;
    const message = wide
      ? 'The file is UTF-16: save it with the encoding UTF-8.'
      : 'The file holds a NUL character, so it is not UTF-8 text: is it a model file?';
    return { code: 'text-encoding', severity: 'error', span: { start: nul, end: nul + 1 }, message };
  }
  for (let line = 1; line <= source.lineCount; line++) {
    const start = source.lineStart(line);
    const end = line < source.lineCount ? source.lineStart(line + 1) : text.length;
    if (end - start > lineLimit) {
      return {
        code: 'text-limit',
        severity: 'error',
        span: { start, end: start + 1 },
        message: 'A line has at most 1,000,000 characters; tables of numbers belong into a data file.',
      };
    }
  }
  return undefined;
}

/**
 * The text of a file's bytes, which must be UTF-8, with or without a byte-order mark. Gives the name of what
 * the bytes seem to be instead when they are not.
 */
export function decodeText(bytes: Uint8Array): { text: string } | { problem: string } {
  const [a, b] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    return { problem: 'The file is UTF-16: save it with the encoding UTF-8.' };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { problem: 'The file is not valid UTF-8: save it with the encoding UTF-8.' };
  }
}
