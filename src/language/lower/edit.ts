import type { Span } from '../../base/span';
import type { Statement } from '../ast';

/** The one stretch of a text that another version has differently. */
export interface Edit {
  /** In the text before; what follows has moved by `shift`. */
  readonly start: number;
  readonly end: number;
  readonly shift: number;
}

export function editBetween(before: string, after: string): Edit {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let same = 0;
  const [last, lastAfter] = [before.length - 1, after.length - 1];
  while (same < most - start && before.charCodeAt(last - same) === after.charCodeAt(lastAfter - same)) same++;
  return { start, end: before.length - same, shift: after.length - before.length };
}

/** Where something that the edit has left as it was stands now. */
export function moved(span: Span, { end, shift }: Edit): Span {
  return shift === 0 || span.start < end ? span : { start: span.start + shift, end: span.end + shift };
}

/** Statements whose names mean the same for all others when they are changed. */
const changeable: ReadonlySet<Statement['kind']> = new Set(['bind', 'check', 'train']);

/**
 * The statements that an edit has changed, by position; undefined where it has changed more than what some names and
 * checks are made of: another number of statements, other names, a function.
 */
export function changedBy(
  edit: Edit,
  before: readonly Statement[],
  after: readonly Statement[],
): ReadonlySet<number> | undefined {
  if (before.length !== after.length) return undefined;
  const changed = new Set<number>();
  for (let i = 0; i < before.length; i++) {
    const [old, now] = [before[i]!, after[i]!];
    if (old.kind !== now.kind) return undefined;
    const isOutside = old.span.end <= edit.start || old.span.start >= edit.end;
    const place = moved(old.span, edit);
    if (isOutside && place.start === now.span.start && place.end === now.span.end) continue;
    if (!changeable.has(old.kind) || nameOf(old) !== nameOf(now)) return undefined;
    changed.add(i);
  }
  return changed;
}

function nameOf(statement: Statement): string | undefined {
  return statement.kind === 'bind' ? statement.name.name : undefined;
}
