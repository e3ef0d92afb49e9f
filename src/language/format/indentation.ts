import { stopsOf } from './alignment';
import { columnIn, isComment, type Line } from './pieces';
import { isSign } from './spacing';
import type { Standing } from './structure';

const STEP = 2;

/**
 * Two blanks a block and a line that goes on. A line that stands below the first thing in its bracket, or below the value
 * of its statement, stays there.
 */
export function indent(lines: readonly Line[], standings: readonly Standing[]): void {
  /** The line on which the statement in hand begins. */
  let head: number | undefined;
  lines.forEach((line, at) => {
    const { open, continues } = standings[at]!;
    const [first] = line.pieces;
    const bracket = open.at(-1);
    const blocks = open.filter(({ text }) => text === '{').length;
    if (bracket && bracket.text !== '{') {
      const outer = lines[bracket.line]!;
      const margin = Math.max(outer.blanks[0]!, STEP * blocks);
      line.blanks[0] = isSign(first, ')', ']')
        ? margin
        : (below(line, outer, bracket.index + 1) ?? margin + STEP);
      return;
    }
    if (continues && head !== undefined) {
      const start = lines[head]!;
      const { sign } = stopsOf(start, standings[head]!);
      const value = sign === undefined ? undefined : below(line, start, sign + 1);
      line.blanks[0] = value ?? Math.max(start.blanks[0]!, STEP * blocks) + STEP;
      return;
    }
    line.blanks[0] = STEP * (isSign(first, '}') ? blocks - 1 : blocks);
    if (!isComment(first)) head = at;
  });
}

/** The column of a piece above, if the line begins in the same column as the file has it. */
function below(line: Line, above: Line, index: number): number | undefined {
  const piece = above.pieces[index];
  if (!piece || isComment(piece) || piece.column !== line.pieces[0]!.column) return undefined;
  return columnIn(above, index);
}
