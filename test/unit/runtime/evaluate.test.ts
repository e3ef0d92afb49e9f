import assert from 'node:assert/strict';
import { RunError } from '../../../src/graph/evaluate';
import type { Node } from '../../../src/graph/node';
import type { Builder } from '../../../src/ops/builder';
import { evaluate } from '../../../src/runtime/evaluate';
import { fresh, input, tensor } from './support';

const shape = [3];
const given = [1, 2, 3];

/** The values of nodes made on a vector of a graph of their own: 1, 2, 3. */
function values(make: (b: Builder, x: Node) => Node[]): number[][] {
  const b = fresh();
  const x = input(b, shape, 'float', 'x');
  const outputs = make(b, x);
  return evaluate(outputs, new Map([[x, tensor(shape, given)]]), {}).map(({ data }) => [...data]);
}

describe('evaluation of graphs of one form', () => {
  it('has the numbers of each', () => {
    const scaled = (by: number) => values((b, x) => [b.exp(b.mul(x, b.constant(by)))])[0];
    for (const by of [0.5, 0.25, -3, Infinity, 0.5]) {
      assert.deepEqual(
        scaled(by),
        given.map(x => Math.exp(x * by)),
      );
    }
  });

  it('tells numbers apart that were equal in the graph before', () => {
    const line = (a: number, c: number) =>
      values((b, x) => [b.add(b.mul(x, b.constant(a)), b.constant(c)), b.add(x, b.constant(c))]);
    for (const [a, c] of [
      [2, 2],
      [2, 5],
      [5, 5],
      [3, 4],
    ] as const) {
      assert.deepEqual(line(a, c), [given.map(x => x * a + c), given.map(x => x + c)]);
    }
  });

  it('computes anew what rests on constants alone, and constants of many elements', () => {
    const weighed = (data: number[], power: number) =>
      values((b, x) => {
        const weights = b.tensor(data, x.shape);
        return [weights, b.mul(x, b.sumAll(b.pow(weights, b.constant(power))))];
      });
    for (const [data, power] of [
      [[1, 2, 3], 2],
      [[4, 5, 6], 2],
      [[4, 5, 6], 3],
    ] as const) {
      const sum = data.reduce((total, w) => total + w ** power, 0);
      assert.deepEqual(weighed([...data], power), [[...data], given.map(x => x * sum)]);
    }
  });

  it('keeps the numbers of graphs that are asked about in turn', () => {
    const graphs = [2, 3].map(by => {
      const b = fresh();
      const x = input(b, shape, 'float', 'x');
      return { x, y: b.mul(x, b.constant(by)), by };
    });
    for (const { x, y, by } of [...graphs, ...graphs]) {
      const [value] = evaluate([y], new Map([[x, tensor(shape, given)]]), {});
      assert.deepEqual(
        [...value!.data],
        given.map(element => element * by),
      );
    }
  });

  it('blames a node of the graph that failed', () => {
    assert.deepEqual([...division(1).run()[0]!.data], [7, 9]);
    const { y, run } = division(0);
    assert.throws(run, (error: unknown) => error instanceof RunError && error.node === y);
  });
});

/** `(x + 1) // d`, where `d` is fed. */
function division(d: number) {
  const b = fresh();
  const [x, by] = [input(b, [2], 'int', 'x'), input(b, [2], 'int', 'd')];
  const y = b.elementwise('floor_divide', [b.add(x, b.constant(1, 'int')), by]);
  const feeds = new Map([
    [x, tensor([2], [6, 8], 'int')],
    [by, tensor([2], [d, d], 'int')],
  ]);
  return { y, run: () => evaluate([y], feeds, {}) };
}
