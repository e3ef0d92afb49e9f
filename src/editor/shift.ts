import type { Span } from '../base/span';

/** One replacement of text, in offsets of the text before it. */
export interface TextEdit {
  readonly start: number;
  readonly removed: number;
  readonly inserted: number;
}

/**
 * Where a span of an earlier text lies after edits, so that findings stay on their words until the engine has
 * looked again. Nothing when an edit touched the inside of the span: what was known of it is no longer true.
 */
export function shiftSpan(span: Span, edits: readonly TextEdit[]): Span | undefined {
  let { start, end } = span;
  for (const edit of edits) {
    const editEnd = edit.start + edit.removed;
    const by = edit.inserted - edit.removed;
    if (editEnd <= start && !(editEnd === start && edit.start === start && start === end)) {
      start += by;
      end += by;
    } else if (edit.start < end) {
      return undefined;
    }
  }
  return { start, end };
}
