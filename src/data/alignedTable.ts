import { type Column, isStored, type StoredRows } from './column';
import { DataError } from './error';
import { type ColumnSchema, cellSize, type Schema, type Table } from './table';

/**
 * The rows of a table as if they were more rows of another: the columns of `schema` in its order, found by their names,
 * with its numbers of the classes. A column that is missing or of another kind is an error when it is read, and not
 * before: new rows need no labels.
 */
export function alignTable(table: Table, schema: Schema): Table {
  const columns: ColumnSchema[] = [];
  const data: Column[] = [];
  for (const wanted of schema.columns) {
    const at = table.columns.findIndex(({ name }) => name === wanted.name);
    const found = table.columns[at];
    const column = found ? converted(table.data[at]!, found, wanted) : missing(wanted, table);
    const { name, inner, classes } = wanted;
    const dtype = isStored(column) ? wanted.dtype : found!.dtype;
    columns.push({ name, dtype, ...(inner ? { inner } : {}), ...(classes ? { classes } : {}) });
    data.push(column);
  }
  return { rows: table.rows, columns, data };
}

function converted(column: Column, found: ColumnSchema, wanted: ColumnSchema): Column {
  const { name, inner = [], classes } = wanted;
  if (`${found.inner ?? []}` !== `${inner}`) {
    return unreadable(
      name,
      `Column "${name}" has cells of [${found.inner ?? []}], and the model's of [${inner}].`,
    );
  }
  if (!found.classes && !classes) return column;
  if (!found.classes || !classes) {
    const [kind, other] = classes ? ['numbers', 'texts'] : ['texts', 'numbers'];
    return unreadable(name, `Column "${name}" holds ${kind}, and the data of the model ${other} there.`);
  }
  const numbers = found.classes.map(each => classes.indexOf(each));
  const strange = numbers.indexOf(-1);
  if (strange >= 0) {
    const value = `"${found.classes[strange]}"`;
    return unreadable(
      name,
      `Column "${name}" holds ${value}, which the data of the model does not have there.`,
    );
  }
  if (isStored(column)) return column;
  return Int32Array.from(column, value => numbers[value]!);
}

function missing(wanted: ColumnSchema, table: Table): StoredRows {
  const names = table.columns.map(({ name }) => `"${name}"`);
  const shown =
    names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ');
  const { name } = wanted;
  return unreadable(
    name,
    `There is no column "${name}". The columns are ${shown}.`,
    table.rows * cellSize(wanted),
  );
}

function unreadable(column: string, message: string, length = 0): StoredRows {
  return {
    length,
    readRow() {
      throw new DataError('data-value', message, { column });
    },
  };
}
