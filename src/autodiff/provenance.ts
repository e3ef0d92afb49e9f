import type { Node, Provenance } from '../graph/node';
import type { Builder } from '../ops/builder';

/**
 * A derived node stands at the text of what it is derived from; inside a group, such as that of a `grad(...)` in the
 * file, it belongs to that call.
 */
export function derivedFrom(kind: 'adjoint' | 'tangent', of: Node, b: Builder): Provenance {
  const { span, group } = b.currentProvenance.group ? b.currentProvenance : of.provenance;
  const derivation = { kind, of };
  // One for every derivative of every operand, and the spread of what may be absent would be slow.
  if (span) return group ? { derivation, span, group } : { derivation, span };
  return group ? { derivation, group } : { derivation };
}
