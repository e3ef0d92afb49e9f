import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { Evaluated, findingsOf } from './models';

const examples = resolve(__dirname, '../../../../examples');

/** The definition, written out: sort by distance, count, and of tied labels take the one that comes first. */
function reference(train: number[][], labels: number[], x: number[], k: number, power: number): number {
  const far = train.map(row => row.reduce((sum, value, i) => sum + Math.abs(x[i]! - value) ** power, 0));
  const nearest = train.map((_, i) => i).sort((a, b) => far[a]! - far[b]! || a - b);
  const near = nearest.slice(0, k).map(i => labels[i]!);
  const votes = near.map(label => near.filter(other => other === label).length);
  return near[votes.indexOf(Math.max(...votes))]!;
}

function matrix(data: ArrayLike<number>, columns: number): number[][] {
  const values = Array.from(data);
  return Array.from({ length: values.length / columns }, (_, i) =>
    values.slice(i * columns, (i + 1) * columns),
  );
}

describe('knn', () => {
  for (const [k, metric] of [
    [1, 'l2'],
    [5, 'l2'],
    [4, 'l1'],
  ] as const) {
    it(`agrees with the definition on irises, k = ${k}, ${metric}`, async () => {
      const file = await Evaluated.of(
        [
          'data iris = csv("data/iris.csv")',
          'all = standardize(iris[:, 0:4])',
          'species = iris["species"]',
          'a = train_rows(all); b = train_rows(species)',
          'c = test_rows(all); d = test_rows(species)',
          `guess = knn(a, b, c, k = ${k}, metric = ${metric})`,
          'hits = mean(float(guess == d))',
          'input x : [N, 4] = iris[:, 0:4]',
          'loss = mean(dense(x, 1))',
          'train loss { split = [0.6, 0.2, 0.2] }',
        ].join('\n'),
        examples,
      );
      const [a, b, c] = ['a', 'b', 'c'].map(name => file.value(name));
      const train = matrix(a!.data, 4);
      const expected = matrix(c!.data, 4).map(x =>
        reference(train, Array.from(b!.data), x, k, metric === 'l1' ? 1 : 2),
      );
      assert.equal(expected.length, 30);
      assert.deepEqual(Array.from(file.value('guess').data), expected);
      assert.equal(file.value('guess').dtype, 'int');
      assert.ok(file.value('hits').data[0]! >= 0.8);
    });
  }

  it('gives a tied vote to the label of the nearest tied member', async () => {
    const text = 'X = [[0], [1], [2], [10]]\ny = [4, 7, 7, 4]\n';
    const two = await Evaluated.of(`${text}p = knn(X, y, [[0.2], [1.4], [9]], k = 2)`);
    assert.deepEqual(Array.from(two.value('p').data), [4, 7, 4]);
    const four = await Evaluated.of(`${text}p = knn(X, y, [[0.2], [5.5], [9]], k = 4)`);
    assert.deepEqual(Array.from(four.value('p').data), [4, 7, 4]);
    const near = await Evaluated.of(
      `${text}p = knn(X, y, [1], k = 1)\nq = knn([[0], [2]], [5, 3], [[1]], k = 2)`,
    );
    assert.deepEqual([near.value('p').shape, near.value('p').data[0]], [[], 7]);
    assert.equal(near.value('q').data[0], 5, 'of equally near rows the earlier one');
  });

  it('says what does not fit', async () => {
    const first = async (call: string): Promise<string> =>
      (await findingsOf(`X = [[0, 1], [1, 1]]\np = ${call}`)).join();
    assert.match(
      await first('knn(X, [0, 1], [[1, 2, 3]], k = 1)'),
      /shape-mismatch.*2 and 3 columns cannot be compared/,
    );
    assert.match(await first('knn(X, [0, 1, 2], X, k = 1)'), /shape-mismatch.*2 rows and 3 labels/);
    assert.match(await first('knn(X, [0, 1], X)'), /argument-value.*k is 5, and there are 2 training rows/);
    assert.match(await first('knn([0, 1], [0, 1], X)'), /rank.*rows \[M, D\]/);
    assert.match(await first('knn(X, X, X)'), /rank.*one class number a training row/);
  });
});

describe('lstsq', () => {
  it('is the closed-form baseline, with a column of ones for the bias', async () => {
    const file = await Evaluated.of(
      'x = [[0], [1], [2], [3]]\ny = [1, 3, 5, 7]\nA = concat(x, ones([4, 1]), axis = 1)\nw = lstsq(A, y)',
    );
    const [slope, bias] = file.value('w').data;
    assert.ok(Math.abs(slope! - 2) < 1e-12 && Math.abs(bias! - 1) < 1e-12);
  });
});
