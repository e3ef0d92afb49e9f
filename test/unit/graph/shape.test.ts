import assert from 'node:assert/strict';
import { constantDim, type Dim, symbolDim } from '../../../src/graph/dimension';
import {
  broadcastShapes,
  compatibleShapes,
  concreteShape,
  countOf,
  elementCount,
  equalShapes,
  knownShape,
  printShape,
  shapeOf,
  stridesOf,
  substituteShape,
} from '../../../src/graph/shape';

const N = symbolDim('N');
const shape = (...dims: (number | Dim)[]): Dim[] =>
  dims.map(dim => (typeof dim === 'number' ? constantDim(dim) : dim));

describe('shapes', () => {
  it('broadcast like NumPy, from the last axis', () => {
    const rows: [Dim[], Dim[], Dim[]][] = [
      [shape(2, 3), shape(3), shape(2, 3)],
      [shape(2, 1), shape(1, 3), shape(2, 3)],
      [shape(), shape(4), shape(4)],
      [shape(N, 3), shape(1, 3), shape(N, 3)],
      [shape(N), shape(N, 1), shape(N, N)],
    ];
    for (const [a, b, expected] of rows) {
      for (const result of [broadcastShapes(a, b), broadcastShapes(b, a)]) {
        assert.ok('shape' in result);
        assert.equal(printShape(result.shape), printShape(expected));
      }
    }
  });

  it('say at which axis they do not broadcast', () => {
    assert.deepEqual(broadcastShapes(shape(4, 2), shape(3, 2)), { failedAxis: -2 });
  });

  it('leave open what only the sizes can tell, and never take a symbol for 1', () => {
    const result = broadcastShapes(shape(N), shape(4));
    assert.ok('shape' in result);
    assert.equal(printShape(result.shape), '[4]');
    assert.equal(result.open.length, 1);
    assert.ok(compatibleShapes(shape(N), shape(1)));
    assert.ok(!equalShapes(shape(N), shape(1)));
    assert.ok(!compatibleShapes(shape(2), shape(3)));
  });

  it('count, stride and become concrete', () => {
    assert.equal(elementCount(shape(N, 3, N)).key, '3*N*N');
    assert.deepEqual(stridesOf([2, 3, 4]), [12, 4, 1]);
    assert.equal(countOf([2, 0, 3]), 0);
    assert.deepEqual(concreteShape(shape(N, 2), { N: 5 }), [5, 2]);
    assert.throws(() => concreteShape(shape(N), {}));
    assert.equal(knownShape(shape(N, 2)), undefined);
    assert.deepEqual(knownShape(substituteShape(shape(N, 2), { N: 5 })), [5, 2]);
    assert.equal(printShape(shapeOf([1, 2])), '[1, 2]');
  });
});
