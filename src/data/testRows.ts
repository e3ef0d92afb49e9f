import { positions, sortedNames } from './cells';
import { appended, type Column, type ColumnData, isStored, narrow } from './column';
import { DataError } from './error';
import { type ColumnSchema, cellSize, type Table } from './table';

/**
 * `train` with the rows of `test` after its own, marked as test rows. Columns go by position and must agree in number,
 * name and kind; the classes of a text column become those of both, so that one number means one name.
 */
export function withTestRows(train: Table, test: Table, testName: string): Table {
  if (train.columns.length !== test.columns.length) {
    throw new DataError(
      'data-format',
      `The test rows of ${testName} have ${test.columns.length} columns, the training rows ${train.columns.length}.`,
    );
  }
  const joined = train.columns.map((column, i) => {
    const other = test.columns[i]!;
    if (other.name !== column.name || (column.classes === undefined) !== (other.classes === undefined)) {
      const message =
        `Column ${i} of the test rows of ${testName} is "${other.name}" (${kindOf(other)}), ` +
        `but of the training rows "${column.name}" (${kindOf(column)}).`;
      throw new DataError('data-format', message, { column: other.name });
    }
    const [own = [], others = []] = [column.inner, other.inner];
    if (own.join() !== others.join()) {
      const message =
        `A cell of column "${column.name}" is [${others.join(', ')}] in the test rows of ${testName}, ` +
        `but [${own.join(', ')}] in the training rows.`;
      throw new DataError('data-format', message, { column: column.name });
    }
    return join(column, train.data[i]!, other, test.data[i]!);
  });
  return {
    rows: train.rows + test.rows,
    testRows: test.rows,
    columns: joined.map(({ column }) => column),
    data: joined.map(({ data }) => data),
  };
}

function join(
  a: ColumnSchema,
  first: Column,
  b: ColumnSchema,
  second: Column,
): { column: ColumnSchema; data: Column } {
  const missing = (a.missing ?? 0) + (b.missing ?? 0);
  const naturalA = a.natural ?? a.dtype;
  const naturalB = b.natural ?? b.dtype;
  const natural = naturalA === naturalB ? naturalA : 'float';
  const classes = a.classes && b.classes ? sortedNames([...a.classes, ...b.classes]) : undefined;
  const column: ColumnSchema = {
    name: a.name,
    dtype: missing > 0 ? 'float' : natural,
    ...(classes ? { classes } : {}),
    ...(missing > 0 ? { missing, natural } : {}),
    ...(a.inner ? { inner: a.inner } : {}),
  };
  const renamed = a.classes?.join() !== b.classes?.join();
  if (isStored(first) || isStored(second) || !renamed) {
    return { column, data: appended(first, second, cellSize(a)) };
  }
  const values = [renumbered(first, a.classes, classes), renumbered(second, b.classes, classes)];
  return { column, data: narrow(chain(values), first.length + second.length) };
}

function* renumbered(
  data: ColumnData,
  from: readonly string[] | undefined,
  to: readonly string[] | undefined,
): Generator<number> {
  if (!from || !to) return yield* data;
  const numbers = positions(from, to);
  for (const code of data) yield numbers[code] ?? Number.NaN;
}

function* chain(parts: readonly Iterable<number>[]): Generator<number> {
  for (const part of parts) yield* part;
}

const kindOf = (column: ColumnSchema): string => (column.classes ? 'text' : (column.natural ?? column.dtype));
