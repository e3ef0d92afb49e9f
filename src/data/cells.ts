import { type ColumnData, GrowingColumn } from './column';
import type { ColumnSchema } from './table';

const PLAIN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const COMMA = /^[+-]?(\d+,?\d*|,\d+)(e[+-]?\d+)?$/i;
const SPECIAL: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '+infinity': Number.POSITIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
};

/** The number that a trimmed cell spells, or undefined for a word. `nan` and `inf` are numbers. */
export function parseNumber(cell: string, decimalComma: boolean): number | undefined {
  if (PLAIN.test(cell)) return Number(cell);
  if (decimalComma && COMMA.test(cell)) return Number(cell.replace(',', '.'));
  return cell.length <= 9 ? SPECIAL[cell.toLowerCase()] : undefined;
}

/** `true` and `false`, in any case. */
export function parseBool(cell: string): boolean | undefined {
  if (cell.length > 5) return undefined;
  const word = cell.toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

/** Whether a number was written as a whole one: no point, no exponent. */
const isWhole = (cell: string): boolean => /^[+-]?\d+$/.test(cell);

/** A cell that does not fit the rest of its column. */
export interface Stray {
  readonly text: string;
  readonly line: number;
}

export interface FinishedColumn {
  readonly schema: ColumnSchema;
  readonly data: ColumnData;
}

/**
 * A column as it is read, under one of two assumptions. As numbers, it keeps values; as text, it keeps class numbers and
 * each distinct word once. Which of the two is guessed from the first rows; `finish` says when the guess was wrong, and
 * the file is then read once more. That is rare, and no column is ever held twice.
 */
export class ColumnReader {
  private readonly values = new GrowingColumn();
  private readonly words = new Map<string, number>();
  private missing = 0;
  private numbers = 0;
  private strays = 0;
  private firstStray: Stray | undefined;
  private whole = true;

  constructor(
    readonly name: string,
    readonly kind: 'numbers' | 'text',
    private readonly decimalComma: boolean,
  ) {}

  push(raw: string, line: number): void {
    const cell = raw.trim();
    if (cell === '') {
      this.missing++;
      this.values.push(Number.NaN);
      return;
    }
    const number = parseNumber(cell, this.decimalComma);
    if (number === undefined) {
      this.strays++;
      this.firstStray ??= { text: cell, line };
    } else this.numbers++;
    if (this.kind === 'text') {
      let code = this.words.get(cell);
      if (code === undefined) this.words.set(cell, (code = this.words.size));
      this.values.push(code);
    } else {
      const whole = number !== undefined && isWhole(cell);
      if (number !== undefined && !whole) this.whole = false;
      // "-0" written as a whole number is the int 0.
      this.values.push(whole ? number + 0 : (number ?? Number.NaN));
    }
  }

  /**
   * The column; or the first stray word of a column of numbers; or the kind it turned out to be when the other one
   * was assumed.
   */
  finish(): FinishedColumn | Stray | 'numbers' | 'text' {
    if (this.strays > this.numbers) return this.kind === 'text' ? this.finishText() : 'text';
    if (this.firstStray) return this.firstStray;
    if (this.kind === 'text') return 'numbers';
    const data = this.values.finish();
    const inInt32 = data instanceof Uint8Array || data instanceof Int16Array || data instanceof Int32Array;
    // Whole numbers with empty cells are ints again after dropna, unless one is beyond 32 bits.
    const ints = this.whole && this.numbers > 0 && (inInt32 || (this.missing > 0 && everyInt32(data)));
    return { schema: this.describe(ints ? 'int' : 'float'), data };
  }

  private finishText(): FinishedColumn {
    const codes = this.values.finish();
    const words = [...this.words.keys()];
    const bools = words.map(parseBool);
    const classes = bools.includes(undefined) ? sortedNames(words) : undefined;
    const numbers = classes ? positions(words, classes) : bools.map(Number);
    // In place: the numbers have the range of the codes, so the column stays as narrow as it is.
    for (let i = 0; i < codes.length; i++) codes[i] = numbers[codes[i]!] ?? Number.NaN;
    return { schema: this.describe(classes ? 'int' : 'bool', classes), data: codes };
  }

  private describe(natural: 'float' | 'int' | 'bool', classes?: readonly string[]): ColumnSchema {
    return {
      name: this.name,
      dtype: this.missing > 0 ? 'float' : natural,
      ...(classes ? { classes } : {}),
      ...(this.missing > 0 ? { missing: this.missing, natural } : {}),
    };
  }
}

/** Names without repetition, sorted by UTF-16 units: the same on every machine, whatever its language. */
export function sortedNames(names: Iterable<string>): string[] {
  return [...new Set(names)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** For each word, its place among the sorted names. */
export function positions(words: readonly string[], sorted: readonly string[]): number[] {
  const place = new Map(sorted.map((word, at) => [word, at]));
  return words.map(word => place.get(word)!);
}

function everyInt32(values: ColumnData): boolean {
  for (const value of values) if (!Number.isNaN(value) && (value | 0) !== value) return false;
  return true;
}
