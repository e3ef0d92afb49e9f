import type { Evaluate } from '../graph/evaluate';
import type { Node } from '../graph/node';
import type { Sizes, Tensor } from '../graph/types';

export interface NumericOptions {
  /** The step, absolute. */
  readonly h: number;
  readonly scheme: 'central' | 'forward';
}

/** Finite differences of a scalar in every element of `wrt`, a node of any kind, in 64-bit. */
export function numericGradient(
  evaluate: Evaluate,
  loss: Node,
  wrt: Node,
  feeds: ReadonlyMap<Node, Tensor>,
  sizes: Sizes,
  { h, scheme }: NumericOptions = { h: 1e-5, scheme: 'central' },
): Tensor {
  const { value, along } = probe(evaluate, loss, wrt, feeds, sizes);
  const gradient = new Float64Array(value.data.length);
  const base = scheme === 'forward' ? along(() => {}) : 0;
  for (let i = 0; i < gradient.length; i++) {
    // The step as it really is after rounding: dividing by it removes that error.
    const above = value.data[i]! + h;
    const below = scheme === 'central' ? value.data[i]! - h : value.data[i]!;
    const high = along(x => {
      x[i] = above;
    });
    const low =
      scheme === 'forward'
        ? base
        : along(x => {
            x[i] = below;
          });
    gradient[i] = (high - low) / (above - below);
  }
  return { dtype: 'float', shape: value.shape, data: gradient };
}

/** The loss as a function of one node's elements. */
export interface Probe {
  readonly value: Tensor;
  /** The loss with the node's elements changed by `change`, which gets a copy. */
  along(change: (elements: Float64Array) => void): number;
}

export function probe(
  evaluate: Evaluate,
  loss: Node,
  wrt: Node,
  feeds: ReadonlyMap<Node, Tensor>,
  sizes: Sizes,
): Probe {
  const value = evaluate([wrt], feeds, sizes)[0]!;
  return {
    value,
    along: change => {
      const data = Float64Array.from(value.data);
      change(data);
      const changed = new Map(feeds).set(wrt, { dtype: 'float', shape: value.shape, data });
      return evaluate([loss], changed, sizes)[0]!.data[0]!;
    },
  };
}
