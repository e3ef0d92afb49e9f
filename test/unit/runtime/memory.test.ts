import assert from 'node:assert/strict';
import type { Node } from '../../../src/graph/node';
import { shapeOf } from '../../../src/graph/shape';
import type { Builder } from '../../../src/ops/builder';
import { compile } from '../../../src/runtime/program';
import { fresh, input } from './support';

const WIDE = 4096;
const BYTES = 4 * WIDE;

function parameter(b: Builder, path: string, shape: readonly number[]): Node {
  return b.apply('parameter', [], { path, shape: shapeOf(shape) });
}

describe('the buffers of a program', () => {
  it('hold no moment beside the state that it becomes, and what is not chosen changes nothing', () => {
    const b = fresh();
    const [p, m, g] = ['p', 'm', 'g'].map(path => parameter(b, path, [WIDE])) as [Node, Node, Node];
    const loss = input(b, []);
    const finite = b.broadcastTo(b.equal(b.sub(loss, loss), b.constant(0)), p.shape);
    // Dear to compute and read twice, so that it would be kept.
    const moment = b.tanh(b.add(b.mul(b.constant(0.5), m), g));
    const next = b.sub(p, b.mul(moment, b.sqrt(b.add(b.square(moment), b.constant(1)))));
    const updates = [
      { target: m, value: b.where(finite, moment, m) },
      { target: p, value: b.where(finite, next, p) },
    ];
    const program = compile({ outputs: [], updates, sizes: {}, precision: 32 });
    assert.ok(program.bytes < 3 * BYTES + 1000, `${program.bytes} bytes`);
    program.buffer(p).fill(1);
    program.buffer(m).fill(0.5);
    program.buffer(g).fill(0.25);
    program.buffer(loss)[0] = Number.NaN;
    program.run();
    assert.deepEqual([program.buffer(p)[7], program.buffer(m)[7]], [1, 0.5]);
    program.buffer(loss)[0] = 2;
    program.run();
    const expected = Math.tanh(0.5);
    assert.ok(Math.abs(program.buffer(m)[7]! - expected) < 1e-6);
    assert.ok(Math.abs(program.buffer(p)[7]! - (1 - expected * Math.sqrt(expected ** 2 + 1))) < 1e-6);
  });

  it('hold relu alone where its gradient asks for the sign of what it is done to', () => {
    const b = fresh();
    const [x, g, w] = [
      input(b, [64, 64], 'float', 'x'),
      input(b, [64, 64], 'float', 'g'),
      parameter(b, 'w', [64, 64]),
    ];
    const z = b.contract(x, w, 'ni', 'io', 'no');
    const h = b.relu(z);
    const masked = b.where(b.greater(z, b.constant(0)), g, b.constant(0));
    const used = b.sumAll(b.contract(h, h, 'no', 'mo', 'nm'));
    const gradient = b.contract(x, masked, 'ni', 'no', 'io');
    const program = compile({ outputs: [used, gradient], sizes: {}, precision: 32 });
    // Fed: three; kept: relu, the product of it or the mask, and the gradient.
    assert.ok(program.bytes <= 6 * BYTES + 1000, `${program.bytes} bytes`);
    for (const node of [x, w, g]) program.buffer(node).fill(0.5);
    program.buffer(x).fill(-0.5, 0, 64);
    program.run();
    // All rows but the first are above 0.
    assert.equal(program.buffer(gradient)[0], 63 * 0.25);
  });

  it('hold one sum of the parts of a gradient, however many turns a loop has', () => {
    const bytesOf = (turns: number): number => {
      const b = fresh();
      const [x, g, w] = [
        input(b, [turns, 4, 64]),
        input(b, [turns, 4, 64], 'float', 'g'),
        parameter(b, 'w', [64, 64]),
      ];
      const part = (node: Node, i: number): Node =>
        b.reshape(b.slice(node, shapeOf([i, 0, 0]), [1, 1, 1], shapeOf([1, 4, 64])), shapeOf([4, 64]));
      const parts = Array.from({ length: turns }, (_, i) => [part(x, i), part(g, i)] as const);
      const products = parts.map(([left, right]) => b.contract(left, right, 'ni', 'no', 'io'));
      const sum = products.reduce((total, product) => b.add(total, product));
      const updates = [{ target: w, value: b.sub(w, sum) }];
      const program = compile({ outputs: [], updates, sizes: {}, precision: 32 });
      program.buffer(x).fill(1);
      program.buffer(g).fill(1);
      program.run();
      assert.equal(program.buffer(w)[5], -4 * turns);
      return program.bytes - 4 * 2 * turns * 4 * 64;
    };
    assert.ok(bytesOf(16) < bytesOf(4) + BYTES, `${bytesOf(16)} bytes for 16 turns, ${bytesOf(4)} for 4`);
  });
});
