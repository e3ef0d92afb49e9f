import assert from 'node:assert/strict';
import { evaluate } from '../../../src/runtime/evaluate';
import { initialParameters } from '../../../src/training/initial';
import { modelOf } from './models';

async function drawn(initializer: string, shape: string, seed = 0): Promise<Float64Array> {
  const { model } = await modelOf(`param W : ${shape} ~ ${initializer}\nloss = sum(W)\n`);
  return initialParameters(model, seed, evaluate).get('W')!;
}

function statistics(values: Float64Array): { mean: number; variance: number; low: number; high: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  return { mean, variance, low: Math.min(...values), high: Math.max(...values) };
}

describe('initial parameters', () => {
  /** Mean and variance of 20,000 numbers. */
  const cases: readonly [initializer: string, shape: string, mean: number, variance: number][] = [
    ['normal()', '[100, 200]', 0, 1],
    ['normal(mean = 3, std = 0.5)', '[100, 200]', 3, 0.25],
    ['uniform(-1, 3)', '[100, 200]', 1, 16 / 12],
    ['xavier()', '[100, 200]', 0, 1 / 100],
    ['xavier(fan_in = 50)', '[100, 200]', 0, 1 / 50],
    ['he()', '[100, 200]', 0, 2 / 100],
    ['glorot()', '[100, 200]', 0, 2 / 300],
    ['xavier()', '[50, 16, 5, 5]', 0, 1 / (16 * 25)],
  ];
  for (const [initializer, shape, mean, variance] of cases) {
    it(`${initializer} of ${shape}`, async () => {
      const found = statistics(await drawn(initializer, shape));
      assert.ok(Math.abs(found.mean - mean) < 4 * Math.sqrt(variance / 20000), `mean ${found.mean}`);
      assert.ok(Math.abs(found.variance / variance - 1) < 0.05, `variance ${found.variance}`);
    });
  }

  it('uniform keeps its bounds', async () => {
    const { low, high } = statistics(await drawn('uniform(-1, 3)', '[100, 200]'));
    assert.ok(low >= -1 && low < -0.99 && high < 3 && high > 2.99);
  });

  it('zeros, ones and full are what they say', async () => {
    assert.deepEqual([...(await drawn('zeros()', '[2]'))], [0, 0]);
    assert.deepEqual([...(await drawn('ones()', '[2]'))], [1, 1]);
    assert.deepEqual([...(await drawn('full(0.5)', '[2]'))], [0.5, 0.5]);
  });

  for (const [rows, columns] of [
    [4, 4],
    [3, 7],
    [7, 3],
  ] as const) {
    it(`orthogonal [${rows}, ${columns}] keeps lengths`, async () => {
      const W = await drawn('orthogonal()', `[${rows}, ${columns}]`);
      const short = Math.min(rows, columns);
      const at = (i: number, k: number): number =>
        rows <= columns ? W[i * columns + k]! : W[k * columns + i]!;
      for (let i = 0; i < short; i++) {
        for (let j = 0; j < short; j++) {
          let product = 0;
          for (let k = 0; k < Math.max(rows, columns); k++) product += at(i, k) * at(j, k);
          assert.ok(Math.abs(product - (i === j ? 1 : 0)) < 1e-12);
        }
      }
    });
  }

  it('repeat with the seed and change with it', async () => {
    assert.deepEqual(await drawn('normal()', '[5]', 3), await drawn('normal()', '[5]', 3));
    assert.notDeepEqual(await drawn('normal()', '[5]', 3), await drawn('normal()', '[5]', 4));
  });
});
