import { formatShare } from '../../drawing/numbers';
import { describeBest, type TrialTable } from '../../drawing/trials';

/** Where a search stands. */
export type TrialsState =
  | { readonly kind: 'running'; readonly progress: number }
  | { readonly kind: 'finished' | 'stopped' }
  | { readonly kind: 'failed'; readonly message: string };

/** The trials of a model as Markdown whose tables read well as they are. */
export function trialsText(model: string, table: TrialTable, state: TrialsState): string {
  const rows = table.rows();
  const lines = [`# Trials of ${model}`, '', describeState(state)];
  if (rows.length > 0) {
    const cells = rows.map(({ cells, failure }) => [...cells, failure ?? '']);
    const why = rows.some(({ failure }) => failure !== undefined);
    const all = [[...table.head, ''], ...cells].map(row => (why ? row : row.slice(0, -1)));
    lines.push('', ...markdownTable(all));
  }
  const best = describeBest(table);
  if (best.length > 0) lines.push('', ...markdownTable(best));
  return `${lines.join('\n')}\n`;
}

function describeState(state: TrialsState): string {
  switch (state.kind) {
    case 'running':
      return `Running, ${formatShare(state.progress)} done.`;
    case 'finished':
      return 'Finished.';
    case 'stopped':
      return 'Stopped before the end.';
    case 'failed':
      return `Failed: ${state.message}`;
  }
}

/** Columns of one width; the first row is the head. */
function markdownTable(rows: readonly (readonly string[])[]): string[] {
  const escaped = rows.map(row => row.map(cell => cell.replaceAll('|', '\\|')));
  const widths = escaped[0]!.map((_, column) => Math.max(3, ...escaped.map(row => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const [head, ...body] = escaped;
  return [line(head!), line(widths.map(width => '-'.repeat(width))), ...body.map(line)];
}
