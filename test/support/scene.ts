import { type RandomStream, randomStream } from '../../src/base/random';
import { Graph } from '../../src/graph/graph';
import type { Node } from '../../src/graph/node';
import { countOf, shapeOf } from '../../src/graph/shape';
import type { DType, Tensor, TensorData } from '../../src/graph/types';
import { Builder } from '../../src/ops/builder';

/** A graph with leaves that already have values. */
export class Scene {
  readonly graph = new Graph();
  readonly b = new Builder(this.graph);
  readonly feeds = new Map<Node, Tensor>();
  readonly random: RandomStream;
  private readonly leaves: Node[] = [];

  constructor(seed: number, path = 'scene') {
    this.random = randomStream(seed, path);
  }

  /** The float leaves, in the order they were made. */
  get floats(): readonly Node[] {
    return this.leaves.filter(leaf => leaf.dtype === 'float');
  }

  leaf(shape: readonly number[], values: readonly number[], dtype: DType = 'float'): Node {
    const path = `x${this.leaves.length}`;
    const node =
      dtype === 'float'
        ? this.b.apply('parameter', [], { path, shape: shapeOf(shape) })
        : this.b.apply('input', [], { name: path, shape: shapeOf(shape), dtype });
    const data = storage(dtype, countOf(shape));
    data.set(values);
    this.feeds.set(node, { dtype, shape: [...shape], data });
    this.leaves.push(node);
    return node;
  }

  /** A size from 1 to 4. */
  size(): number {
    return 1 + this.random.int(4);
  }

  normal(...shape: number[]): Node {
    return this.draw(shape, () => this.random.normal());
  }

  between(low: number, high: number, ...shape: number[]): Node {
    return this.draw(shape, () => low + (high - low) * this.random.uniform());
  }

  /** Values at least a tenth apart from each other and from 0, so that no step crosses a kink. */
  apart(...shape: number[]): Node {
    const order = this.random.permutation(countOf(shape));
    const middle = order.length / 2;
    return this.leaf(
      shape,
      [...order].map(i => (i - middle + 0.5) * 0.3 + 0.1 * this.random.uniform() - 0.05),
    );
  }

  ints(below: number, ...shape: number[]): Node {
    return this.draw(shape, () => this.random.int(below), 'int');
  }

  bools(...shape: number[]): Node {
    return this.draw(shape, () => this.random.int(2), 'bool');
  }

  private draw(shape: readonly number[], value: () => number, dtype: DType = 'float'): Node {
    return this.leaf(shape, Array.from({ length: countOf(shape) }, value), dtype);
  }
}

export function storage(dtype: DType, count: number): TensorData {
  if (dtype === 'float') return new Float64Array(count);
  return dtype === 'int' ? new Int32Array(count) : new Uint8Array(count);
}
