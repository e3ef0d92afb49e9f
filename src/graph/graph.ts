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
  const seen = new Set<Node>();
  const pending = [...outputs];
  while (pending.length > 0) {
    const node = pending.pop()!;
    if (seen.has(node)) continue;
    seen.add(node);
    if (!cut.has(node)) for (const input of node.inputs) if (!seen.has(input)) pending.push(input);
  }
  return inOrder(seen);
}

/** Nodes of one graph in topological order, which is that of their ids. */
export function inOrder(nodes: ReadonlySet<Node>): Node[] {
  let last = 0;
  for (const { id } of nodes) last = Math.max(last, id);
  // Few nodes of a large graph.
  if (last > 8 * nodes.size) return [...nodes].sort((a, b) => a.id - b.id);
  const places = new Array<Node | undefined>(last + 1);
  for (const node of nodes) places[node.id] = node;
  return places.filter(node => node !== undefined);
}

/** All nodes among `graph.nodes` that depend on one of `sources`, the sources included. */
export function descendants(graph: Graph, sources: Iterable<Node>): Set<Node> {
  const reached = new Set<Node>(sources);
  for (const node of graph.nodes) {
    if (node.inputs.some(input => reached.has(input))) reached.add(node);
  }
  return reached;
}
