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

  /** How many groups there are. */
  get groups(): number {
    return this.groupCount;
  }

  /** The id of the first of so many groups that the caller makes. */
  reserveGroups(count: number): number {
    this.groupCount += count;
    return this.groupCount - count;
  }
}

/** All nodes that `outputs` depend on, the outputs included, in topological order; `cut` nodes are not entered. */
export function ancestors(outputs: Iterable<Node>, cut: ReadonlySet<Node> = new Set()): Node[] {
  return reachable(outputs, cut.size === 0 ? inputsOf : node => (cut.has(node) ? [] : node.inputs));
}

const listed = new WeakMap<readonly Node[], readonly Node[]>();

/** As `ancestors`, for a list that several ask about: it is walked once. */
export function ancestorsOfList(outputs: readonly Node[]): readonly Node[] {
  let nodes = listed.get(outputs);
  if (!nodes) listed.set(outputs, (nodes = ancestors(outputs)));
  return nodes;
}

const inputsOf = (node: Node): readonly Node[] => node.inputs;

/** All nodes of one graph that are reached from `starts` along `operandsOf`, in topological order: that of their ids. */
export function reachable(starts: Iterable<Node>, operandsOf: (node: Node) => readonly Node[]): Node[] {
  const reached: (Node | undefined)[] = [];
  let last = -1;
  for (const node of starts) {
    while (reached.length <= node.id) reached.push(undefined);
    reached[node.id] = node;
    last = Math.max(last, node.id);
  }
  // Operands have smaller ids than what is made of them, so one sweep downwards comes by all of them.
  let count = 0;
  for (let id = last; id >= 0; id--) {
    const node = reached[id];
    if (node === undefined) continue;
    count++;
    const operands = operandsOf(node);
    for (let i = 0; i < operands.length; i++) reached[operands[i]!.id] = operands[i];
  }
  const sorted = new Array<Node>(count);
  for (let id = last; id >= 0; id--) {
    const node = reached[id];
    if (node !== undefined) sorted[--count] = node;
  }
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
