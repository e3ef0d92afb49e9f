import type { Span } from '../base/span';
import type { Dim } from './dimension';
import type { Attributes, Group, Node, Provenance } from './node';
import type { DType, Shape } from './types';

/** Two sizes that must agree, which only the sizes of the symbols can tell. */
export interface Constraint {
  readonly left: Dim;
  readonly right: Dim;
  readonly span?: Span;
  /** Says what must agree and where each size comes from. */
  readonly message: string;
}

/** A computation graph that only grows: derivatives and updates are added to it, nothing is ever changed. */
export class Graph {
  private readonly list: Node[] = [];
  private readonly constraintByKey = new Map<string, Constraint>();
  private groupCount = 0;

  /** In topological order. */
  get nodes(): readonly Node[] {
    return this.list;
  }

  get constraints(): readonly Constraint[] {
    return [...this.constraintByKey.values()];
  }

  /** A copy that grows by itself, for what is rewritten before it joins this graph. Ids go on from here. */
  fork(): Graph {
    const copy = new Graph();
    for (const node of this.list) copy.list.push(node);
    copy.groupCount = this.groupCount;
    return copy;
  }

  append(
    op: string,
    inputs: readonly Node[],
    attributes: Attributes,
    type: { readonly dtype: DType; readonly shape: Shape },
    provenance: Provenance,
  ): Node {
    const node: Node = {
      id: this.list.length,
      op,
      inputs,
      attributes,
      dtype: type.dtype,
      shape: type.shape,
      provenance,
    };
    this.list.push(node);
    return node;
  }

  /** The first of equal constraints stays: it is the one that the text states. */
  addConstraint(constraint: Constraint): void {
    const key = [constraint.left.key, constraint.right.key].sort().join(' = ');
    if (!this.constraintByKey.has(key)) this.constraintByKey.set(key, constraint);
  }

  addGroup(group: Omit<Group, 'id'>): Group {
    return { ...group, id: this.groupCount++ };
  }
}

/** All nodes that `outputs` depend on, the outputs included, in topological order; `cut` nodes are not entered. */
export function ancestors(outputs: Iterable<Node>, cut: ReadonlySet<Node> = new Set()): Node[] {
  return reachable(outputs, cut.size === 0 ? inputsOf : node => (cut.has(node) ? [] : node.inputs));
}

const inputsOf = (node: Node): readonly Node[] => node.inputs;

/** All nodes of one graph that are reached from `starts` along `operandsOf`, in topological order: that of their ids. */
export function reachable(starts: Iterable<Node>, operandsOf: (node: Node) => readonly Node[]): Node[] {
  const pending = [...starts];
  const found: Node[] = [];
  // Operands come before what is made of them.
  const last = pending.reduce((most, { id }) => Math.max(most, id), -1);
  const seen = new Uint8Array(last + 1);
  while (pending.length > 0) {
    const node = pending.pop()!;
    if (seen[node.id] === 1) continue;
    seen[node.id] = 1;
    found.push(node);
    for (const operand of operandsOf(node)) if (seen[operand.id] === 0) pending.push(operand);
  }
  // Few nodes of a large graph.
  if (last > 8 * found.length) return found.sort((a, b) => a.id - b.id);
  const places = new Int32Array(last + 1);
  for (let i = 0; i < found.length; i++) places[found[i]!.id] = i + 1;
  const sorted: Node[] = [];
  for (const place of places) if (place > 0) sorted.push(found[place - 1]!);
  return sorted;
}

/** All nodes among `graph.nodes` that depend on one of `sources`, the sources included. */
export function descendants(graph: Graph, sources: Iterable<Node>): Set<Node> {
  const reached = new Set<Node>(sources);
  for (const node of graph.nodes) {
    if (node.inputs.some(input => reached.has(input))) reached.add(node);
  }
  return reached;
}
