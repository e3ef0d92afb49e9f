import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A fenced block. */
export interface Block {
  /** What stands after the fence: `nabla`, `text`, `console`. */
  readonly language: string;
  readonly text: string;
  /** From 1, of the fence. */
  readonly line: number;
  /** A block of another language that follows with nothing between: what the first one prints. */
  readonly next?: Block;
}

/** A row of a table. */
export interface Row {
  /** Of the table, in lower case. */
  readonly header: readonly string[];
  /** As written, `\|` made `|`. */
  readonly cells: readonly string[];
  readonly line: number;
}

export interface Page {
  /** `docs/functions.md` */
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly rows: readonly Row[];
}

const root = resolve(__dirname, '../../..');

/** Every page of the reference. */
export const pages: readonly Page[] = readdirSync(join(root, 'docs'))
  .filter(file => file.endsWith('.md'))
  .sort()
  .map(file => readPage(`docs/${file}`));

export function pageOf(name: string): Page {
  const found = pages.find(page => page.name === `docs/${name}.md`);
  if (!found) throw new Error(`there is no page docs/${name}.md`);
  return found;
}

function readPage(name: string): Page {
  const text = readFileSync(join(root, name), 'utf8');
  return { name, text, blocks: blocksOf(text), rows: rowsOf(text) };
}

function blocksOf(text: string): Block[] {
  const found = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(match => ({
    language: match[1]!,
    text: match[2]!,
    line: text.slice(0, match.index).split('\n').length,
    end: match.index + match[0].length,
    start: match.index,
  }));
  return found.map(({ language, text: body, line, end }, i) => {
    const next = found[i + 1];
    const follows = next && next.language !== language && text.slice(end, next.start).trim() === '';
    return { language, text: body, line, ...(follows ? { next } : {}) };
  });
}

function rowsOf(text: string): Row[] {
  const rows: Row[] = [];
  let header: string[] | undefined;
  text.split('\n').forEach((line, i) => {
    if (!line.startsWith('|')) {
      header = undefined;
      return;
    }
    const cells = cellsOf(line);
    if (!header) header = cells.map(cell => cell.toLowerCase());
    else if (!cells.every(cell => cell === '---')) rows.push({ header, cells, line: i + 1 });
  });
  return rows;
}

function cellsOf(line: string): string[] {
  return line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map(cell => cell.trim().replaceAll('\\|', '|'));
}

/** What stands in a column of a row; empty when the table does not have it. */
export function cell(row: Row, column: string): string {
  return row.cells[row.header.indexOf(column)] ?? '';
}

/** The text of a cell that is all code. */
export function code(text: string): string {
  return /^`([^`]+)`$/.exec(text)?.[1] ?? '';
}
