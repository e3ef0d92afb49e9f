import assert from 'node:assert/strict';
import fc from 'fast-check';
import { symbolDim } from '../../../src/graph/dimension';
import { Graph } from '../../../src/graph/graph';
import type { Node } from '../../../src/graph/node';
import { equalShapes, shapeOf } from '../../../src/graph/shape';
import { Builder } from '../../../src/ops/builder';
import { compile } from '../../../src/runtime/program';
import { Storage } from '../../../src/runtime/storage';
import { feed, randomGraph, recipes } from './randomGraph';
import { interpret, type Plain } from './reference';

function parameter(b: Builder, path: string, shape: readonly number[]): Node {
  return b.apply('parameter', [], { path, shape: shapeOf(shape) });
}

describe('updates', () => {
  it('take place after everything of the step, whatever they read', () => {
    fc.assert(
      fc.property(recipes, fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), (recipe, picks) => {
        const { graph, feeds, leaves } = randomGraph(recipe);
        const pick = (i: number, among: readonly Node[]): Node => among[picks[i]! % among.length]!;
        const updates = leaves.slice(0, 3).map((target, i) => {
          const fitting = graph.nodes.filter(
            n => n.dtype === target.dtype && equalShapes(n.shape, target.shape),
          );
          return { target, value: pick(i, [...fitting.slice(-3), pick(i, fitting)]) };
        });
        const outputs = [
          pick(3, graph.nodes),
          pick(4, graph.nodes),
          ...(picks[5]! % 2 ? [updates[0]!.value] : []),
        ];
        const program = compile({ outputs, updates, sizes: {}, precision: 64 });
        feed(program, feeds);
        let state: Map<Node, Plain> = new Map(feeds);
        for (let turn = 0; turn < 3; turn++) {
          program.run();
          const expected = interpret([...outputs, ...updates.map(u => u.value)], state, {});
          state = new Map(state);
          for (const { target, value } of updates) state.set(target, expected.get(value)!);
          for (const node of outputs) {
            const wanted = updates.some(u => u.target === node) ? state.get(node)! : expected.get(node)!;
            assertClose(program.buffer(node), wanted, `turn ${turn}, node ${node.id} (${node.op})`);
          }
          for (const { target } of updates) {
            assertClose(program.buffer(target), state.get(target)!, `turn ${turn}, updated ${target.id}`);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('exchange two parameters', () => {
    const b = new Builder(new Graph());
    const [p, q] = [parameter(b, 'p', [2]), parameter(b, 'q', [2])];
    const program = compile({
      outputs: [],
      updates: [
        { target: p, value: q },
        { target: q, value: p },
      ],
      sizes: {},
      precision: 32,
    });
    program.buffer(p).set([1, 2]);
    program.buffer(q).set([3, 4]);
    program.run();
    assert.deepEqual([...program.buffer(p), ...program.buffer(q)], [3, 4, 1, 2]);
  });

  it('write a step of momentum straight into the state', () => {
    const b = new Builder(new Graph());
    const [p, v, g] = [parameter(b, 'p', [100]), parameter(b, 'v', [100]), parameter(b, 'g', [100])];
    const velocity = b.add(b.mul(b.constant(0.5), v), g);
    const next = b.sub(p, b.mul(b.constant(0.1), velocity));
    const updates = [
      { target: p, value: next },
      { target: v, value: velocity },
    ];
    const program = compile({ outputs: [], updates, sizes: {}, precision: 64 });
    program.buffer(p).fill(1);
    program.buffer(v).fill(2);
    program.buffer(g).fill(3);
    program.run();
    assert.equal(program.buffer(v)[99], 4);
    assert.equal(program.buffer(p)[99], 1 - 0.4);
    assert.equal(program.bytes, 3 * 100 * 8, 'no buffer besides the leaves');
  });

  it('keep an output that only renames an updated parameter', () => {
    const b = new Builder(new Graph());
    const p = parameter(b, 'p', [2, 2]);
    const before = b.reshape(b.identity(p), shapeOf([4]));
    const updates = [{ target: p, value: b.mul(p, b.constant(2)) }];
    const program = compile({ outputs: [before, p], updates, sizes: {}, precision: 32 });
    program.buffer(p).set([1, 2, 3, 4]);
    program.run();
    assert.deepEqual([...program.buffer(before)], [1, 2, 3, 4]);
    assert.deepEqual([...program.buffer(p)], [2, 4, 6, 8]);
  });

  it('refuse a computed target', () => {
    const b = new Builder(new Graph());
    const p = parameter(b, 'p', [2]);
    const twice = b.add(p, p);
    const updates = [{ target: twice, value: p }];
    assert.throws(() => compile({ outputs: [], updates, sizes: {}, precision: 32 }), /cannot be updated/);
  });
});

describe('storage', () => {
  it('shares parameters between programs for different batch sizes', () => {
    const b = new Builder(new Graph());
    const N = symbolDim('N');
    const w = parameter(b, 'w', [3]);
    const x = b.apply('input', [], { name: 'x', shape: [N, shapeOf([3])[0]!], dtype: 'float' });
    const total = b.sum(x, [0]);
    const updates = [{ target: w, value: b.add(w, total) }];
    const storage = new Storage(32);
    const programs = [2, 5].map(n =>
      compile({ outputs: [total], updates, sizes: { N: n }, precision: 32, storage }),
    );
    for (const program of programs) {
      program.buffer(x).fill(1);
      program.run();
    }
    assert.deepEqual([...programs[0]!.buffer(w)], [7, 7, 7]);
    assert.equal(programs[0]!.buffer(w).buffer, programs[1]!.buffer(w).buffer);
    assert.deepEqual([programs[0]!.buffer(x).length, programs[1]!.buffer(x).length], [6, 15]);
  });

  it('belongs to one precision', () => {
    const b = new Builder(new Graph());
    const w = parameter(b, 'w', [3]);
    assert.throws(
      () => compile({ outputs: [b.neg(w)], sizes: {}, precision: 64, storage: new Storage(32) }),
      /precision/,
    );
  });
});

function assertClose(actual: ArrayLike<number>, { data }: Plain, what: string): void {
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [actual[i]!, data[i]!];
    const close = Object.is(x, y) || Math.abs(x - y) <= 1e-11 * Math.max(1, Math.abs(y));
    assert.ok(close, `${what} [${i}]: ${x}, not ${y}`);
  }
}
