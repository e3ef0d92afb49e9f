import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RunError } from '../../../src/graph/evaluate';
import { ancestors } from '../../../src/graph/graph';
import type { Node } from '../../../src/graph/node';
import type { Tensor } from '../../../src/graph/types';
import type { Builder } from '../../../src/ops/builder';
import { evaluate, evaluateInPlace } from '../../../src/runtime/evaluate';
import { divide } from '../../../src/runtime/pieces';
import { compile } from '../../../src/runtime/program';
import { randomGraph } from './randomGraph';
import { fresh, input, tensor } from './support';

const size = 8;
const vector = (from: number): Tensor =>
  tensor(
    [size],
    Array.from({ length: size }, (_, i) => Math.sin(from + i)),
  );

/** So many blocks of so many nodes one after the other, each with a leaf of its own; what comes out of each. */
function chain(b: Builder, blocks: number, length = 60) {
  const leaves = Array.from({ length: blocks }, (_, i) => input(b, [size], 'float', `w${i}`));
  let x: Node = input(b, [size], 'float', 'x');
  const first = x;
  const outputs = leaves.map(leaf => {
    for (let i = 0; i < length / 2; i++) x = b.tanh(b.add(x, leaf));
    return x;
  });
  const feeds = new Map([first, ...leaves].map((leaf, i) => [leaf, vector(i)]));
  return { leaves, outputs, feeds };
}

describe('a computation in pieces', () => {
  it('has the values of one program, whatever is asked for', () => {
    const recipe = fc.record({ seed: fc.nat(2 ** 30), steps: fc.integer({ min: 100, max: 300 }) });
    fc.assert(
      fc.property(recipe, fc.integer({ min: 1, max: 12 }), (made, every) => {
        const { graph, feeds: plain } = randomGraph(made);
        const outputs = graph.nodes.filter(({ id }) => id % every === 0);
        const feeds = new Map(
          [...plain].map(([node, { shape, data }]) => [node, tensor(shape, data, node.dtype)]),
        );
        const program = compile({ outputs, sizes: {}, precision: 64, runs: 'few' });
        for (const node of program.fed) program.buffer(node).set(feeds.get(node)!.data);
        program.run();
        evaluate(outputs, feeds, {}).forEach(({ dtype, shape, data }, i) => {
          const output = outputs[i]!;
          assert.deepEqual([dtype, shape], [output.dtype, program.shape(output)]);
          assert.deepEqual(data, program.buffer(output).slice(), `node ${output.id}`);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('has one form for blocks that are alike', () => {
    const b = fresh();
    const { outputs, feeds } = chain(b, 5);
    const pieces = divide(ancestors(outputs), outputs, node => feeds.has(node), {});
    assert.equal(pieces.length, 5);
    assert.equal(new Set(pieces.map(({ form }) => form.hash)).size, 1);
    assert.deepEqual(
      pieces.map(({ exports }) => exports),
      outputs.map(output => [output]),
    );
  });

  it('computes again what a view or a number is made of, and reads what is computed', () => {
    const b = fresh();
    const x = input(b, [2, 3]);
    let y: Node = b.exp(x);
    for (let i = 0; i < 60; i++) y = b.tanh(y);
    const turned = b.transpose(y, [1, 0]);
    let z: Node = b.mul(turned, b.constant(2));
    for (let i = 0; i < 60; i++) z = b.tanh(z);
    const asked = [y, z];
    const [, second] = divide(ancestors(asked), asked, node => node === x, {});
    assert.deepEqual(second!.imports, [y]);
  });

  it('runs only what rests on something that has changed', () => {
    const b = fresh();
    const { leaves, outputs, feeds } = chain(b, 4);
    const before = evaluateInPlace(outputs, feeds, {});
    const after = evaluateInPlace(outputs, new Map(feeds).set(leaves[2]!, vector(40)), {});
    assert.deepEqual(
      after.map((value, i) => value === before[i]),
      [true, true, false, false],
    );
    const back = evaluateInPlace(outputs, feeds, {});
    assert.deepEqual(
      back.map(({ data }) => [...data]),
      before.map(({ data }) => [...data]),
    );
  });

  it('sees what was written into a tensor since it was fed', () => {
    const b = fresh();
    const { leaves, outputs, feeds } = chain(b, 3);
    const [before] = evaluate(outputs, feeds, {});
    feeds.get(leaves[0]!)!.data.fill(0.25);
    const [after] = evaluate(outputs, feeds, {});
    assert.notDeepEqual(after!.data, before!.data);
    const anew = chain(fresh(), 3);
    anew.feeds.get(anew.leaves[0]!)!.data.fill(0.25);
    assert.deepEqual(after!.data, evaluate(anew.outputs, anew.feeds, {})[0]!.data);
  });

  it('tells zeros of either sign apart', () => {
    const b = fresh();
    const { leaves, outputs, feeds } = chain(b, 2);
    let last: Node = outputs[1]!;
    for (let i = 0; i < 50; i++) last = b.identity(last);
    const y = b.div(b.constant(1), leaves[1]!);
    const over = (zero: number): number =>
      evaluate(
        [...outputs, last, y],
        new Map(feeds).set(leaves[1]!, tensor([size], Array(size).fill(zero))),
        {},
      )[3]!.data[0]!;
    assert.deepEqual([over(0), over(-0), over(0)], [Infinity, -Infinity, Infinity]);
  });

  it('blames a node of the graph that failed, though another was compiled', () => {
    const failing = (divisor: number) => {
      const b = fresh();
      const { outputs, feeds } = chain(b, 2);
      const d = input(b, [size], 'int', 'd');
      const y = b.elementwise('floor_divide', [b.cast(outputs[1]!, 'int'), d]);
      let z: Node = b.toFloat(y);
      for (let i = 0; i < 60; i++) z = b.tanh(z);
      const all = new Map(feeds).set(d, tensor([size], Array(size).fill(divisor), 'int'));
      return { y, run: () => evaluate([...outputs, z], all, {}) };
    };
    failing(1).run();
    const { y, run } = failing(0);
    assert.throws(run, (error: unknown) => error instanceof RunError && error.node === y);
  });

  it('says which leaf has no value, or one of another size', () => {
    const b = fresh();
    const { leaves, outputs, feeds } = chain(b, 3);
    const without = new Map(feeds);
    without.delete(leaves[1]!);
    const blames = (given: ReadonlyMap<Node, Tensor>): void =>
      assert.throws(
        () => evaluate(outputs, given, {}),
        (error: unknown) => error instanceof RunError && error.node === leaves[1],
      );
    blames(without);
    blames(new Map(feeds).set(leaves[1]!, tensor([2], [1, 2])));
  });
});
