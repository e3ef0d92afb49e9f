import { isUtf8 } from 'node:buffer';
import { type ReadOptions, readBytes } from './bytes';
import { DataError } from './error';

/**
 * The text of a file in pieces, with LF line ends whatever the file has and without a byte-order mark. A file that
 * starts with the magic number of gzip is unpacked, whatever its name.
 *
 * Throws a `DataError` for a file that cannot be read or unpacked, and for text that is not UTF-8; the reason of
 * `signal` when that is aborted.
 */
export async function* readText(file: string, options: ReadOptions = {}): AsyncGenerator<string> {
  const decode = lineDecoder(file, options.given ?? file);
  for await (const bytes of readBytes(file, options)) yield decode(bytes);
  yield decode();
}

/**
 * Decodes UTF-8 piece by piece, and the end of the text when called without one. Strict: a wrong byte in a data file is
 * a mistake to name, not a question mark to train on.
 */
function lineDecoder(file: string, given: string): (bytes?: Buffer) => string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  let first = true;
  let heldReturn = '';

  const refuse = (at: number, what: string): never => {
    const message = `"${given}", line ${at}: ${what}. Save the file as UTF-8 text.`;
    throw new DataError('data-format', message, { file, line: at });
  };

  return bytes => {
    if (bytes && first) {
      first = false;
      const utf16 = utf16Order(bytes);
      if (utf16) refuse(1, `this is UTF-16 (${utf16}), not UTF-8`);
    }
    const nul = bytes ? bytes.indexOf(0) : -1;
    if (bytes && nul >= 0)
      refuse(line + newlines(bytes.subarray(0, nul)), 'a NUL byte, so this is not a text file');
    let text = '';
    try {
      text = heldReturn + (bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode());
    } catch {
      refuse(bytes ? line + invalidLine(bytes) : line, 'bytes that are not UTF-8');
    }
    if (bytes) line += newlines(bytes);
    // A CR at the end may be half of a CRLF: it waits for the next piece.
    heldReturn = bytes && text.endsWith('\r') ? '\r' : '';
    if (heldReturn) text = text.slice(0, -1);
    return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  };
}

/** The byte order of UTF-16 text: by its mark, or by every other byte of the first being 0. */
function utf16Order(bytes: Buffer): string | undefined {
  const [a, b, c, d] = bytes;
  if ((a === 0xff && b === 0xfe) || (a && b === 0 && c && d === 0)) return 'little-endian';
  if ((a === 0xfe && b === 0xff) || (a === 0 && b && c === 0 && d)) return 'big-endian';
  return undefined;
}

/** Line ends in `bytes`: LF, or CR where there is no LF at all. */
function newlines(bytes: Buffer): number {
  const end = bytes.includes(10) ? 10 : 13;
  let count = 0;
  for (let at = bytes.indexOf(end); at >= 0; at = bytes.indexOf(end, at + 1)) count++;
  return count;
}

/** How many lines come before the first one that is not UTF-8; the last one when only its end is cut off. */
function invalidLine(bytes: Buffer): number {
  let start = 0;
  // The piece may begin in the middle of a character that the piece before began.
  while (start < 3 && (bytes[start]! & 0xc0) === 0x80) start++;
  const end = bytes.includes(10) ? 10 : 13;
  for (let line = 0; ; line++) {
    const next = bytes.indexOf(end, start);
    if (next < 0 || !isUtf8(bytes.subarray(start, next))) return line;
    start = next + 1;
  }
}
