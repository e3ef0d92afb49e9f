import type { Graph } from '../graph/graph';
import { groupPath, type Node } from '../graph/node';
import { printNode } from '../graph/print';
import { compatibleShapes, printShape } from '../graph/shape';
import { OpError } from './definition';
import { definitionOf } from './registry';

/**
 * What must hold of every graph, as a list of what does not: inputs before outputs, types as their ops infer them,
 * provenance that points into the graph. Run after each transform in tests.
 */
export function verify(graph: Graph): string[] {
  return graph.nodes.flatMap((node, position) =>
    problemsOf(node, position, graph).map(problem => `${printNode(node)}: ${problem}`),
  );
}

function problemsOf(node: Node, position: number, graph: Graph): string[] {
  const problems: string[] = [];
  if (node.id !== position) problems.push(`has the id ${node.id} at position ${position}`);
  for (const input of node.inputs) {
    if (graph.nodes[input.id] !== input) problems.push(`%${input.id} is of another graph`);
    else if (input.id >= node.id) problems.push(`%${input.id} does not come before it`);
  }
  problems.push(...typeProblems(node), ...provenanceProblems(node, graph));
  return problems;
}

function typeProblems(node: Node): string[] {
  const constraintsAllowed = { requireEqual: () => {} };
  try {
    const { dtype, shape } = definitionOf(node.op).infer(node.inputs, node.attributes, constraintsAllowed);
    const problems: string[] = [];
    if (dtype !== node.dtype) problems.push(`is inferred as ${dtype}`);
    if (printShape(shape) !== printShape(node.shape)) problems.push(`is inferred as ${printShape(shape)}`);
    return problems;
  } catch (error) {
    if (error instanceof OpError) return [error.message];
    throw error;
  }
}

function provenanceProblems(node: Node, graph: Graph): string[] {
  const { derivation, group } = node.provenance;
  const problems: string[] = [];
  if (derivation.kind !== 'source') {
    if (graph.nodes[derivation.of.id] !== derivation.of)
      problems.push('derives from a node of another graph');
    else if (derivation.of.id >= node.id) problems.push('derives from a later node');
  }
  const ids = groupPath(group).map(g => g.id);
  if (ids.some((id, i) => i > 0 && ids[i - 1]! >= id)) problems.push('its groups do not nest');
  return problems;
}

/** An adjoint has the shape of what it is the adjoint of, and is the sum of all contributions. */
export function adjointProblems(node: Node, adjoint: Node): string[] {
  const problems: string[] = [];
  if (adjoint.dtype !== 'float') problems.push(`${printNode(adjoint)}: an adjoint that is not float`);
  if (!compatibleShapes(node.shape, adjoint.shape)) {
    problems.push(`${printNode(adjoint)}: the adjoint of ${printNode(node)} has another shape`);
  }
  return problems;
}
