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

/** Segments by node: those at `list[start[v]] .. list[start[v + 1]]`. */
export interface Incidence {
  readonly start: Int32Array;
  readonly list: Int32Array;
}

const sweeps = 10;

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

export function incidence(ends: readonly number[], total: number): Incidence {
  const start = new Int32Array(total + 1);
  for (const end of ends) start[end + 1]!++;
  for (let i = 0; i < total; i++) start[i + 1]! += start[i]!;
  const next = start.slice();
  const list = new Int32Array(ends.length);
  for (let i = 0; i < ends.length; i++) list[next[ends[i]!]!++] = i;
  return { start, list };
}

/** Longest paths from the sources; then everything moves down to just above its first use. */
function rankNodes({ count, from, to, pinned }: LinkedGraph) {
  const { order, reversed } = topologicalOrder(count, from, to);
  const upper = from.map((node, link) => (reversed[link] ? to[link]! : node));
  const lower = to.map((node, link) => (reversed[link] ? from[link]! : node));
  const out = incidence(Array.from(upper), count);
  const rank = new Int32Array(count);
  for (const node of order) {
    for (let k = out.start[node]!; k < out.start[node + 1]!; k++) {
      const end = lower[out.list[k]!]!;
      rank[end] = Math.max(rank[end]!, rank[node]! + 1);
    }
  }
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!;
    let first = Number.POSITIVE_INFINITY;
    for (let k = out.start[node]!; k < out.start[node + 1]!; k++) {
      const end = lower[out.list[k]!]!;
      if (pinned[end] !== 1) first = Math.min(first, rank[end]!);
    }
    if (pinned[node] === 0 && Number.isFinite(first)) rank[node] = Math.max(rank[node]!, first - 1);
  }
  shiftPinned(rank, pinned);
  return { rank, reversed };
}

/** Every node after those it depends on; links that close a cycle are marked and count the other way round. */
function topologicalOrder(count: number, from: Int32Array, to: Int32Array) {
  const out = incidence(Array.from(from), count);
  const waiting = new Int32Array(count);
  for (const end of to) waiting[end]!++;
  const reversed = new Uint8Array(from.length);
  const done = new Uint8Array(count);
  const order: number[] = [];
  const place = (node: number) => {
    done[node] = 1;
    order.push(node);
  };
  for (let node = 0; node < count; node++) if (waiting[node] === 0) place(node);
  let oldest = 0;
  for (let head = 0; head < count; head++) {
    if (head === order.length) {
      // only cycles are left: one is cut open at its first node
      while (done[oldest]) oldest++;
      place(oldest);
    }
    const node = order[head]!;
    for (let k = out.start[node]!; k < out.start[node + 1]!; k++) {
      const link = out.list[k]!;
      const end = to[link]!;
      if (done[end]) reversed[link] = 1;
      else if (--waiting[end]! === 0) place(end);
    }
  }
  return { order, reversed };
}

/** The first and last layers hold pinned nodes and nothing else. */
function shiftPinned(rank: Int32Array, pinned: Int8Array): void {
  const hasFirst = pinned.includes(-1);
  if (!hasFirst && !pinned.includes(1)) return;
  let innerFirst = Number.POSITIVE_INFINITY;
  let innerLast = -1;
  for (let node = 0; node < rank.length; node++) {
    if (pinned[node] !== 0) continue;
    innerFirst = Math.min(innerFirst, rank[node]!);
    innerLast = Math.max(innerLast, rank[node]!);
  }
  if (innerLast < 0) [innerFirst, innerLast] = [1, 1];
  const shift = (hasFirst ? 1 : 0) - innerFirst;
  for (let node = 0; node < rank.length; node++) {
    if (pinned[node] === 0) rank[node]! += shift;
    else rank[node] = pinned[node] === -1 ? 0 : innerLast + shift + 1;
  }
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

/** A first order that keeps operands left to right: from the results back through what they are made of. */
function depthFirst(graph: LinkedGraph, { segments }: { segments: Segments }, total: number): number[] {
  const up = incidence(segments.to, total);
  const down = incidence(segments.from, total);
  const seen = new Uint8Array(total);
  const order: number[] = [];
  const visit = (root: number) => {
    const stack = [root];
    while (stack.length > 0) {
      const node = stack.pop()!;
      if (seen[node]) continue;
      seen[node] = 1;
      order.push(node);
      for (let k = up.start[node + 1]! - 1; k >= up.start[node]!; k--) {
        stack.push(segments.from[up.list[k]!]!);
      }
    }
  };
  for (let node = graph.count - 1; node >= 0; node--) {
    if (down.start[node] === down.start[node + 1]) visit(node);
  }
  for (let node = 0; node < total; node++) visit(node);
  return order;
}

/** Barycentre sweeps down and up; the order with the fewest crossings is kept while counting them is cheap. */
function sweep({ layers, segments, total }: Layers): void {
  const up = incidence(segments.to, total);
  const down = incidence(segments.from, total);
  const place = new Float64Array(total);
  const key = new Float64Array(total);
  const number = (nodes: readonly number[]) => {
    for (let i = 0; i < nodes.length; i++) place[nodes[i]!] = i;
  };
  layers.forEach(number);
  const counts = segments.from.length <= 6000;
  let fewest = counts ? crossings(layers, segments, down, place) : 0;
  let best = counts ? layers.map(nodes => nodes.slice()) : undefined;
  for (let turn = 0; turn < sweeps; turn++) {
    if (counts && fewest === 0) break;
    const downwards = turn % 2 === 0;
    const around = downwards ? up : down;
    const ends = downwards ? segments.from : segments.to;
    const ports = downwards ? segments.fromPort : segments.toPort;
    for (let i = 1; i < layers.length; i++) {
      const nodes = layers[downwards ? i : layers.length - 1 - i]!;
      for (const node of nodes) {
        let sum = 0;
        const first = around.start[node]!;
        const end = around.start[node + 1]!;
        for (let k = first; k < end; k++) {
          const segment = around.list[k]!;
          sum += place[ends[segment]!]! + ports[segment]! * 1e-3;
        }
        key[node] = end > first ? sum / (end - first) : place[node]!;
      }
      nodes.sort((a, b) => key[a]! - key[b]! || place[a]! - place[b]!);
      number(nodes);
    }
    if (!best) continue;
    const now = crossings(layers, segments, down, place);
    if (now < fewest) {
      fewest = now;
      best = layers.map(nodes => nodes.slice());
    }
  }
  best?.forEach((nodes, i) => {
    layers[i]!.splice(0, nodes.length, ...nodes);
  });
}

/** Crossings between neighbouring layers, by counting inversions in a Fenwick tree. */
function crossings(layers: readonly number[][], segments: Segments, down: Incidence, place: Float64Array) {
  let count = 0;
  for (let i = 0; i + 1 < layers.length; i++) {
    const tree = new Int32Array(layers[i + 1]!.length + 1);
    let inserted = 0;
    for (const node of layers[i]!) {
      const ends: number[] = [];
      for (let k = down.start[node]!; k < down.start[node + 1]!; k++) {
        ends.push(place[segments.to[down.list[k]!]!]!);
      }
      for (const end of ends) {
        let before = 0;
        for (let j = end + 1; j > 0; j -= j & -j) before += tree[j]!;
        count += inserted - before;
      }
      for (const end of ends) {
        inserted++;
        for (let j = end + 1; j < tree.length; j += j & -j) tree[j]!++;
      }
    }
  }
  return count;
}

/** Nodes that were drawn before keep their order exactly; new ones go between their neighbours. */
function orderAsBefore(graph: LinkedGraph, { layers, segments, total }: Layers): void {
  const key = new Float64Array(total).fill(Number.NaN);
  key.set(graph.before);
  const fixed = Uint8Array.from(key, value => (Number.isNaN(value) ? 0 : 1));
  const up = incidence(segments.to, total);
  const down = incidence(segments.from, total);
  for (let turn = 0; turn < 4; turn++) {
    for (let i = 0; i < layers.length; i++) {
      for (const node of layers[turn % 2 === 0 ? i : layers.length - 1 - i]!) {
        if (fixed[node]) continue;
        let sum = 0;
        let known = 0;
        const add = (around: Incidence, ends: readonly number[]) => {
          for (let k = around.start[node]!; k < around.start[node + 1]!; k++) {
            const near = key[ends[around.list[k]!]!]!;
            if (Number.isNaN(near)) continue;
            sum += near;
            known++;
          }
        };
        add(up, segments.from);
        add(down, segments.to);
        if (known > 0) key[node] = sum / known;
      }
    }
  }
  for (const nodes of layers) {
    const place = new Map(nodes.map((node, i) => [node, i]));
    const end = Number.MAX_VALUE;
    const at = (node: number) => (Number.isNaN(key[node]!) ? end : key[node]!);
    nodes.sort((a, b) => (at(a) === at(b) ? place.get(a)! - place.get(b)! : at(a) < at(b) ? -1 : 1));
  }
}
