import { definitionsAt } from '../language/features/occurrence';
import type { Span } from '../language/source';
import type { Definition } from '../language/symbols';
import type { NameInfo } from '../worker/protocol';
import type { Session } from './session';

const dottedPath = /[\p{XID_Start}_]\p{XID_Continue}*(?:\.[\p{XID_Start}\d_]\p{XID_Continue}*)+/gu;

/** The named value that the text at an offset speaks of: where it is bound, or where it is used. */
export function nameAt(session: Session, offset: number): NameInfo | undefined {
  const definition = definitionsAt(session.text, offset).at(-1);
  if (definition) return nameOf(session, definition);
  return memberAt(session, offset)?.info;
}

/** `h.W`, a parameter that a layer owns, and where it is written. */
export function memberAt(
  session: Session,
  offset: number,
): { readonly info: NameInfo; readonly span: Span } | undefined {
  const path = pathAt(session.source.text, offset);
  const info = session.analysis?.names.find(
    ({ name, version }) => name === path?.name && version === undefined,
  );
  return path && info && { info, span: path.span };
}

/** What the engine knows of a definition; the last turn's, where a loop binds it several times. */
export function nameOf(session: Session, { name, span }: Definition): NameInfo | undefined {
  return session.analysis?.names.findLast(
    info => info.name === name && session.place(info.span)?.start === span.start,
  );
}

/** `h.W` around an offset. */
function pathAt(text: string, offset: number): { readonly name: string; readonly span: Span } | undefined {
  const before = text.slice(0, offset);
  const start = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1;
  const end = text.slice(offset).search(/[\r\n]|$/) + offset;
  for (const match of text.slice(start, end).matchAll(dottedPath)) {
    const from = start + match.index;
    const end = from + match[0].length;
    if (from <= offset && offset <= end)
      return { name: match[0].normalize('NFC'), span: { start: from, end } };
  }
  return undefined;
}
