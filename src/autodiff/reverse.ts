import type { Descent } from '../graph/descent';
import { ancestors } from '../graph/graph';
import type { Node, Provenance } from '../graph/node';
import { compatibleShapes, printShape } from '../graph/shape';
import type { Builder } from '../ops/builder';
import { definitionOf } from '../ops/registry';
import { derivedFrom } from './provenance';
import { type DerivationRecord, Rederivation, type Step } from './rederivation';
import { slopeOf, timesSlope } from './slope';

/** What one use of a node adds to its adjoint. */
export interface Contribution {
  readonly consumer: Node;
  /** Which operand of the consumer the node is. */
  readonly operand: number;
  /** Local derivative times upstream gradient. */
  readonly value: Node;
}

/** Derivatives of an objective with respect to the nodes it depends on. */
export interface Adjoints {
  readonly objective: Node;
  /**
   * Has the shape of `node`; undefined where the derivative does not exist or is zero because no differentiable path
   * leads there. One node can be the adjoint of several, as a sum hands its gradient on unchanged.
   */
  of(node: Node): Node | undefined;
  /** In the order of the consumers; their sum is the adjoint. */
  contributions(node: Node): readonly Contribution[];
  readonly record: DerivationRecord;
}

export interface ReverseOptions {
  /** Only what these need is derived; by default every float node that the objective depends on has an adjoint. */
  readonly wrt?: Iterable<Node>;
  /** The cotangent of the objective, for one that is not a scalar; 1 by default. */
  readonly seed?: Node;
  /** How the graph was derived that this one was before an edit: what has stayed the same is copied. */
  readonly before?: { readonly record: DerivationRecord; readonly descent: Descent };
}

/**
 * Reverse mode, from graph to graph: walks from the objective to its ancestors and appends to each node the sum, over
 * its uses, of the use's derivative times the adjoint of the user.
 */
export function reverse(b: Builder, objective: Node, options: ReverseOptions = {}): Adjoints {
  const upstream = ancestors([objective]);
  const active = activeNodes(upstream, options.wrt);
  const adjoints = new Array<Node | undefined>(objective.id + 1).fill(undefined);
  const contributions = new Array<Contribution[] | undefined>(objective.id + 1).fill(undefined);
  // A node is derived from at each of its uses, and all of that stands in one place.
  const places = new Array<Provenance | undefined>(objective.id + 1).fill(undefined);
  const placeOf = (of: Node): Provenance => (places[of.id] ??= derivedFrom('adjoint', of, b));
  const within: Within = (of, make) => b.within(placeOf(of), make);
  const { seed, before } = options;
  const rederivation = before && new Rederivation(before.record, before.descent, b, placeOf);
  const steps = new Array<Step | undefined>(objective.id + 1).fill(undefined);
  if (!seed && objective.shape.length > 0) {
    throw new Error(`an objective of shape ${printShape(objective.shape)} needs a seed`);
  }

  const isWanted = (node: Node): boolean => active[node.id] === 1;

  for (const node of upstream.reverse()) {
    if (!isWanted(node)) continue;
    const uses = contributions[node.id]?.reverse() ?? none;
    const adjoint = sumOf(b, node, uses, within, node === objective ? { seed } : undefined);
    if (!adjoint) continue;
    adjoints[node.id] = adjoint;
    if (node.inputs.length === 0) continue;
    const start = b.graph.nodes.length;
    const values =
      rederivation?.pullBack(node, adjoint, active) ?? pullBack(b, node, adjoint, isWanted, within);
    steps[node.id] = { adjoint, start, end: b.graph.nodes.length, values };
    // From the last operand to the first, and the lists are reversed above: uses come in the order of the graph.
    for (let operand = values.length - 1; operand >= 0; operand--) {
      const value = values[operand];
      const input = node.inputs[operand]!;
      if (!value || !isWanted(input)) continue;
      if (value.shape !== input.shape && !compatibleShapes(value.shape, input.shape)) {
        const shapes = `${printShape(value.shape)} for ${printShape(input.shape)}`;
        throw new Error(`the derivative of ${node.op} in operand ${operand} has the shape ${shapes}`);
      }
      const list = contributions[input.id];
      if (list) list.push({ consumer: node, operand, value });
      else contributions[input.id] = [{ consumer: node, operand, value }];
    }
  }
  // A fork of the graph may have given the id of a node here to another one.
  const isMeant = (node: Node): boolean => node.id <= objective.id && b.graph.nodes[node.id] === node;
  return {
    objective,
    of: node => (isMeant(node) ? adjoints[node.id] : undefined),
    contributions: node => (isMeant(node) ? contributions[node.id] : undefined) ?? [],
    record: { nodes: b.graph.nodes, active, steps },
  };
}

const none: readonly Contribution[] = [];

/** Runs `make` with the nodes it adds derived from a node. */
type Within = <R>(of: Node, make: () => R) => R;

/** The sum over all uses of a node, and the cotangent of the objective, 1 without a seed, where the node is that. */
function sumOf(
  b: Builder,
  node: Node,
  uses: readonly Contribution[],
  within: Within,
  start: { readonly seed: Node | undefined } | undefined,
): Node | undefined {
  if (!start && uses.length === 1) return uses[0]!.value;
  return within(node, () => {
    const terms = uses.map(use => use.value);
    if (start) terms.push(start.seed ?? b.constant(1));
    return terms.length === 0 ? undefined : terms.reduce((total, term) => b.add(total, term));
  });
}

/** By id, 1 for float nodes between the objective and `wrt`, both included. */
function activeNodes(upstream: readonly Node[], wrt: Iterable<Node> | undefined): Uint8Array {
  const targets = wrt && new Set(wrt);
  const active = new Uint8Array((upstream.at(-1)?.id ?? -1) + 1);
  for (const node of upstream) {
    if (node.dtype !== 'float') continue;
    const counts = !targets || targets.has(node) || node.inputs.some(input => active[input.id] === 1);
    if (counts) active[node.id] = 1;
  }
  return active;
}

/** The contribution of one node to the adjoint of each of its operands. */
function pullBack(
  b: Builder,
  node: Node,
  adjoint: Node,
  isWanted: (node: Node) => boolean,
  within: Within,
): readonly (Node | null)[] {
  const definition = definitionOf(node.op);
  const { inputs, attributes } = node;
  switch (definition.kind) {
    case 'leaf':
    case 'nondifferentiable':
      return [];
    case 'custom': {
      const wanted = inputs.map(isWanted);
      if (!wanted.includes(true)) return [];
      // One rule serves all operands; what they share counts for the first of them.
      const first = inputs[wanted.indexOf(true)]!;
      return within(first, () => [...definition.vjp(adjoint, inputs, node, b, attributes, wanted)]);
    }
  }
  const derive = (operand: number): Node | null => {
    switch (definition.kind) {
      case 'elementwise':
        return timesSlope(adjoint, slopeOf(definition, node, operand, b), b);
      case 'linear':
        return definition.transpose(adjoint, inputs, operand, b, attributes);
      case 'multilinear':
        return definition.adjoint(adjoint, inputs, operand, b, attributes);
    }
  };
  const values: (Node | null)[] = [];
  for (let operand = 0; operand < inputs.length; operand++) {
    const input = inputs[operand]!;
    values.push(isWanted(input) ? within(input, () => derive(operand)) : null);
  }
  return values;
}
