import { ancestors } from '../graph/graph';
import type { Node } from '../graph/node';
import type { TensorData } from '../graph/types';
import type { NumericGradientAttributes } from '../ops/leaf';

/** The part of a loss that one node moves, and what stands at its border. */
export interface Dependence {
  readonly loss: Node;
  readonly wrt: Node;
  /** Nodes that do not move but are read by those that do; constants are not among them. */
  readonly border: readonly Node[];
}

export function dependenceOf(node: Node, cut: ReadonlySet<Node>): Dependence {
  const [loss, wrt] = node.inputs as readonly [Node, Node];
  const moved = new Set<Node>([wrt]);
  const border = new Set<Node>();
  const list = ancestors([loss], new Set([...cut, wrt]));
  for (const inner of list) {
    if (inner !== wrt && !cut.has(inner) && inner.inputs.some(input => moved.has(input))) moved.add(inner);
  }
  for (const inner of moved) {
    if (inner === wrt) continue;
    for (const input of inner.inputs) {
      if (!moved.has(input) && !(input.op === 'constant' || input.op === 'size' || input.op === 'iota'))
        border.add(input);
    }
  }
  if (!moved.has(loss)) border.add(loss);
  return { loss, wrt, border: [...border] };
}

/**
 * Writes the finite differences of `loss` into `out`: central `(f(x+h) - f(x-h)) / 2h`, or forward
 * `(f(x+h) - f(x)) / h`, one position of `x` after the other. `x` is left as it was.
 */
export function differences(
  { h, scheme }: NumericGradientAttributes,
  x: TensorData,
  out: TensorData,
  loss: () => number,
): void {
  const here = scheme === 'forward' ? loss() : 0;
  for (let i = 0; i < x.length; i++) {
    const kept = x[i]!;
    x[i] = kept + h;
    const above = loss();
    if (scheme === 'forward') out[i] = (above - here) / h;
    else {
      x[i] = kept - h;
      out[i] = (above - loss()) / (2 * h);
    }
    x[i] = kept;
  }
}
