import type { ReadOptions } from './bytes';
import { DataError } from './error';
import { gapWarnings, type Loaded } from './loaded';
import { readText } from './text';
import { ValueColumn } from './values';

/** A line that grows beyond this many characters is no line of objects. */
const LONGEST_LINE = 64 * 1024 * 1024;
/** Keys of all lines together; more are probably values. */
const MOST_KEYS = 100_000;

/**
 * Reads one JSON object a line, packed with gzip or not. A key is a column, in the order they first come: of numbers, of
 * truth values, of texts (classes), or of lists of numbers, all of one shape, which is then the shape of a cell. A key
 * that a line lacks, or `null`, is an empty cell.
 *
 * Throws a `DataError` for a line that is no object, and for values of a key that do not fit together.
 */
export async function readJsonl(file: string, options: ReadOptions = {}): Promise<Loaded> {
  const given = options.given ?? file;
  const columns = new Map<string, ValueColumn>();
  let rows = 0;
  let line = 0;
  let rest = '';

  const refuse = (what: string, column?: string): never => {
    const place = { file, line, ...(column === undefined ? {} : { column }) };
    throw new DataError('data-format', `"${given}", line ${line}: ${what}`, place);
  };
  const columnOf = (key: string): ValueColumn => {
    const known = columns.get(key);
    if (known) return known;
    if (columns.size >= MOST_KEYS) refuse(`over ${MOST_KEYS} different keys. Use one list instead.`);
    const fresh = new ValueColumn(key);
    for (let i = 0; i < rows; i++) fresh.push(null);
    columns.set(key, fresh);
    return fresh;
  };
  const take = (text: string): void => {
    line++;
    if (text.trim() === '') return;
    for (const [key, value] of Object.entries(parseObject(text, refuse))) {
      const column = columnOf(key);
      const problem = column.push(value);
      if (problem !== undefined)
        refuse(`"${key}" ${problem}. Give every line of a key values of one kind.`, key);
    }
    rows++;
    for (const column of columns.values()) if (column.rows < rows) column.push(null);
  };

  for await (const piece of readText(file, options)) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop()!;
    lines.forEach(take);
    if (rest.length > LONGEST_LINE)
      refuse('the line has over 64 million characters. Write one object a line.');
  }
  take(rest);
  if (rows === 0) throw new DataError('data-format', `"${given}" is empty.`, { file });

  const finished = [...columns.values()].flatMap(column => column.finish() ?? []);
  if (finished.length === 0) {
    throw new DataError('data-format', `"${given}" has no values: write objects such as {"x": 1, "y": 2}.`, {
      file,
    });
  }
  const schemas = finished.map(column => column.schema);
  const table = { rows, columns: schemas, data: finished.map(column => column.data) };
  return { table, warnings: gapWarnings(`"${given}"`, schemas) };
}

function parseObject(text: string, refuse: (what: string) => never): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('this is not JSON. Write one object a line, such as {"x": 1, "y": 2}.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('an object is needed, such as {"x": 1, "y": 2}.');
  }
  return value;
}
