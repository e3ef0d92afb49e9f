import type { Node, Provenance } from '../graph/node';

/** A derived node stands at the text of what it is derived from. */
export function derivedFrom(kind: 'adjoint' | 'tangent', of: Node): Provenance {
  const { span, group } = of.provenance;
  return { derivation: { kind, of }, ...(span ? { span } : {}), ...(group ? { group } : {}) };
}
