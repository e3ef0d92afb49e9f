import type { OnnxGraph, OnnxNode } from '../model';

/** A node that waits to be computed. */
interface Waiting {
  readonly node: OnnxNode;
  readonly kind: Kind;
  /** How many of its operands are still to be computed. */
  missing: number;
  /** The longest way from here to an output, in nodes. */
  readonly height: number;
}

/** Nodes that can be computed as one. */
interface Kind {
  /** Not yet computed. */
  left: number;
  ready: readonly Waiting[];
}

/**
 * Puts nodes of one kind next to each other as far as what they read allows: nodes of which none of the kind has to be
 * waited for come first, else the one from which the longest way leads to an output, so that everything that hangs on
 * a chain of turns is left until the chain has come to its end. After G. Neubig, Y. Goldberg, C. Dyer, "On-the-fly
 * Operation Batching in Dynamic Computation Graphs", 2017, which orders by depth instead.
 */
export function* agenda(
  { nodes }: OnnxGraph,
  kindOf: (node: OnnxNode) => string | undefined,
): Generator<readonly OnnxNode[]> {
  const kinds = new Map<string, Kind>();
  const producer = new Map<string, OnnxNode>();
  for (const node of nodes) for (const name of node.outputs) producer.set(name, node);
  const heights = heightsOf(nodes, producer);
  const waiting = new Map<OnnxNode, Waiting>();
  const readers = new Map<OnnxNode, Waiting[]>();
  nodes.forEach((node, i) => {
    const key = kindOf(node) ?? `node ${i}`;
    let kind = kinds.get(key);
    if (!kind) kinds.set(key, (kind = { left: 0, ready: [] }));
    kind.left++;
    const sources = new Set(node.inputs.flatMap(name => producer.get(name) ?? []));
    const own = { node, kind, missing: sources.size, height: heights.get(node)! };
    waiting.set(node, own);
    for (const source of sources) readers.set(source, [...(readers.get(source) ?? []), own]);
  });
  const open = new Set<Kind>();
  const becomeReady = (own: Waiting): void => {
    own.kind.ready = [...own.kind.ready, own];
    open.add(own.kind);
  };
  for (const own of waiting.values()) if (own.missing === 0) becomeReady(own);
  while (open.size > 0) {
    const kind = next(open);
    const group = kind.ready.length === kind.left ? kind.ready : [highest(kind.ready)];
    kind.ready = kind.ready.filter(own => !group.includes(own));
    kind.left -= group.length;
    if (kind.ready.length === 0) open.delete(kind);
    yield group.map(({ node }) => node);
    for (const { node } of group) {
      for (const reader of readers.get(node) ?? []) if (--reader.missing === 0) becomeReady(reader);
    }
  }
}

function next(open: ReadonlySet<Kind>): Kind {
  let found: Kind | undefined;
  let height = -1;
  for (const kind of open) {
    if (kind.ready.length === kind.left) return kind;
    const own = highest(kind.ready).height;
    if (own > height) [found, height] = [kind, own];
  }
  return found!;
}

function highest(ready: readonly Waiting[]): Waiting {
  return ready.reduce((a, b) => (b.height > a.height ? b : a));
}

function heightsOf(
  nodes: readonly OnnxNode[],
  producer: ReadonlyMap<string, OnnxNode>,
): ReadonlyMap<OnnxNode, number> {
  const heights = new Map<OnnxNode, number>();
  for (const node of [...nodes].reverse()) {
    const height = heights.get(node) ?? 0;
    heights.set(node, height);
    for (const name of node.inputs) {
      const source = producer.get(name);
      if (source) heights.set(source, Math.max(heights.get(source) ?? 0, height + 1));
    }
  }
  return heights;
}
