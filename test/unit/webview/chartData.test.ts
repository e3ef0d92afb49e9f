import assert from 'node:assert/strict';
import { joined, nearestKept, runningAverage, thinned } from '../../../webview/chartData';

describe('curves of runs', () => {
  it('leaves short curves alone and averages long ones', () => {
    assert.deepEqual(thinned([1, 2], [5, Number.NaN]), { x: [1, 2], y: [5, null] });
    assert.deepEqual(thinned([1, 2, 3, 4, 5], [1, 3, 5, 7, 9], 3), { x: [2, 4, 5], y: [2, 6, 9] });
    const steps = Array.from({ length: 100_000 }, (_, i) => i);
    assert.ok(thinned(steps, steps).x.length <= 1200);
  });

  it('averages without being drawn to zero at the start', () => {
    assert.deepEqual(
      runningAverage([4, 4, 4]).map(value => value.toFixed(9)),
      ['4.000000000', '4.000000000', '4.000000000'],
    );
    const after = runningAverage([1, Number.NaN, 1]);
    assert.ok(Number.isNaN(after[1]) && after[2] === 1);
  });

  it('joins curves on one axis, with gaps to be bridged', () => {
    assert.deepEqual(
      joined([
        { x: [1, 2, 4], y: [10, null, 40] },
        { x: [2, 3], y: [5, 6] },
      ]),
      [
        [1, 2, 3, 4],
        [10, null, undefined, 40],
        [undefined, 5, 6, undefined],
      ],
    );
  });

  it('finds the kept step nearest to a place', () => {
    assert.equal(nearestKept([0, 40, 80], 55), 40);
    assert.equal(nearestKept([0, 40, 80], 61), 80);
    assert.equal(nearestKept([], 3), undefined);
  });
});
