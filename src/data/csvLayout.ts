import Papa from 'papaparse';
import { parseBool, parseNumber } from './cells';

/** How the lines of a CSV file are cut into cells. */
export interface Layout {
  /** `,` `;` tab or `|`; a blank stands for runs of blanks and tabs. */
  readonly delimiter: string;
  /** `1,5` is a number: the case when cells are parted by `;`. */
  readonly decimalComma: boolean;
}

/** Lines looked at to find out the layout. */
const SAMPLE_LINES = 100;
const DELIMITERS = [',', ';', '\t', '|'];

/** The first rows of `text` as cut by `delimiter`, blank lines left out, cells trimmed. */
export function sampleRows(text: string, delimiter: string): string[][] {
  const { data } = Papa.parse<string[]>(text, { delimiter, newline: '\n', preview: SAMPLE_LINES });
  const rows = data.map(row => row.map(cell => cell.trim()));
  return rows
    .map(row => (delimiter === ' ' ? row.filter(cell => cell !== '') : row))
    .filter(row => !isBlank(row));
}

/** Whether a row is what an empty line gives. */
export function isBlank(row: readonly string[]): boolean {
  return row.length === 0 || (row.length === 1 && row[0]!.trim() === '');
}

/**
 * The layout of a file from its first lines. The delimiter is the one that cuts the most lines into one number of
 * cells, two or more; then the one that leaves the most numbers, so that `1,5;2,5` is two cells and not three. Blanks
 * are only considered when nothing else fits, and for numbers: words have blanks of their own. A file without any
 * delimiter has one column.
 */
export function detectLayout(text: string): Layout {
  let best: { delimiter: string; even: number; numeric: number } | undefined;
  for (const delimiter of DELIMITERS) {
    const fit = evenness(sampleRows(text, delimiter), delimiter === ';');
    if (fit.cells < 2) continue;
    const better = !best || fit.even > best.even || (fit.even === best.even && fit.numeric > best.numeric);
    if (better) best = { delimiter, ...fit };
  }
  if (!best) {
    const rows = sampleRows(text.replaceAll('\t', ' '), ' ');
    const fit = evenness(rows, false);
    if (fit.cells >= 2 && fit.even === 1 && fit.numeric > 0.5) best = { delimiter: ' ', ...fit };
  }
  const delimiter = best?.delimiter ?? ',';
  return { delimiter, decimalComma: delimiter === ';' };
}

/** The commonest number of cells in a row, the share of rows that have it, and the share of cells that are numbers. */
function evenness(
  rows: readonly string[][],
  comma: boolean,
): { cells: number; even: number; numeric: number } {
  const counts = new Map<number, number>();
  let cells = 0;
  let numbers = 0;
  for (const row of rows) {
    counts.set(row.length, (counts.get(row.length) ?? 0) + 1);
    cells += row.length;
    for (const cell of row) if (cell === '' || parseNumber(cell, comma) !== undefined) numbers++;
  }
  let common = 0;
  for (const [length, count] of counts) if (count > (counts.get(common) ?? 0)) common = length;
  return {
    cells: common,
    even: (counts.get(common) ?? 0) / Math.max(1, rows.length),
    numeric: numbers / Math.max(1, cells),
  };
}

/**
 * Whether the first row names the columns: a word stands above numbers (or above true and false) in some column, or
 * all its cells are words, different ones, that do not come again below. A single row of words is a header without rows.
 */
export function detectHeader(rows: readonly (readonly string[])[], decimalComma: boolean): boolean {
  const [first, ...rest] = rows;
  if (!first) return false;
  const isWord = (cell: string): boolean => cell !== '' && parseNumber(cell, decimalComma) === undefined;
  const aboveOther = first.some((cell, column) => {
    if (!isWord(cell)) return false;
    const below = rest.map(row => row[column] ?? '').filter(other => other !== '');
    if (below.length === 0) return false;
    const numbers = below.filter(other => !isWord(other)).length;
    return (
      numbers > below.length / 2 ||
      (parseBool(cell) === undefined && below.every(other => parseBool(other) !== undefined))
    );
  });
  if (aboveOther) return true;
  const words = first.every(cell => isWord(cell) && parseBool(cell) === undefined);
  if (!words || new Set(first).size < first.length) return false;
  return first.every((cell, column) => rest.every(row => row[column] !== cell));
}
