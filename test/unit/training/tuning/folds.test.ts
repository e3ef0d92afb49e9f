import assert from 'node:assert/strict';
import { splitRows } from '../../../../src/data/split';
import { foldsOf, wholeOf } from '../../../../src/training/tuning/folds';

describe('foldsOf', () => {
  const cut = splitRows(53, { split: [0.6, 0.2, 0.2], seed: 3 });
  const test = new Set(cut.test);
  const pool = [...Array(53).keys()].filter(row => !test.has(row));

  it('validates every row that is no test row once, and trains on all others', () => {
    const folds = foldsOf(cut, 5, 3);
    const validated = folds.flatMap(fold => [...fold.validation]).sort((a, b) => a - b);
    assert.deepEqual(validated, pool);
    for (const fold of folds) {
      assert.deepEqual(
        [...fold.train, ...fold.validation].sort((a, b) => a - b),
        pool,
      );
      assert.deepEqual(fold.test, cut.test);
      assert.deepEqual(
        [...fold.train],
        [...fold.train].sort((a, b) => a - b),
        'in the order of the file',
      );
    }
    const sizes = folds.map(fold => fold.validation.length);
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, 'parts as equal as can be');
  });

  it('is the same for the same seed, and another for another', () => {
    assert.deepEqual(foldsOf(cut, 4, 1), foldsOf(cut, 4, 1));
    assert.notDeepEqual(foldsOf(cut, 4, 1), foldsOf(cut, 4, 2));
  });

  it('leaves out one row at a time when there are as many folds as rows', () => {
    const folds = foldsOf(cut, pool.length, 0);
    assert.ok(folds.every(fold => fold.validation.length === 1));
  });

  it('keeps the cut of the file for one fold', () => {
    assert.deepEqual(foldsOf(cut, 1, 0), [cut]);
  });

  it('ends with all rows but the test rows', () => {
    const whole = wholeOf(cut);
    assert.deepEqual([...whole.train], pool);
    assert.equal(whole.validation.length, 0);
    assert.deepEqual(whole.test, cut.test);
  });
});
