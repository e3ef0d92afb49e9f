import type { ColumnSchema, Table } from './table';

/** A table, and what a reader should know about it. */
export interface Loaded {
  readonly table: Table;
  readonly warnings: readonly string[];
}

const REMEDY = 'Use fillna or dropna.';

/** One warning that counts the empty cells of a source, if there are any; `where` names it. */
export function gapWarnings(where: string, columns: readonly ColumnSchema[]): string[] {
  const gaps = columns.filter(column => column.missing);
  if (gaps.length === 0) return [];
  const total = gaps.reduce((sum, column) => sum + column.missing!, 0);
  const each = gaps.slice(0, 5).map(({ name, missing }) => `"${name}": ${missing}`);
  const more = gaps.length > 5 ? `, and ${gaps.length - 5} more columns` : '';
  return [
    `${where}: ${total} empty cell${total === 1 ? '' : 's'} read as NaN (${each.join(', ')}${more}). ${REMEDY}`,
  ];
}

/** Whether a warning is one about empty cells, which `dropna` answers. */
export function isGapWarning(warning: string): boolean {
  return warning.endsWith(REMEDY);
}
