import { definitionsAt } from '../language/features/occurrence';
import type { Definition } from '../language/symbols';
import type { NameInfo } from '../worker/protocol';
import type { Session } from './session';

const dottedPath = /[\p{XID_Start}_]\p{XID_Continue}*(?:\.[\p{XID_Start}\d_]\p{XID_Continue}*)+/gu;

/** The named value that the text at an offset speaks of: where it is bound, or where it is used. */
export function nameAt(session: Session, offset: number): NameInfo | undefined {
  const definition = definitionsAt(session.text, offset).at(-1);
  if (definition) return nameOf(session, definition);
  const path = pathAt(session.source.text, offset);
  return session.analysis?.names.find(({ name, version }) => name === path && version === undefined);
}

/** What the engine knows of a definition; the last turn's, where a loop binds it several times. */
export function nameOf(session: Session, { name, span }: Definition): NameInfo | undefined {
  return session.analysis?.names.findLast(
    info => info.name === name && session.place(info.span)?.start === span.start,
  );
}

/** `h.W` around an offset. */
function pathAt(text: string, offset: number): string | undefined {
  const before = text.slice(0, offset);
  const start = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1;
  const end = text.slice(offset).search(/[\r\n]|$/) + offset;
  for (const match of text.slice(start, end).matchAll(dottedPath)) {
    const from = start + match.index;
    if (from <= offset && offset <= from + match[0].length) return match[0].normalize('NFC');
  }
  return undefined;
}
