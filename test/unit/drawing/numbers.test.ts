import assert from 'node:assert/strict';
import type { TensorSummary } from '../../../src/drawing/displayGraph';
import {
  formatNumber,
  formatSeconds,
  formatShare,
  formatSigned,
  formatTensor,
} from '../../../src/drawing/numbers';

function summary(shape: number[], elements?: number[], more: Partial<TensorSummary> = {}): TensorSummary {
  return {
    dtype: 'float',
    shape,
    min: -2,
    max: 7.5,
    mean: 1.25,
    std: 0.5,
    norm: 3,
    zeros: 0,
    nans: 0,
    infinities: 0,
    ...(elements ? { elements } : {}),
    ...more,
  };
}

describe('numbers', () => {
  for (const [value, text] of [
    [0, '0'],
    [-0, '0'],
    [2, '2'],
    [-3, '−3'],
    [0.2, '0.2'],
    [0.7310585786, '0.7311'],
    [-0.19661193, '−0.1966'],
    [123.456, '123.5'],
    [12345, '12345'],
    [999999, '999999'],
    [1e6, '1e6'],
    [1234567, '1.235e6'],
    [123456.7, '1.235e5'],
    [1.5e-7, '1.5e−7'],
    [-1e-4, '−0.0001'],
    [0.00009999, '9.999e−5'],
    [1e300, '1e300'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '∞'],
    [Number.NEGATIVE_INFINITY, '−∞'],
  ] as const) {
    it(`writes ${String(value)} as ${text}`, () => assert.equal(formatNumber(value), text));
  }

  it('says the sign of a contribution', () => {
    assert.deepEqual([0.39, -0.2, 0].map(formatSigned), ['+0.39', '−0.2', '0']);
  });

  it('writes small tensors in brackets', () => {
    assert.equal(formatTensor(summary([], [0.5])), '0.5');
    assert.equal(formatTensor(summary([2], [1, -2])), '[1, −2]');
    assert.equal(formatTensor(summary([2, 2], [1, 2, 3, 4])), '[[1, 2], [3, 4]]');
    assert.equal(formatTensor(summary([0], [])), '[]');
    assert.equal(formatTensor(summary([2], [1, 0], { dtype: 'bool' })), '[true, false]');
  });

  it('sums up tensors that would be long', () => {
    const text = 'mean 1.25 ± 0.5, −2 … 7.5';
    assert.equal(formatTensor(summary([150, 4])), text);
    assert.equal(formatTensor(summary([3], [1, 2, 3]), 5), text);
    assert.equal(
      formatTensor(summary([9, 9], undefined, { zeros: 0.123, nans: 3, infinities: 1 })),
      `${text}, 12\u2009% zeros, 3 NaN, 1 infinite`,
    );
  });

  it('writes shares and times', () => {
    assert.deepEqual([0, 0.001, 0.5, 0.999, 1].map(formatShare), [
      '0\u2009%',
      '<1\u2009%',
      '50\u2009%',
      '>99\u2009%',
      '100\u2009%',
    ]);
    assert.deepEqual([0.85, 12.34, 125].map(formatSeconds), ['850 ms', '12.3 s', '2 min 05 s']);
  });
});
