import { type Incidence, incidence } from './incidence';
import type { Layers, LinkedGraph, Segments } from './layers';

/** The order of nodes inside their layers: few crossings at first, and afterwards the one people know. */

const sweeps = 10;

/** A first order that keeps operands left to right: from the results back through what they are made of. */
export function depthFirst(
  graph: LinkedGraph,
  { segments }: { segments: Segments },
  total: number,
): number[] {
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
export function sweep({ layers, segments, total }: Layers): void {
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
export function orderAsBefore(graph: LinkedGraph, { layers, segments, total }: Layers): void {
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
