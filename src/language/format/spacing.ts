import type { Expression, File, Statement } from '../ast';
import { childExpressions, eachStatement, statementExpressions } from '../walk';
import type { Piece } from './pieces';

/** What the tree knows and the tokens alone do not tell. */
export interface Places {
  /** Where statements, and entries of `train` and `tune`, begin. */
  readonly statements: ReadonlySet<number>;
  /** Where names end whose arguments follow: of calls and definitions. */
  readonly called: ReadonlySet<number>;
}

export function placesOf(file: File): Places {
  const statements = new Set<number>();
  const called = new Set<number>();
  const visit = (expression: Expression): void => {
    if (expression.kind === 'call') called.add(expression.callee.span.end);
    for (const child of childExpressions(expression)) visit(child);
  };
  eachStatement(file.statements, (statement: Statement) => {
    statements.add(statement.span.start);
    if ('entries' in statement) for (const { span } of statement.entries) statements.add(span.start);
    if ('formals' in statement) called.add(statement.name.span.end);
    for (const expression of statementExpressions(statement)) visit(expression);
  });
  return { statements, called };
}

/** How many blanks stand between two pieces of one line, comments aside. `bracket` is the innermost one open between. */
export function blanksBetween(
  before: Piece | undefined,
  left: Piece,
  right: Piece,
  bracket: string | undefined,
  places: Places,
): 0 | 1 {
  if (isSign(left, '(', '[') || isSign(right, ')', ']', ',', ';')) return 0;
  if (isSign(left, ',', ';')) return 1;
  if (isSign(left, '{') && isSign(right, '}')) return 0;
  const inIndex = bracket === '[' || bracket === '(';
  if (inIndex && (isSign(left, ':') || isSign(right, ':'))) return 0;
  // `1 .T` would read as a number that ends in a point.
  if (isSign(right, '.')) return left.kind === 'number' ? 1 : 0;
  if (isSign(left, '.', '..') || isSign(right, '..')) return 0;
  if (isSign(left, '-') && !endsValue(before, places)) return 0;
  if (isSign(right, '(')) return left.kind === 'name' && places.called.has(left.end) ? 0 : 1;
  if (isSign(right, '[')) return endsOperand(left) ? 0 : 1;
  return 1;
}

export function isSign(piece: Piece | undefined, ...texts: readonly string[]): boolean {
  return piece?.kind === 'operator' && texts.includes(piece.text);
}

/** A `-` after the piece is a difference; else it is a sign, as after the word that begins `check -x ~= y`. */
function endsValue(piece: Piece | undefined, places: Places): boolean {
  if (!piece || !endsOperand(piece)) return false;
  return piece.kind !== 'name' || !places.statements.has(piece.start);
}

function endsOperand(piece: Piece): boolean {
  return /^(?:name|number|string)$/.test(piece.kind) || isSign(piece, ')', ']');
}
