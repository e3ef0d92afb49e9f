import assert from 'node:assert/strict';
import { RunError } from '../../../src/graph/evaluate';
import type { Node } from '../../../src/graph/node';
import type { Builder } from '../../../src/ops/builder';
import { evaluate } from '../../../src/runtime/evaluate';
import { compile } from '../../../src/runtime/program';
import { fresh, input, tensor } from './support';

/** The value of what `make` builds on two vectors, by code that programs share. */
function value(make: (b: Builder, x: Node, y: Node) => Node, x = [1, 2, 3], y = [4, 5, 6]): number[] {
  const b = fresh();
  const [left, right] = [input(b, [x.length], 'float', 'x'), input(b, [y.length], 'float', 'y')];
  const feeds = new Map([
    [left, tensor([x.length], x)],
    [right, tensor([y.length], y)],
  ]);
  return [...evaluate([make(b, left, right)], feeds, {})[0]!.data];
}

describe('code shared between kernels', () => {
  it('tells constants apart, to the sign of zero', () => {
    assert.deepEqual(
      value((b, x) => b.mul(x, b.constant(2))),
      [2, 4, 6],
    );
    assert.deepEqual(
      value((b, x) => b.mul(x, b.constant(3))),
      [3, 6, 9],
    );
    const over = (zero: number): number[] => value((b, x) => b.div(x, b.constant(zero)));
    assert.deepEqual(over(0), [Infinity, Infinity, Infinity]);
    assert.deepEqual(over(-0), [-Infinity, -Infinity, -Infinity]);
  });

  it('tells which operands are the same', () => {
    assert.deepEqual(
      value((b, x) => b.mul(x, x)),
      [1, 4, 9],
    );
    assert.deepEqual(
      value((b, x, y) => b.mul(x, y)),
      [4, 10, 18],
    );
    assert.deepEqual(
      value((b, x, y) => b.sub(y, x)),
      [3, 3, 3],
    );
    assert.deepEqual(
      value((b, x, y) => b.sub(x, y)),
      [-3, -3, -3],
    );
  });

  it('tells sizes apart', () => {
    assert.deepEqual(
      value((b, x) => b.sumAll(x)),
      [6],
    );
    assert.deepEqual(
      value((b, x) => b.sumAll(x), [1, 2, 3, 4]),
      [10],
    );
  });

  it('blames the node of its own program', () => {
    for (let i = 0; i < 2; i++) {
      const b = fresh();
      const [x, y] = [input(b, [2], 'int', 'x'), input(b, [2], 'int', 'y')];
      const quotient = b.elementwise('floor_divide', [x, y]);
      const feeds = new Map([
        [x, tensor([2], [1, 2], 'int')],
        [y, tensor([2], [1, 0], 'int')],
      ]);
      assert.throws(
        () => evaluate([quotient], feeds, {}),
        (error: unknown) => error instanceof RunError && error.node === quotient,
      );
    }
  });

  it('keeps the buffers of programs apart', () => {
    const make = (): { run: (x: number) => void; result: () => number } => {
      const b = fresh();
      const x = input(b, [1], 'float', 'x');
      const y = b.tanh(x);
      const program = compile({ outputs: [y], sizes: {}, precision: 64, runs: 'few' });
      return {
        run(number) {
          program.buffer(x)[0] = number;
          program.run();
        },
        result: () => program.buffer(y)[0]!,
      };
    };
    const [one, other] = [make(), make()];
    one.run(1);
    other.run(2);
    assert.equal(one.result(), Math.tanh(1));
    assert.equal(other.result(), Math.tanh(2));
  });
});
