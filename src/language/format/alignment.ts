import { columnIn, isComment, type Line } from './pieces';
import { isSign } from './spacing';
import type { Standing } from './structure';

/** Where lines may be aligned: the `:` of a declaration, its `=` or `~`, the `~=` of a check. */
export interface Stops {
  readonly colon?: number;
  readonly sign?: number;
}

/** The stops of a line that begins a statement, an entry, or in brackets a named argument. */
export function stopsOf({ pieces }: Line, { continues, open }: Standing): Stops {
  if (continues && !(open.at(-1)?.text === '(' && isSign(pieces[1], '='))) return {};
  let depth = 0;
  let colon: number | undefined;
  for (const [i, piece] of pieces.entries()) {
    if (isSign(piece, '(', '[')) depth++;
    else if (isSign(piece, ')', ']')) depth--;
    if (depth < 0 || isComment(piece) || isSign(piece, '{', '}', ';')) break;
    if (depth > 0 || i === 0) continue;
    if (isSign(piece, ':')) colon ??= i;
    if (isSign(piece, '=', '~', '~=')) return { ...(colon === undefined ? {} : { colon }), sign: i };
  }
  return colon === undefined ? {} : { colon };
}

/**
 * Signs that the author put into one column stay in one column, as far to the left as they fit; all others have one blank
 * before them. Lines of a paragraph and a block belong together.
 */
export function alignSigns(lines: readonly Line[], standings: readonly Standing[]): void {
  const stops = lines.map((line, at) => stopsOf(line, standings[at]!));
  // What comes first on a line moves what comes after it.
  for (const stop of ['colon', 'sign'] as const) {
    const columns = new Map<string, { line: Line; index: number; column: number; wide: boolean }[]>();
    lines.forEach((line, at) => {
      const index = stops[at]![stop];
      if (index === undefined) return;
      const piece = line.pieces[index]!;
      const left = line.pieces[index - 1]!;
      const { paragraph, open, continues } = standings[at]!;
      const around = open.at(-1);
      // In brackets, lines are indented as their author likes, and move together only when indented alike.
      const margin = continues ? line.pieces[0]!.column : '';
      const check = piece.text === '~=';
      const key = [paragraph, around?.line, around?.index, margin, check, piece.column].join();
      const wide = piece.column - left.column - left.width > 1;
      const column = columnIn(line, index) - line.blanks[0]!;
      add(columns, key, { line, index, column, wide });
    });
    for (const entries of columns.values()) {
      if (!entries.some(({ wide }) => wide)) continue;
      const furthest = entries.reduce((most, { column }) => Math.max(most, column), 0);
      for (const { line, index, column } of entries) line.blanks[index]! += furthest - column;
    }
  }
}

/** Comments after code keep their distance from it; those in one column stay in one, comments below them included. */
export function alignComments(lines: readonly Line[], standings: readonly Standing[]): void {
  const columns = new Map<string, { line: Line; index: number; hangs: boolean }[]>();
  let above: { key: string; at: number } | undefined;
  lines.forEach((line, at) => {
    const index = line.pieces.length - 1;
    const comment = line.pieces[index]!;
    if (!isComment(comment)) return;
    const key = [standings[at]!.paragraph, comment.column].join();
    const hangs = index === 0;
    if (hangs && !(above?.at === at - 1 && above.key === key)) return;
    above = { key, at };
    add(columns, key, { line, index, hangs });
  });
  for (const entries of columns.values()) {
    const after = entries.filter(({ hangs }) => !hangs);
    const ends = after.map(({ line, index }) => columnIn(line, index) - line.blanks[index]!);
    const furthest = ends.reduce((most, end) => Math.max(most, end), 0);
    const distance = after.reduce((least, { line, index }) => Math.min(least, line.blanks[index]!), Infinity);
    const column = furthest + Math.max(1, distance);
    after.forEach(({ line, index }, i) => {
      line.blanks[index] = column - ends[i]!;
    });
    for (const { line, index, hangs } of entries) if (hangs) line.blanks[index] = column;
  }
}

function add<T>(lists: Map<string, T[]>, key: string, entry: T): void {
  const list = lists.get(key);
  if (list) list.push(entry);
  else lists.set(key, [entry]);
}
