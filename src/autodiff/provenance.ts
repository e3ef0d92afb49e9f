import type { Node, Provenance } from '../graph/node';
import type { Builder } from '../ops/builder';

/**
 * A derived node stands at the text of what it is derived from; inside a group, such as that of a `grad(...)` in the
 * file, it belongs to that call.
 */
export function derivedFrom(kind: 'adjoint' | 'tangent', of: Node, b: Builder): Provenance {
  const { span, group } = b.currentProvenance.group ? b.currentProvenance : of.provenance;
  return { derivation: { kind, of }, ...(span ? { span } : {}), ...(group ? { group } : {}) };
}
