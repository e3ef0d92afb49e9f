import { incidence } from './incidence';
import { type Layers, leafSegments } from './layers';

/** Coordinates across the flow: each node as near as possible to its neighbours, in order and without overlap. */

export interface Spacing {
  /** Size of each node across the flow; virtual nodes have one too. */
  readonly size: (node: number) => number;
  readonly gap: number;
  /** Nodes below this number are real; a virtual node pulls harder, so that long edges run straight. */
  readonly real: number;
}

const sweeps = 12;
/** A parameter goes where its use is and hardly moves it, so that the main path stays straight. */
const pull = { leaf: 0.1, realReal: 1, realVirtual: 2, virtualVirtual: 12 };

export function placeAcross(layers: Layers, spacing: Spacing): Float64Array {
  const { segments, total } = layers;
  const { from, to, fromPort, toPort } = segments;
  const up = incidence(to, total);
  const down = incidence(from, total);
  const across = new Float64Array(total);
  const leaf = leafSegments(segments, total);
  const strength = Float64Array.from(from, (node, i) => {
    if (leaf[i]) return pull.leaf;
    const virtual = (node >= spacing.real ? 1 : 0) + (to[i]! >= spacing.real ? 1 : 0);
    return virtual === 0 ? pull.realReal : virtual === 1 ? pull.realVirtual : pull.virtualVirtual;
  });
  const solvers = layers.layers.map(nodes => {
    const distances = nodes.map((node, i) =>
      i === 0
        ? 0
        : (spacing.size(nodes[i - 1]!) + spacing.size(node)) / 2 + gapBetween(nodes[i - 1]!, node, spacing),
    );
    return new OrderedLayer(nodes, distances);
  });
  for (const solver of solvers) solver.spread(across);

  const wanted = new Float64Array(total);
  const weight = new Float64Array(total);
  const settle = (index: number, useUp: boolean, useDown: boolean) => {
    const nodes = layers.layers[index]!;
    for (const node of nodes) {
      let sum = 0;
      let heft = 0;
      if (useUp) {
        for (let k = up.start[node]!; k < up.start[node + 1]!; k++) {
          const segment = up.list[k]!;
          sum += strength[segment]! * (across[from[segment]!]! + fromPort[segment]! - toPort[segment]!);
          heft += strength[segment]!;
        }
      }
      if (useDown) {
        for (let k = down.start[node]!; k < down.start[node + 1]!; k++) {
          const segment = down.list[k]!;
          sum += strength[segment]! * (across[to[segment]!]! + toPort[segment]! - fromPort[segment]!);
          heft += strength[segment]!;
        }
      }
      wanted[node] = heft > 0 ? sum / heft : across[node]!;
      weight[node] = heft > 0 ? heft : 0.01;
    }
    solvers[index]!.solve(wanted, weight, across);
  };
  const count = layers.layers.length;
  for (let turn = 0; turn < sweeps; turn++) {
    const last = turn >= sweeps - 4;
    if (turn % 2 === 0) for (let i = 0; i < count; i++) settle(i, true, last);
    else for (let i = count - 1; i >= 0; i--) settle(i, last, true);
  }
  return across;
}

/** Lines may run closer to each other and to nodes than nodes to nodes. */
function gapBetween(a: number, b: number, { gap, real }: Spacing): number {
  return a >= real && b >= real ? gap * 0.4 : a >= real || b >= real ? gap * 0.7 : gap;
}

/**
 * One layer in a fixed order. Least squares under minimal distances is isotonic regression once the distances
 * are subtracted; pooling adjacent violators solves it exactly in one pass.
 */
class OrderedLayer {
  private readonly offsets: Float64Array;
  private readonly means: Float64Array;
  private readonly weights: Float64Array;
  private readonly sizes: Int32Array;

  constructor(
    private readonly nodes: readonly number[],
    distances: readonly number[],
  ) {
    this.offsets = new Float64Array(nodes.length);
    for (let i = 1; i < nodes.length; i++) this.offsets[i] = this.offsets[i - 1]! + distances[i]!;
    this.means = new Float64Array(nodes.length);
    this.weights = new Float64Array(nodes.length);
    this.sizes = new Int32Array(nodes.length);
  }

  /** Side by side around 0. */
  spread(across: Float64Array): void {
    const middle = (this.offsets.at(-1) ?? 0) / 2;
    for (const [i, node] of this.nodes.entries()) across[node] = this.offsets[i]! - middle;
  }

  solve(wanted: Float64Array, weight: Float64Array, across: Float64Array): void {
    const { nodes, offsets, means, weights, sizes } = this;
    let blocks = 0;
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]!;
      let mean = wanted[node]! - offsets[i]!;
      let heft = weight[node]!;
      let size = 1;
      while (blocks > 0 && means[blocks - 1]! > mean) {
        blocks--;
        const sum = weights[blocks]! + heft;
        mean = (means[blocks]! * weights[blocks]! + mean * heft) / sum;
        heft = sum;
        size += sizes[blocks]!;
      }
      means[blocks] = mean;
      weights[blocks] = heft;
      sizes[blocks] = size;
      blocks++;
    }
    for (let block = 0, i = 0; block < blocks; block++) {
      for (let k = 0; k < sizes[block]!; k++, i++) across[nodes[i]!] = means[block]! + offsets[i]!;
    }
  }
}
