import { constantDim } from '../graph/dimension';
import type { Evaluate } from '../graph/evaluate';
import { ancestors, type Graph } from '../graph/graph';
import type { Node } from '../graph/node';
import { concreteShape, countOf } from '../graph/shape';
import type { Sizes, Tensor } from '../graph/types';
import { Builder } from '../ops/builder';
import { vectorize } from './vectorize';

/** Values that one evaluation takes at most. */
const MOST = 64;

/** Bytes of all that depends on the node, for all values of one evaluation, were nothing reused. */
const BYTES = 64_000_000;

/** A scalar as a function of one node's elements, at many places at once. */
export class BatchProbe {
  /** The node's value where nothing is changed. */
  readonly value: Tensor;
  /** How many places one evaluation takes. */
  private readonly size: number;
  /** What is fed, and the scalar: for a batch of places along a new first axis, or for one as they are. */
  private readonly fed: Node;
  private readonly result: Node;

  constructor(
    private readonly evaluate: Evaluate,
    graph: Graph,
    scalar: Node,
    node: Node,
    private readonly feeds: ReadonlyMap<Node, Tensor>,
    private readonly sizes: Sizes,
  ) {
    this.value = evaluate([node], feeds, sizes)[0]!;
    const dependent = dependents(scalar, node);
    const elements = dependent.reduce((sum, { shape }) => sum + countOf(concreteShape(shape, sizes)), 0);
    this.size = Math.max(1, Math.min(MOST, Math.floor(BYTES / (8 * elements))));
    if (dependent.some(({ op }) => op === 'numeric_gradient')) {
      // It is evaluated by itself, one place after the other.
      [this.size, this.fed, this.result] = [1, node, scalar];
      return;
    }
    const b = new Builder(graph.fork());
    const shape = [constantDim(this.size), ...node.shape];
    this.fed = b.apply('input', [], { name: 'values', shape, dtype: 'float' });
    this.result = vectorize(b, [scalar], new Map([[node, this.fed]]))[0]!;
  }

  /** The scalar with each of the changes, which get a copy of the elements. Gives way with how many are done. */
  *at(changes: readonly ((elements: Float64Array) => void)[]): Generator<number, Float64Array> {
    const count = this.value.data.length;
    const results = new Float64Array(changes.length);
    const data = new Float64Array(this.size * count);
    for (let first = 0; first < changes.length; first += this.size) {
      const part = changes.slice(first, first + this.size);
      for (let i = 0; i < this.size; i++) {
        const elements = data.subarray(i * count, (i + 1) * count);
        elements.set(this.value.data);
        part[i]?.(elements);
      }
      const shape = concreteShape(this.fed.shape, this.sizes);
      const feeds = new Map(this.feeds).set(this.fed, { dtype: 'float', shape, data });
      const [values] = this.evaluate([this.result], feeds, this.sizes);
      results.set(values!.data.subarray(0, part.length), first);
      yield part.length;
    }
    return results;
  }
}

/** The node itself and all on the way from it to the scalar. */
function dependents(scalar: Node, node: Node): Node[] {
  const dependent = new Set([node]);
  for (const each of ancestors([scalar])) {
    if (each.inputs.some(input => dependent.has(input))) dependent.add(each);
  }
  return [...dependent];
}
