import type { OnnxGraph, OnnxNode } from '../model';

/** A node that waits to be computed. */
interface Waiting {
  readonly node: OnnxNode;
  /** In the graph. */
  readonly index: number;
  readonly kind: Kind;
  /** How many of its operands are still to be computed. */
  missing: number;
  /** The longest way from here to an output, in nodes. */
  readonly height: number;
  readonly readers: Waiting[];
}

/** Nodes that can be computed as one. */
interface Kind {
  /** Not yet computed. */
  left: number;
  /** From the lowest to the highest. */
  readonly ready: Waiting[];
}

/** A part of a kind is computed together when it is at least this share of what is left of it. */
const SHARE = 1 / 4;

/**
 * Puts nodes of one kind next to each other as far as what they read allows: nodes of which none of the kind has to be
 * waited for come first, else the one from which the longest way leads to an output, so that everything that hangs on
 * a chain of turns is left until the chain has come to its end. After G. Neubig, Y. Goldberg, C. Dyer, "On-the-fly
 * Operation Batching in Dynamic Computation Graphs", 2017, which orders by depth instead.
 */
export function* agenda(
  { nodes }: OnnxGraph,
  kindOf: (node: OnnxNode) => string | undefined,
  least: number,
): Generator<readonly OnnxNode[]> {
  const waiting = waitingOf(nodes, kindOf);
  const open = new Set<Kind>();
  const becomeReady = (own: Waiting): void => {
    insert(own.kind.ready, own);
    open.add(own.kind);
  };
  for (const own of waiting) if (own.missing === 0) becomeReady(own);
  while (open.size > 0) {
    const kind = next(open);
    const { ready, left } = kind;
    const together = ready.length === left || ready.length >= Math.max(least, left * SHARE);
    const group = ready.splice(together ? 0 : -1).sort((a, b) => a.index - b.index);
    kind.left -= group.length;
    if (ready.length === 0) open.delete(kind);
    yield group.map(({ node }) => node);
    for (const { readers } of group) {
      for (const reader of readers) if (--reader.missing === 0) becomeReady(reader);
    }
  }
}

function next(open: ReadonlySet<Kind>): Kind {
  let found: Kind | undefined;
  let height = -1;
  for (const kind of open) {
    if (kind.ready.length === kind.left) return kind;
    const own = kind.ready.at(-1)!.height;
    if (own > height) [found, height] = [kind, own];
  }
  return found!;
}

/** Puts `own` in its place by height; of equal ones the first stays the highest. */
function insert(ready: Waiting[], own: Waiting): void {
  let [from, to] = [0, ready.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (ready[middle]!.height < own.height) from = middle + 1;
    else to = middle;
  }
  ready.splice(from, 0, own);
}

/** From the first node to the last. */
function waitingOf(
  nodes: readonly OnnxNode[],
  kindOf: (node: OnnxNode) => string | undefined,
): readonly Waiting[] {
  const producer = new Map<string, OnnxNode>();
  for (const node of nodes) for (const name of node.outputs) producer.set(name, node);
  const sourcesOf = (node: OnnxNode): ReadonlySet<OnnxNode> =>
    new Set(node.inputs.flatMap(name => producer.get(name) ?? []));
  const heights = new Map<OnnxNode, number>();
  for (const node of [...nodes].reverse()) {
    const height = heights.get(node) ?? 0;
    heights.set(node, height);
    for (const source of sourcesOf(node)) {
      heights.set(source, Math.max(heights.get(source) ?? 0, height + 1));
    }
  }
  const kinds = new Map<string, Kind>();
  const found = new Map<OnnxNode, Waiting>();
  nodes.forEach((node, index) => {
    const key = kindOf(node) ?? `node ${index}`;
    let kind = kinds.get(key);
    if (!kind) kinds.set(key, (kind = { left: 0, ready: [] }));
    kind.left++;
    const sources = sourcesOf(node);
    const height = heights.get(node)!;
    const own = { node, index, kind, missing: sources.size, height, readers: [] };
    found.set(node, own);
    for (const source of sources) found.get(source)!.readers.push(own);
  });
  return [...found.values()];
}
