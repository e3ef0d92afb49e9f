import { DataError } from '../../data/error';
import { columnIndex } from '../../data/table';
import { constantDim, constantValue, type Dim } from '../../graph/dimension';
import type { Node } from '../../graph/node';
import type { DType } from '../../graph/types';
import type { Expression, IndexExpression, IndexItem } from '../ast';
import { modelError } from '../diagnostic';
import type { ModelTable } from '../model';
import type { Context } from './context';
import { lowerDim } from './sizes';

/**
 * `d["a"]`, `d[["a", "b"]]`, `d[:, 0:4]`, `d[:, "a"]`: columns of a table, all rows of it. Undefined when the target is
 * not a table. A single column drops its axis.
 */
export function lowerColumns(context: Context, expression: IndexExpression): Node | undefined {
  const { target, items, span } = expression;
  if (target.kind !== 'name') return undefined;
  const meaning = context.meanings.get(target.name);
  if (meaning?.kind !== 'table') return undefined;
  const { table } = meaning;
  const [first, second] = items;
  const item = namesColumns(first) ? first : second;
  if (!item || items.length > 2 || (item === second && !isWhole(first))) {
    throw modelError(
      'index',
      span,
      `choose columns of ${table.name} for all rows: ${table.name}[:, 0:4], ${table.name}["name"] or ` +
        `${table.name}[["a", "b"]]`,
    );
  }
  const chosen = readColumns(context, table, item);
  const columns = chosen.indexes.map(i => table.schema.columns[i]!);
  const dtype: DType = columns.every(c => c.dtype === columns[0]!.dtype) ? columns[0]!.dtype : 'float';
  const rows = constantDim(table.schema.rows);
  const inner = columns[0]!.inner ?? [];
  const wide = chosen.single ? undefined : columns.find(column => column.inner);
  if (wide) {
    throw modelError(
      'index',
      span,
      `a cell of column "${wide.name}" is [${wide.inner!.join(', ')}]; choose it alone, ${table.name}["${wide.name}"]`,
    );
  }
  const shape: Dim[] = chosen.single
    ? [rows, ...inner.map(constantDim)]
    : [rows, constantDim(columns.length)];
  return context.at(span, () =>
    context.builder.apply('data', [], {
      table: table.name,
      columns: chosen.indexes,
      single: chosen.single,
      shape,
      dtype,
    }),
  );
}

function isWhole(item: IndexItem | undefined): boolean {
  return item?.kind === 'slice' && !item.start && !item.stop && !item.step;
}

function namesColumns(item: IndexItem | undefined): boolean {
  if (item?.kind !== 'at') return false;
  const { value } = item;
  return value.kind === 'string' || (value.kind === 'list' && value.items.every(e => e.kind === 'string'));
}

function readColumns(
  context: Context,
  table: ModelTable,
  item: IndexItem,
): { indexes: number[]; single: boolean } {
  const count = table.schema.columns.length;
  if (item.kind === 'slice') return { indexes: sliceColumns(context, item, count), single: false };
  if (item.kind === 'ellipsis') return { indexes: [...Array(count).keys()], single: false };
  const { value } = item;
  if (value.kind === 'list')
    return { indexes: value.items.map(e => readColumn(context, table, e)), single: false };
  return { indexes: [readColumn(context, table, value)], single: true };
}

function readColumn(context: Context, table: ModelTable, expression: Expression): number {
  if (expression.kind === 'string') {
    try {
      return columnIndex(table.schema, expression.value);
    } catch (error) {
      if (error instanceof DataError) throw modelError('name-unknown', expression.span, error.message);
      throw error;
    }
  }
  const at = constantValue(lowerDim(context, expression));
  const count = table.schema.columns.length;
  if (at === undefined || at < -count || at >= count) {
    throw modelError('index', expression.span, `${table.name} has columns 0 to ${count - 1}`);
  }
  return at < 0 ? at + count : at;
}

function sliceColumns(context: Context, item: IndexItem & { kind: 'slice' }, count: number): number[] {
  const read = (e: Expression | undefined, otherwise: number): number => {
    const value = e ? constantValue(lowerDim(context, e)) : otherwise;
    if (value === undefined) throw modelError('index', item.span, 'columns are chosen with whole numbers');
    return value;
  };
  const step = read(item.step, 1);
  if (step <= 0)
    throw modelError('index', item.span, 'columns are taken in their order: the step is above 0');
  const bound = (value: number): number => Math.min(count, Math.max(0, value < 0 ? value + count : value));
  const [start, stop] = [bound(read(item.start, 0)), bound(read(item.stop, count))];
  const indexes: number[] = [];
  for (let i = start; i < stop; i += step) indexes.push(i);
  if (indexes.length === 0) throw modelError('index', item.span, `no column is chosen; there are ${count}`);
  return indexes;
}
