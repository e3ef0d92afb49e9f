import type { Diagnostic } from './diagnostic';

/** Findings of the text and of lowering together; of two errors at one place the text's, which is the cause, stays. */
export function mergeFindings(text: readonly Diagnostic[], lowered: readonly Diagnostic[]): Diagnostic[] {
  const starts = new Set(text.filter(each => each.severity === 'error').map(error => error.span.start));
  const fresh = lowered.filter(({ severity, span }) => severity !== 'error' || !starts.has(span.start));
  return [...text, ...fresh].sort((a, b) => a.span.start - b.span.start);
}
