import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type BatchOptions, batchCount, batches } from '../../../src/data/batches';
import { splitRows } from '../../../src/data/split';

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);

describe('split', () => {
  it('trains on all rows, in their order, when nothing is set aside', () => {
    const { train, validation, test } = splitRows(5, { split: 1, seed: 3 });
    assert.deepEqual([[...train], validation.length, test.length], [range(5), 0, 0]);
  });

  it('is a partition, repeatable, and another one with another seed', () => {
    const shares = fc
      .array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 3 })
      .map(parts => parts.map(part => part / parts.reduce((a, b) => a + b)));
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 500 }), shares, fc.integer(), (rows, split, seed) => {
        const parts = splitRows(rows, { split, seed });
        const all = [parts.train, parts.validation, parts.test];
        assert.deepEqual(sorted(all.flatMap(part => [...part])), range(rows));
        for (const [i, part] of all.entries()) {
          assert.ok(Math.abs(part.length - (split[i] ?? 0) * rows) <= 1.001);
          assert.deepEqual([...part], sorted(part));
        }
        assert.deepEqual(splitRows(rows, { split, seed }), parts);
      }),
    );
    const train = (seed: number): string => splitRows(150, { split: 0.8, seed }).train.join();
    assert.notEqual(train(0), train(1));
    assert.equal(splitRows(150, { split: 0.8, seed: 0 }).train.length, 120);
  });

  it("keeps a source's own test rows apart", () => {
    const { train, validation, test } = splitRows(12, { split: 0.5, seed: 0, testRows: 2 });
    assert.deepEqual([...test], [10, 11]);
    assert.deepEqual(sorted([...train, ...validation]), range(10));
    assert.equal(train.length, 5);
    assert.deepEqual([...splitRows(12, { split: 1, seed: 0, testRows: 2 }).train], range(10));
    assert.throws(
      () => splitRows(12, { split: [0.5, 0.25, 0.25], seed: 0, testRows: 2 }),
      /brings its own test rows/,
    );
  });

  it('refuses impossible shares and a cut without training rows', () => {
    const cut =
      (split: number | number[], rows = 10) =>
      () =>
        splitRows(rows, { split, seed: 0 });
    for (const split of [0, -0.5, 1.5, NaN]) assert.throws(cut(split), /above 0 and at most 1/);
    for (const split of [[], [0.5, 0.4], [1.5, -0.5], [0.25, 0.25, 0.25, 0.25]]) {
      assert.throws(cut(split), /two or three shares, none negative, that add up to 1/);
    }
    assert.throws(cut(0.01), /split = 0.01 of 10 rows leaves no training row/);
    assert.throws(cut([0, 0.5, 0.5]), /split = \[0, 0.5, 0.5\] of 10 rows leaves no training row/);
    assert.throws(cut(0.4, 1), /of the 1 row leaves no training row/);
    assert.deepEqual([...cut([0.1, 0.2, 0.7])().train].length, 1);
  });
});

describe('batches', () => {
  const rows = Int32Array.from(range(10), i => i * 3);
  const options: BatchOptions = { shuffle: true, seed: 1, epoch: 0 };
  const list = (size: number | 'full', more: Partial<BatchOptions> = {}): number[][] =>
    Array.from(batches(rows, size, { ...options, ...more }), batch => [...batch]);

  it('go through every row once, the last batch being smaller', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.boolean(), fc.boolean(), (size, shuffle, dropLast) => {
        const all = list(size, { shuffle, dropLast });
        assert.equal(all.length, batchCount(10, size, dropLast));
        const full = Math.min(size, 10);
        assert.ok(all.slice(0, -1).every(batch => batch.length === full));
        const left = dropLast ? 10 % full : 0;
        assert.equal(new Set(all.flat()).size, 10 - left);
        assert.ok(all.flat().every(row => rows.includes(row)));
      }),
    );
  });

  it('come in the order of the rows without shuffle, else in one order per seed and epoch', () => {
    assert.deepEqual(list(4, { shuffle: false }), [
      [0, 3, 6, 9],
      [12, 15, 18, 21],
      [24, 27],
    ]);
    assert.deepEqual(list(4), list(4));
    assert.notDeepEqual(list(4), list(4, { epoch: 1 }));
    assert.notDeepEqual(list(4), list(4, { seed: 2 }));
    assert.deepEqual(
      [...rows],
      range(10).map(i => i * 3),
    );
  });

  it('are one when full or at least as large as the data', () => {
    for (const size of ['full', 10, 99] as const)
      assert.deepEqual(list(size, { dropLast: true }), [[...rows]]);
    assert.deepEqual([...batches(new Int32Array(0), 4, options)], []);
    assert.throws(() => list(0), RangeError);
    assert.throws(() => list(1.5), RangeError);
  });
});
