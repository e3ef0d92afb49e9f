import assert from 'node:assert/strict';
import { vectorize } from '../../../src/autodiff/vectorize';
import { constantDim, symbolDim } from '../../../src/graph/dimension';
import { Graph } from '../../../src/graph/graph';
import type { Node } from '../../../src/graph/node';
import { countOf, shapeOf } from '../../../src/graph/shape';
import type { Tensor } from '../../../src/graph/types';
import { Builder } from '../../../src/ops/builder';
import { opNames } from '../../../src/ops/registry';
import { verify } from '../../../src/ops/verify';
import { evaluate } from '../../../src/runtime/evaluate';
import { Scene, storage } from '../../support/scene';
import { type OpCase, opCases } from '../ops/cases';

const BATCH = 3;

describe('a graph for a batch of values', () => {
  for (const op of opNames) {
    opCases[op].forEach((build: OpCase, i) => {
      it(`${op} ${i + 1}`, () => checkCase(op, build));
    });
  }

  it('builds anew only what depends on the values', () => {
    const s = new Scene(1);
    const [x, w] = [s.normal(3), s.normal(3)];
    const shared = s.b.exp(w);
    const y = s.b.mul(s.b.tanh(x), shared);
    const before = s.graph.nodes.length;
    vectorize(s.b, [y], new Map([[x, s.normal(5, 3)]]));
    const added = s.graph.nodes.slice(before).map(node => node.op);
    assert.deepEqual(added, ['parameter', 'tanh', 'broadcast', 'mul']);
  });

  it('takes over what a fork has added, and leaves out what the values replace', () => {
    const s = new Scene(2);
    const x = s.leaf([2], [1, 2]);
    const fork = new Builder(s.graph.fork());
    const one = fork.apply('input', [], { name: 'one', shape: [], dtype: 'float' });
    const y = fork.mul(fork.exp(x), one);
    const [all] = vectorize(s.b, [y], new Map([[one, s.leaf([3], [1, 10, 100])]]));
    assert.deepEqual(verify(s.graph), []);
    assert.ok(s.graph.nodes.every(node => node.op !== 'input'));
    const e = Math.E;
    assert.deepEqual(numbers(s, all!), [e, e * e, 10 * e, 10 * e * e, 100 * e, 100 * e * e].map(round));
  });

  it('repeats what does not depend on the values', () => {
    const s = new Scene(3);
    const [x, z] = [s.leaf([], [1]), s.leaf([2], [4, 5])];
    const [all] = vectorize(s.b, [s.b.identity(z)], new Map([[x, s.leaf([2], [0, 0])]]));
    assert.deepEqual(numbers(s, all!), [4, 5, 4, 5]);
  });

  it('refuses differences', () => {
    const s = new Scene(4);
    const x = s.leaf([], [1]);
    const slope = s.b.apply('numeric_gradient', [s.b.exp(x), x], { h: 1e-5, scheme: 'central' });
    assert.throws(
      () => vectorize(s.b, [slope], new Map([[x, s.leaf([2], [0, 1])]])),
      /numeric_gradient cannot be evaluated for many values at once/,
    );
  });

  it('says when the values are no batch of the node', () => {
    const s = new Scene(5);
    const x = s.normal(2);
    assert.throws(() => vectorize(s.b, [x], new Map([[x, s.normal(4, 3)]])), /no batch of \[2\]/);
  });

  it('takes symbols for sizes, of the batch and of the rest', () => {
    const b = new Builder(new Graph());
    const [N, M] = [symbolDim('N'), symbolDim('M')];
    const x = b.apply('input', [], { name: 'x', shape: [N, constantDim(2)], dtype: 'float' });
    const h = b.sum(b.mul(x, x), [1]);
    const mean = b.div(b.sumAll(h), b.toFloat(b.size(N)));
    const many = b.apply('input', [], { name: 'xs', shape: [M, N, constantDim(2)], dtype: 'float' });
    const [means] = vectorize(b, [mean], new Map([[x, many]]));
    assert.deepEqual(verify(b.graph), []);
    const data = Float64Array.from({ length: 12 }, (_, i) => i);
    const feeds = new Map<Node, Tensor>([[many, { dtype: 'float', shape: [3, 2, 2], data }]]);
    assert.deepEqual([...evaluate([means!], feeds, { N: 2, M: 3 })[0]!.data], [7, 63, 183]);
  });
});

/** Each leaf in turn, and all at once, against one evaluation after the other. */
function checkCase(op: string, build: OpCase): void {
  const s = new Scene(7, op);
  const output = build(s);
  const leaves = [...s.feeds.keys()];
  const choices = leaves.length > 1 ? [...leaves.map(leaf => [leaf]), leaves] : [leaves];
  for (const chosen of choices) {
    if (chosen.length === 0) continue;
    const feeds = new Map(s.feeds);
    const values = new Map(chosen.map(leaf => [leaf, batchOf(s, leaf)]));
    const nodes = new Map(
      chosen.map(leaf => {
        const tensor = values.get(leaf)!;
        const node = s.b.apply('input', [], { name: 'v', shape: shapeOf(tensor.shape), dtype: leaf.dtype });
        feeds.set(node, tensor);
        return [leaf, node];
      }),
    );
    const [together] = vectorize(s.b, [output], nodes);
    const [found] = evaluate([together!], feeds, {});
    const expected = Array.from({ length: BATCH }, (_, i) => {
      const one = new Map(s.feeds);
      for (const leaf of chosen) one.set(leaf, entry(values.get(leaf)!, i));
      return evaluate([output], one, {})[0]!;
    });
    assert.deepEqual(found!.shape, [BATCH, ...expected[0]!.shape]);
    expected
      .flatMap(tensor => [...tensor.data])
      .forEach((wanted, i) => {
        const got = found!.data[i]!;
        const close =
          Object.is(got, wanted) || Math.abs(got - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted));
        assert.ok(close, `${op} [${i}]: ${got}, one by one ${wanted}`);
      });
  }
  assert.deepEqual(verify(s.graph), []);
}

/** The leaf's value, and others near it that keep its order and its range. */
function batchOf(s: Scene, leaf: Node): Tensor {
  const { dtype, shape, data } = s.feeds.get(leaf)!;
  const all = storage(dtype, BATCH * data.length);
  for (let i = 0; i < BATCH; i++) {
    data.forEach((_, j) => {
      // Ints and bools trade places with each other.
      const other = data[(j + i) % data.length]!;
      all[i * data.length + j] = dtype === 'float' ? data[j]! * (1 + 0.01 * i) : other;
    });
  }
  return { dtype, shape: [BATCH, ...shape], data: all };
}

function entry({ dtype, shape, data }: Tensor, i: number): Tensor {
  const count = countOf(shape.slice(1));
  return { dtype, shape: shape.slice(1), data: data.slice(i * count, (i + 1) * count) };
}

function numbers(s: Scene, node: Node): number[] {
  return [...evaluate([node], s.feeds, {})[0]!.data].map(round);
}

function round(x: number): number {
  return Number(x.toPrecision(12));
}
