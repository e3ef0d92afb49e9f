import { contains } from '../language/source';
import type { NameInfo } from '../worker/protocol';
import type { Session } from './session';

const path = /[\p{XID_Start}_]\p{XID_Continue}*(?:\.[\p{XID_Start}\d_]\p{XID_Continue}*)*/gu;

/** The named value that the text at an offset speaks of: where it is bound, or where it is used. */
export function nameAt(session: Session, offset: number): NameInfo | undefined {
  const names = session.analysis?.names ?? [];
  const placed = names.flatMap(info => {
    const span = session.place(info.span);
    return span ? [{ info, span }] : [];
  });
  const bound = placed.find(({ span }) => contains(span, offset));
  if (bound) return bound.info;
  const written = pathAt(session.source.text, offset);
  if (!written) return undefined;
  for (const name of [written.whole, written.first]) {
    // a use means the version bound last before it
    const versions = placed.filter(({ info }) => info.name === name);
    const before = versions.filter(({ span }) => span.end <= offset);
    const found = before.at(-1) ?? versions[0];
    if (found) return found.info;
  }
  return undefined;
}

/** `h.W` at an offset inside it: the whole, and the part up to the offset's own name. */
function pathAt(text: string, offset: number): { whole: string; first: string } | undefined {
  const start = Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
  const end = text.slice(offset).search(/[\r\n]|$/) + offset;
  for (const match of text.slice(start, end).matchAll(path)) {
    const from = start + match.index;
    if (from <= offset && offset <= from + match[0].length) {
      const whole = match[0].normalize('NFC');
      return { whole, first: whole.split('.', 1)[0]! };
    }
  }
  return undefined;
}
