import assert from 'node:assert/strict';
import { LastGood } from '../../../src/training/lastGood';

describe('the last good parameters', () => {
  const present = (count: number, value: number): Float32Array => new Float32Array(count).fill(value);

  it('of a small model are those before the last step with a finite loss', () => {
    const buffer = present(3, 0);
    const good = new LastGood([buffer]);
    for (const value of [1, 2, 3]) {
      good.before();
      good.confirm();
      buffer.fill(value);
    }
    good.before(); // at 3 the loss is not finite
    buffer.fill(Number.NaN);
    good.restore();
    assert.deepEqual([...buffer], [2, 2, 2]);
  });

  it('are the first ones when the first step fails', () => {
    const buffer = present(2, 7);
    const good = new LastGood([buffer]);
    good.before();
    buffer.fill(Number.NaN);
    good.restore();
    assert.deepEqual([...buffer], [7, 7]);
  });

  it('of a large model are some that had a finite loss', () => {
    const buffer = present(20_000, 0);
    const good = new LastGood([buffer]);
    for (let step = 1; step <= 1000; step++) {
      good.before();
      good.confirm();
      buffer.fill(step);
    }
    buffer.fill(Number.POSITIVE_INFINITY);
    good.before();
    good.restore();
    assert.ok(buffer[0]! >= 0 && buffer[0]! < 1000, String(buffer[0]));
    assert.ok(buffer.every(value => value === buffer[0]));
  });

  it('of a large model are copied for half a percent of the time, and seldom enough anyway', () => {
    const { now } = performance;
    let clock = 0;
    let copies = 0;
    let copying = 0;
    class Slow extends Float32Array {
      override set(values: ArrayLike<number>): void {
        copies++;
        clock += copying;
        super.set(values);
      }
    }
    performance.now = () => clock;
    try {
      for (const [milliseconds, most] of [
        [0.01, 200],
        [10, 5],
      ] as const) {
        const good = new LastGood([new Slow(20_000)]);
        [copying, copies] = [milliseconds, 0];
        for (const end = clock + 10_000; clock < end; clock += 2) {
          good.before();
          good.confirm();
        }
        assert.ok(copies > 0.8 * most && copies <= most, `${copies} copies`);
      }
    } finally {
      performance.now = now;
    }
  });
});
