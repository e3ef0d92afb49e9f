import { incidence } from './incidence';
import { depthFirst, orderAsBefore, sweep } from './order';
import { rankNodes } from './ranks';

/** Layers of a directed graph and the order inside them, on plain integers: fast enough for 10,000 nodes. */

export interface LinkedGraph {
  readonly count: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Where a link leaves or enters, across the flow, from the node's centre. */
  readonly fromPort: Float64Array;
  readonly toPort: Float64Array;
  /** -1 stays in the first layer, 1 in the last, 0 goes where its links want it. */
  readonly pinned: Int8Array;
  /** Where the node stood across the flow in an earlier picture; NaN when it is new. */
  readonly before: Float64Array;
}

/** Nodes and, from `count` on, virtual nodes where links pass through a layer. */
export interface Layers {
  readonly layers: readonly number[][];
  readonly rank: Int32Array;
  readonly total: number;
  /** Pieces of links between neighbouring layers, downwards. */
  readonly segments: Segments;
  /** For each link the virtual nodes that it passes, in its own direction. */
  readonly chains: readonly (readonly number[])[];
  /** The piece at which each link arrives. */
  readonly lastSegment: Int32Array;
  /** Links that run against the flow, because they close a cycle. */
  readonly reversed: Uint8Array;
}

export interface Segments {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly fromPort: readonly number[];
  readonly toPort: number[];
}

export function layer(graph: LinkedGraph): Layers {
  const { rank, reversed } = rankNodes(graph);
  const built = splitLinks(graph, rank, reversed);
  const total = built.rank.length;
  const layers: number[][] = [];
  for (const node of depthFirst(graph, built, total)) {
    const index = built.rank[node]!;
    while (layers.length <= index) layers.push([]);
    layers[index]!.push(node);
  }
  const result = { layers, ...built, rank: Int32Array.from(built.rank), total, reversed };
  const survivors = graph.before.some(value => !Number.isNaN(value));
  if (survivors) orderAsBefore(graph, result);
  else sweep(result);
  return result;
}

/** Cuts links at every layer; links that leave a node at the same place share their virtual nodes. */
function splitLinks(
  { count, from, to, fromPort, toPort }: LinkedGraph,
  ranks: Int32Array,
  reversed: Uint8Array,
) {
  const rank = Array.from(ranks);
  const segments = {
    from: [] as number[],
    to: [] as number[],
    fromPort: [] as number[],
    toPort: [] as number[],
  };
  const chains: number[][] = Array.from(from, () => []);
  const lastSegment = new Int32Array(from.length);
  const byPort = (a: number, b: number) => fromPort[a]! - fromPort[b]! || a - b;
  const push = (a: number, b: number, portA: number, portB: number) => {
    segments.from.push(a);
    segments.to.push(b);
    segments.fromPort.push(portA);
    segments.toPort.push(portB);
  };
  const out = incidence(Array.from(from), count);
  for (let node = 0; node < count; node++) {
    const links = Array.from(out.list.subarray(out.start[node]!, out.start[node + 1]!)).sort(byPort);
    let shared: number[] = [];
    let port = Number.NaN;
    for (const link of links) {
      const [upper, lower] = reversed[link] ? [to[link]!, node] : [node, to[link]!];
      const [upperPort, lowerPort] = reversed[link]
        ? [toPort[link]!, fromPort[link]!]
        : [fromPort[link]!, toPort[link]!];
      if (reversed[link] || fromPort[link] !== port) shared = [];
      port = reversed[link] ? Number.NaN : fromPort[link]!;
      let above = upper;
      for (let r = ranks[upper]! + 1; r < ranks[lower]!; r++) {
        let virtual = shared[r];
        if (virtual === undefined) {
          virtual = rank.length;
          rank.push(r);
          shared[r] = virtual;
          push(above, virtual, above === upper ? upperPort : 0, 0);
        }
        chains[link]!.push(virtual);
        above = virtual;
      }
      lastSegment[link] = segments.from.length;
      push(above, lower, above === upper ? upperPort : 0, lowerPort);
      if (reversed[link]) chains[link]!.reverse();
    }
  }
  return { rank, segments, chains, lastSegment };
}

/**
 * Lets the links of a node arrive side by side, in the order they come from. The only one that is no leaf comes
 * straight down the middle, so that the main path does not drift.
 */
export function spreadPorts(
  { layers, segments, total }: Layers,
  widthOf: (node: number) => number | undefined,
): void {
  const up = incidence(segments.to, total);
  const leaf = leafSegments(segments, total);
  const place = new Int32Array(total);
  for (const nodes of layers) for (let i = 0; i < nodes.length; i++) place[nodes[i]!] = i;
  for (let node = 0; node < total; node++) {
    const width = widthOf(node);
    const count = up.start[node + 1]! - up.start[node]!;
    if (width === undefined || count < 2) continue;
    const arriving = Array.from(up.list.subarray(up.start[node]!, up.start[node + 1]!));
    arriving.sort((a, b) => place[segments.from[a]!]! - place[segments.from[b]!]!);
    const strong = arriving.filter(segment => !leaf[segment]);
    const middle = strong.length === 1 ? arriving.indexOf(strong[0]!) : (count - 1) / 2;
    const step = Math.min(24, (width - 20) / 2 / Math.max(middle, count - 1 - middle));
    for (const [i, segment] of arriving.entries()) segments.toPort[segment] = (i - middle) * step;
  }
}

/** Marks the segments that come from a node with no input and no other use, such as a parameter. */
export function leafSegments({ from, to }: Segments, total: number): Uint8Array {
  const inputs = new Uint8Array(total);
  const uses = new Int32Array(total);
  for (const node of to) inputs[node] = 1;
  for (const node of from) uses[node]!++;
  return Uint8Array.from(from, node => (inputs[node] === 0 && uses[node] === 1 ? 1 : 0));
}
