import type { Attributes, Node } from './node';
import { printShape } from './shape';

/**
 * One line a node, for tests and for reading while debugging:
 * `%4 = sum(%3) {axes: [0]} : float[3]  # adjoint of %1`.
 */
export function printGraph(nodes: readonly Node[]): string {
  return nodes.map(printNode).join('\n');
}

export function printNode(node: Node): string {
  const operands = node.inputs.map(input => `%${input.id}`).join(', ');
  const attributes = printAttributes(node.attributes);
  const { derivation } = node.provenance;
  const origin = derivation.kind === 'source' ? '' : `  # ${derivation.kind} of %${derivation.of.id}`;
  return `%${node.id} = ${node.op}(${operands})${attributes} : ${node.dtype}${printShape(node.shape)}${origin}`;
}

/** What the type after the colon already says is left out. */
function printAttributes(attributes: Attributes): string {
  const shown = Object.entries(attributes).filter(([name]) => name !== 'shape' && name !== 'dtype');
  if (shown.length === 0) return '';
  return ` {${shown.map(([name, value]) => `${name}: ${printValue(value)}`).join(', ')}}`;
}

function printValue(value: unknown): string {
  if (Array.isArray(value)) {
    const items = value.slice(0, 8).map(printValue);
    return `[${items.join(', ')}${value.length > 8 ? ', ...' : ''}]`;
  }
  if (typeof value === 'object' && value !== null && 'key' in value) return String(value.key);
  return typeof value === 'string' ? `'${value}'` : String(value);
}
