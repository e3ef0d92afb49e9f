import type { Source, Span } from '../source';
import type { Token } from '../token';

/** What stands on a line between blanks: a token of the grammar, or a comment without the blanks after it. */
export interface Piece extends Span {
  readonly kind: Token['kind'];
  /** What it means, as in `Token`. */
  readonly text: string;
  /** Characters on the screen. */
  readonly width: number;
  /** Its place on its line as the file has it, counted from 0. */
  readonly column: number;
}

/** A line that is not blank. Formatting settles `blanks` and leaves the pieces alone. */
export interface Line {
  readonly pieces: readonly Piece[];
  /** Whether a blank line stands above. */
  readonly afterBlank: boolean;
  /** How many blanks come before each piece; before the first, the indentation. */
  readonly blanks: number[];
}

const TAB = 4;

export function linesOf(source: Source, tokens: readonly Token[]): Line[] {
  const lines: Line[] = [];
  let pieces: Piece[] = [];
  let column = 0;
  let breaks = 0;
  const endLine = (): void => {
    if (pieces.length > 0) {
      lines.push({ pieces, afterBlank: lines.length > 0 && breaks > 1, blanks: blanksAsTheyAre(pieces) });
      breaks = 0;
    }
    pieces = [];
    column = 0;
  };
  for (const token of tokens) {
    const text = source.slice(token);
    if (token.kind === 'newline') {
      endLine();
      breaks++;
    } else if (token.kind === 'blank') {
      for (const character of text) {
        if (character === '\t') column += TAB - (column % TAB);
        else if (character !== '\ufeff') column++;
      }
    } else if (token.kind !== 'end') {
      const shown = token.kind === 'comment' ? text.trimEnd() : text;
      const { kind, start } = token;
      const width = displayWidth(shown);
      pieces.push({ kind, start, end: start + shown.length, text: token.text, width, column });
      column += width;
    }
  }
  endLine();
  return lines;
}

function blanksAsTheyAre(pieces: readonly Piece[]): number[] {
  return pieces.map(({ column }, i) => {
    const before = pieces[i - 1];
    return before ? column - before.column - before.width : column;
  });
}

export function isComment(piece: Piece | undefined): boolean {
  return piece?.kind === 'comment';
}

/** The column of a piece as formatting has it so far. */
export function columnIn({ pieces, blanks }: Line, index: number): number {
  let column = blanks[index]!;
  for (let i = 0; i < index; i++) column += blanks[i]! + pieces[i]!.width;
  return column;
}

/** Marks that combine with the letter before them, as in `x̂`, take no place. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) if (!/\p{M}/u.test(character)) width++;
  return width;
}
