import { contains, type Span } from '../source';
import { type Definition, type Use, usesOf } from '../symbols';
import type { TextAnalysis } from '../text';

/** The name that stands at a place: where it is bound, or where it is used. */
export interface Occurrence {
  readonly name: string;
  readonly span: Span;
  /** What it may mean, the likeliest last; empty for a built-in or an unknown name. */
  readonly definitions: readonly Definition[];
  readonly role: 'definition' | Use['role'];
}

/** The occurrence at an offset; at the seam of two, the one that begins there. */
export function occurrenceAt({ symbols }: TextAnalysis, offset: number): Occurrence | undefined {
  const bound = symbols.definitions.find(({ span }) => contains(span, offset));
  const used = symbols.uses.find(({ span }) => contains(span, offset));
  if (bound !== undefined && (used === undefined || bound.span.start >= used.span.start)) {
    return { name: bound.name, span: bound.span, definitions: [bound], role: 'definition' };
  }
  return used && { name: used.name, span: used.span, definitions: used.definitions, role: used.role };
}

/** Where what is meant at an offset is defined. */
export function definitionsAt(analysis: TextAnalysis, offset: number): readonly Definition[] {
  return occurrenceAt(analysis, offset)?.definitions ?? [];
}

/**
 * Every place that speaks of what is meant at an offset. A name that is bound several times is one name for
 * a reader, so all versions that meet in some use belong together.
 */
export function referencesAt(analysis: TextAnalysis, offset: number): readonly Span[] {
  const { symbols } = analysis;
  const found = new Set<Definition>(definitionsAt(analysis, offset));
  for (const definition of found) {
    for (const use of usesOf(symbols, definition)) for (const other of use.definitions) found.add(other);
  }
  const spans = [...found].flatMap(definition => [
    definition.span,
    ...usesOf(symbols, definition).map(use => use.span),
  ]);
  const byStart = new Map(spans.map(span => [span.start, span]));
  return [...byStart.values()].sort((a, b) => a.start - b.start);
}
