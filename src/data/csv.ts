import { Readable } from 'node:stream';
import Papa from 'papaparse';
import type { ReadOptions } from './bytes';
import { ColumnReader, type FinishedColumn, parseNumber } from './cells';
import { detectHeader, detectLayout, isBlank, type Layout, sampleRows } from './csvLayout';
import { DataError } from './error';
import { gapWarnings, type Loaded } from './loaded';
import { readText } from './text';

export interface CsvOptions extends ReadOptions {
  readonly header?: boolean | 'auto';
  /** Names for the columns, in place of the header's. */
  readonly names?: readonly string[];
}

/** Characters looked at to find out delimiter, header and types. */
const SAMPLE = 256 * 1024;
/** A row that grows beyond this many characters has lost its closing quotation mark. */
const LONGEST_ROW = 16 * 1024 * 1024;

/**
 * Reads a CSV file, packed with gzip or not. papaparse cuts the text into cells as it streams by; what the cells mean
 * is decided here. Delimiter, header and types are found out, see `csvLayout` and `cells`.
 *
 * Throws a `DataError` for everything that is wrong with the file, and the reason of `signal` when that is aborted.
 */
export async function readCsv(file: string, options: CsvOptions = {}): Promise<Loaded> {
  const reading = await CsvReading.begin(file, options);
  let columns = await reading.read();
  const wrong = columns.flatMap((column, i) => (column === 'text' ? [i] : []));
  // Words began after the sample: once more, with those columns as text.
  if (wrong.length > 0) columns = await reading.read(wrong);
  return reading.finish(columns);
}

type Outcome = ReturnType<ColumnReader['finish']>;

/** One file with its layout known: it can be read more than once. */
class CsvReading {
  private rows = 0;

  private constructor(
    private readonly file: string,
    private readonly options: CsvOptions,
    private readonly layout: Layout,
    private readonly sample: readonly (readonly string[])[],
    private readonly header: boolean,
    private readonly names: readonly string[],
    private readonly warnings: string[],
  ) {}

  static async begin(file: string, options: CsvOptions): Promise<CsvReading> {
    const { given = file, header = 'auto', names, signal } = options;
    let text = '';
    for await (const piece of readText(file, { given, ...(signal ? { signal } : {}) })) {
      text += piece;
      if (text.length >= LONGEST_ROW || (text.length >= SAMPLE && text.includes('\n'))) break;
    }
    // The last line of a sample may be cut; that of a file is whole.
    if (text.length >= SAMPLE && text.includes('\n')) text = text.slice(0, text.lastIndexOf('\n'));
    if (text.trim() === '') throw new DataError('data-format', `"${given}" is empty.`, { file });

    const layout = detectLayout(text);
    const sample = sampleRows(text, layout.delimiter);
    const first = sample[0] ?? [];
    const hasHeader = header === 'auto' ? detectHeader(sample, layout.decimalComma) : header;
    const warnings: string[] = [];
    if (names && names.length !== first.length) {
      const message = `names lists ${count(names.length, 'name')}, but "${given}" has ${count(first.length, 'column')}.`;
      throw new DataError('argument-value', message, { file });
    }
    const numeric = first.filter(cell => parseNumber(cell, layout.decimalComma) !== undefined);
    if (header === 'auto' && hasHeader && numeric.length > 0) {
      const cells = numeric.slice(0, 3).join(', ');
      warnings.push(
        `"${given}": the first line is taken as the header, though it has numbers (${cells}). Say header = true or header = false.`,
      );
    }
    const found = names ?? first.map((cell, i) => (hasHeader && cell !== '' ? cell : `x${i}`));
    return new CsvReading(file, options, layout, sample, hasHeader, found, warnings);
  }

  /** All rows, into one column reader each; `text` lists columns to read as text whatever the sample says. */
  async read(text: readonly number[] = []): Promise<Outcome[]> {
    const { decimalComma, delimiter } = this.layout;
    const body = this.header ? this.sample.slice(1) : this.sample;
    const columns = this.names.map((name, i) => {
      const isWord = (row: readonly string[]): boolean =>
        (row[i] ?? '') !== '' && parseNumber(row[i]!, decimalComma) === undefined;
      const kind = text.includes(i) || body.some(isWord) ? 'text' : 'numbers';
      return new ColumnReader(name, kind, decimalComma);
    });
    this.rows = 0;
    let line = 1;
    let awaitsHeader = this.header;
    await parse(this.file, this.options, delimiter, (cells, lines) => {
      const at = line;
      line += lines;
      const row = delimiter === ' ' ? cells.filter(cell => cell !== '') : cells;
      if (isBlank(row)) return;
      if (row.length !== columns.length) throw this.ragged(at, row.length);
      if (awaitsHeader) {
        awaitsHeader = false;
        return;
      }
      this.rows++;
      for (let i = 0; i < row.length; i++) columns[i]!.push(row[i]!, at);
    });
    return columns.map(column => column.finish());
  }

  finish(columns: readonly Outcome[]): Loaded {
    const { file, rows, warnings } = this;
    const where = `"${this.options.given ?? file}"`;
    if (rows === 0) {
      throw new DataError(
        'data-format',
        `${where} has a header and no rows. If it is a row, say header = false.`,
        {
          file,
        },
      );
    }
    const finished: FinishedColumn[] = columns.map((column, i) => {
      if (typeof column === 'string') {
        throw new DataError('data-file', `${where} changed while it was read. Try again.`, { file });
      }
      if ('schema' in column) return column;
      const name = this.names[i]!;
      const message =
        `${where}, line ${column.line}: "${clip(column.text)}" in column "${name}", whose other cells are numbers. ` +
        'Correct it, or leave the cell empty if the value is missing.';
      throw new DataError('data-format', message, { file, line: column.line, column: name });
    });
    const schemas = finished.map(column => column.schema);
    warnings.push(...gapWarnings(where, schemas));
    const table = {
      rows,
      columns: schemas,
      data: finished.map(column => column.data),
    };
    return { table, warnings };
  }

  private ragged(line: number, found: number): DataError {
    const { file } = this;
    const source = this.header ? 'the header has' : 'the first line has';
    const message =
      `"${this.options.given ?? file}", line ${line}: ${count(found, 'cell')}, but ${source} ` +
      `${this.names.length}. A cell that holds the delimiter "${this.layout.delimiter === '\t' ? '\\t' : this.layout.delimiter}" needs quotation marks.`;
    return new DataError('data-format', message, { file, line });
  }
}

const count = (n: number, thing: string): string => `${n} ${thing}${n === 1 ? '' : 's'}`;
const clip = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}...` : text);

/** Streams a file through papaparse; `onRow` gets the raw cells of a row and the number of lines it spans. */
function parse(
  file: string,
  options: CsvOptions,
  delimiter: string,
  onRow: (cells: string[], lines: number) => void,
): Promise<void> {
  const where = `"${options.given ?? file}"`;
  let line = 1;
  let received = 0;
  const source = Readable.from(
    (async function* () {
      for await (const piece of readText(file, options)) {
        const text = delimiter === ' ' ? piece.replaceAll('\t', ' ') : piece;
        received += text.length;
        if (text) yield text;
      }
    })(),
  );
  const refuse = (at: number, what: string): never => {
    throw new DataError('data-format', `${where}, line ${at}: ${what}`, { file, line: at });
  };
  return new Promise((resolve, reject) => {
    Papa.parse<string[]>(source, {
      delimiter,
      newline: '\n',
      chunk({ data, errors, meta }) {
        const faulty = errors.find(error => error.type === 'Quotes');
        for (const [i, row] of data.entries()) {
          if (faulty?.row === i) {
            const open = faulty.code === 'MissingQuotes';
            refuse(
              line,
              open
                ? 'a quotation mark is not closed.'
                : 'a stray quotation mark. Inside quoted cells it is written twice.',
            );
          }
          let lines = 1;
          for (const cell of row) if (cell.includes('\n')) lines += cell.split('\n').length - 1;
          onRow(row, lines);
          line += lines;
        }
        if (received - meta.cursor > LONGEST_ROW) {
          refuse(line, 'the row has over 16 million characters; probably a quotation mark is not closed.');
        }
      },
      complete: () => resolve(),
      error(error: Error) {
        source.destroy();
        reject(error);
      },
    });
  });
}
