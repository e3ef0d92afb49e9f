import { isComment, type Line } from './pieces';
import { blanksBetween, isSign, type Places } from './spacing';

/** A `(`, `[` or `{` and where it stands. */
export interface Bracket {
  readonly text: string;
  readonly line: number;
  readonly index: number;
}

/** How a line stands in the file. */
export interface Standing {
  /** Brackets open where the line begins, blocks included, outermost first. */
  readonly open: readonly Bracket[];
  /** Whether the line goes on with the statement of the line above. */
  readonly continues: boolean;
  /** The lines between two blank lines have one number. */
  readonly paragraph: number;
}

/** Finds out how each line stands, and puts canonical blanks between its pieces on the way. */
export function standings(lines: readonly Line[], places: Places): Standing[] {
  const open: Bracket[] = [];
  let paragraph = 0;
  const found = lines.map((line, at): Standing => {
    if (line.afterBlank) paragraph++;
    const standing = { open: [...open], continues: continues(line, places), paragraph };
    line.pieces.forEach((piece, i) => {
      const left = line.pieces[i - 1];
      if (left && !isComment(piece)) {
        const before = line.pieces[i - 2] ?? lastCode(lines, at - 1);
        line.blanks[i] = blanksBetween(before, left, piece, open.at(-1)?.text, places);
      }
      if (isSign(piece, '(', '[', '{')) open.push({ text: piece.text, line: at, index: i });
      else if (isSign(piece, ')', ']', '}')) open.pop();
    });
    return standing;
  });
  // A comment on a line of its own belongs to what comes below it.
  for (let at = lines.length - 2; at >= 0; at--) {
    if (isComment(lines[at]!.pieces[0])) found[at] = { ...found[at]!, continues: found[at + 1]!.continues };
  }
  return found;
}

/** The last piece that is no comment on a line or above. */
function lastCode(lines: readonly Line[], from: number): Line['pieces'][number] | undefined {
  for (let at = from; at >= 0; at--) {
    const code = lines[at]!.pieces.findLast(piece => !isComment(piece));
    if (code) return code;
  }
  return undefined;
}

function continues({ pieces }: Line, { statements }: Places): boolean {
  const [first] = pieces as [Line['pieces'][number]];
  if (isComment(first) || statements.has(first.start)) return false;
  return !isSign(first, '{', '}', ';') && !(first.kind === 'keyword' && first.text === 'else');
}
