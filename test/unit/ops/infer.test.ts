import assert from 'node:assert/strict';
import { constantDim, type Dim, symbolDim } from '../../../src/graph/dimension';
import { Graph } from '../../../src/graph/graph';
import type { Node } from '../../../src/graph/node';
import { printShape } from '../../../src/graph/shape';
import type { DType } from '../../../src/graph/types';
import { Builder } from '../../../src/ops/builder';
import { OpError } from '../../../src/ops/definition';
import { signOf } from '../../../src/ops/registry';

const dims = (...sizes: (number | string)[]): Dim[] =>
  sizes.map(size => (typeof size === 'number' ? constantDim(size) : symbolDim(size)));

describe('types of ops', () => {
  const graph = new Graph();
  const b = new Builder(graph);
  const tensor = (shape: Dim[], dtype: DType = 'float'): Node =>
    b.apply('input', [], { name: 'x', shape, dtype });
  const fails = (make: () => Node, code: OpError['code'], message: RegExp): void => {
    assert.throws(
      make,
      error => error instanceof OpError && error.code === code && message.test(error.message),
    );
  };

  it('name both operands of a product that does not fit', () => {
    const [x, W] = [tensor(dims('N', 4)), tensor(dims(3, 16))];
    fails(
      () => b.contract(x, W, 'ni', 'io', 'no'),
      'shape-mismatch',
      /^\[N, 4\] @ \[3, 16\]: 4 and 3 must agree$/,
    );
    fails(
      () => b.add(x, W),
      'shape-mismatch',
      /^\[N, 4\] and \[3, 16\] do not broadcast: 4 and 16 must agree$/,
    );
  });

  it('leave to the sizes what only they can tell', () => {
    const y = b.contract(tensor(dims(2, 'K')), tensor(dims(5, 3)), 'ni', 'io', 'no');
    assert.equal(printShape(y.shape), '[2, 3]');
    assert.deepEqual(
      graph.constraints.map(({ left, right }) => [left.key, right.key]),
      [['K', '5']],
    );
    const z = b.reshape(tensor(dims('N', 4)), dims(2, 'M'));
    assert.equal(printShape(z.shape), '[2, M]');
    assert.equal(graph.constraints.at(-1)?.left.key, '4*N');
  });

  it('refuse axes, positions and counts that are not there', () => {
    const x = tensor(dims(2, 3));
    fails(() => b.sum(x, [2]), 'rank', /has no axes \[2\]/);
    fails(() => b.sum(x, [1, 0]), 'rank', /has no axes/);
    fails(() => b.reshape(x, dims(4)), 'shape-mismatch', /6 and 4 must agree/);
    fails(
      () => b.slice(x, dims(0, 2), [1, 1], dims(2, 2)),
      'index',
      /position 3 is outside an axis of size 3/,
    );
    fails(() => b.slice(x, dims(0, 0), [1, -1], dims(2, 2)), 'index', /position -1/);
    fails(() => b.gather(x, x, 0), 'dtype', /positions takes int, not float/);
    fails(() => b.apply('solve', [x, x]), 'shape-mismatch', /square matrix, not \[2, 3\]: 2 and 3/);
    fails(() => b.apply('transpose', [x], { permutation: [0, 0] }), 'rank', /does not order the axes/);
    fails(() => b.concat([x, tensor(dims(2))], 0), 'rank', /ranks differ/);
  });

  it('promote, and count bools', () => {
    const [i, f, t] = [tensor(dims(2), 'int'), tensor(dims(2)), tensor(dims(2), 'bool')];
    assert.equal(b.add(i, f).dtype, 'float');
    assert.equal(b.add(i, t).dtype, 'int');
    assert.equal(b.add(t, t).dtype, 'int');
    assert.equal(b.div(i, i).dtype, 'float');
    assert.equal(b.pow(i, i).dtype, 'float');
    assert.equal(b.square(i).dtype, 'int');
    assert.equal(b.elementwise('exp', [t]).dtype, 'float');
    assert.equal(b.sum(t, [0]).dtype, 'int');
    assert.equal(b.less(i, f).dtype, 'bool');
    assert.equal(b.where(t, i, f).dtype, 'float');
  });

  it('are drawn by their sign', () => {
    const [x, v] = [tensor(dims(2, 2)), tensor(dims(2))];
    const signs: [Node, string][] = [
      [b.add(x, x), '+'],
      [b.pow(x, x), '**'],
      [b.tanh(x), 'tanh'],
      [b.contract(x, x, 'ik', 'kj', 'ij'), '@'],
      [b.contract(x, v, 'ik', 'k', 'i'), '@'],
      [b.contract(x, x, 'ki', 'kj', 'ij'), 'contract'],
      [b.contract(v, v, 'k', 'k', ''), 'dot'],
      [b.contract(v, v, 'i', 'j', 'ij'), 'outer'],
      [b.cast(x, 'int'), 'int'],
    ];
    for (const [node, sign] of signs) assert.equal(signOf(node), sign);
  });
});
