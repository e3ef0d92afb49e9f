import { ancestors } from '../graph/graph';
import type { Node } from '../graph/node';
import type { Builder } from '../ops/builder';
import { definitionOf, type OpName } from '../ops/registry';
import { derivedFrom } from './provenance';
import { slopeOf, timesSlope } from './slope';

/**
 * Forward mode, from graph to graph: the directional derivative of each output along the given tangents of other
 * nodes. `null` is zero. A node that has a tangent is taken as independent of what is above it.
 */
export function forward(
  b: Builder,
  outputs: readonly Node[],
  tangents: ReadonlyMap<Node, Node>,
): (Node | null)[] {
  const known = new Map<Node, Node>(tangents);
  for (const node of ancestors(outputs, new Set(tangents.keys()))) {
    if (known.has(node) || node.dtype !== 'float' || !node.inputs.some(input => known.has(input))) continue;
    const tangent = b.within(derivedFrom('tangent', node, b), () =>
      pushForward(
        b,
        node,
        node.inputs.map(input => known.get(input) ?? null),
      ),
    );
    if (tangent) known.set(node, tangent);
  }
  return outputs.map(output => known.get(output) ?? null);
}

function pushForward(b: Builder, node: Node, tangents: readonly (Node | null)[]): Node | null {
  const definition = definitionOf(node.op);
  const { inputs, attributes } = node;
  /** The sum over the operands that have a tangent. */
  const sum = (term: (tangent: Node, operand: number) => Node | null): Node | null => {
    let total: Node | null = null;
    tangents.forEach((tangent, operand) => {
      const value = tangent && term(tangent, operand);
      if (value) total = total ? b.add(total, value) : value;
    });
    return total;
  };
  switch (definition.kind) {
    case 'leaf':
    case 'nondifferentiable':
      return null;
    case 'elementwise':
      return sum((tangent, operand) => timesSlope(tangent, slopeOf(definition, node, operand, b), b));
    case 'linear':
      // A linear function is its own derivative.
      return b.apply(
        node.op as OpName,
        inputs.map((input, i) => (input.dtype === 'float' ? (tangents[i] ?? b.zeros(input.shape)) : input)),
        attributes,
      );
    case 'multilinear':
      return sum((tangent, operand) =>
        b.apply(
          node.op as OpName,
          inputs.map((input, i) => (i === operand ? tangent : input)),
          attributes,
        ),
      );
    case 'custom':
      return definition.jvp(tangents, inputs, node, b, attributes);
  }
}
