import assert from 'node:assert/strict';
import { DataError } from '../../../src/data/error';
import type { Tensor } from '../../../src/graph/types';
import { evaluate } from '../../../src/runtime/evaluate';
import { Dataset, UnfedInput } from '../../../src/training/dataset';
import { Evaluation } from '../../../src/training/evaluation';
import { initialParameters } from '../../../src/training/initial';
import { modelOf, runOf, stepsOf } from './models';

const tensor = (shape: number[], ...data: number[]): Tensor => ({
  dtype: 'float',
  shape,
  data: Float64Array.from(data),
});

const open = 'input x : [N, T]\ninput s : [T]\nparam w = 1\nloss = sum(w * (x @ s)) / N\n';
const data = `
data d = linear(n = 20, seed = 1)
input x : [N] = d[:, 0]
input y : [N] = d[:, 1]
param w = 1
loss = mse(w * x, y)
count = sum(x * 0 + 1)
train loss { batch = 4; epochs = 1; split = 0.5; metrics = [count] }
`;

async function lossOf(text: string, feeds: Record<string, Tensor>): Promise<number> {
  const { model, tables } = await modelOf(text);
  const cut = model.trainings[0] ?? { split: 1, seed: 0 };
  const dataset = Dataset.build(model, tables, cut, evaluate, new Map(Object.entries(feeds)));
  dataset.requireFed([model.objective!.node]);
  const evaluation = new Evaluation(model, dataset, initialParameters(model, 0, evaluate), evaluate);
  return evaluation.values([model.objective!.node])[0]!.data[0]!;
}

describe('feeds', () => {
  it('settle symbols that no data settles', async () => {
    const x = tensor([2, 3], 1, 2, 3, 4, 5, 6);
    assert.equal(await lossOf(open, { x, s: tensor([3], 1, 1, 1) }), 21 / 2);
  });

  it('must agree with each other', async () => {
    const x = tensor([2, 3], 1, 2, 3, 4, 5, 6);
    await assert.rejects(lossOf(open, { x, s: tensor([2], 1, 1) }), {
      name: 'DataError',
      message: 'input s is [T], and its feed is [2]: axis 0 must be 3, as in x',
    });
  });

  it('are all needed', async () => {
    await assert.rejects(lossOf(open, { x: tensor([1, 1], 1) }), (error: unknown) => {
      return error instanceof UnfedInput && error.input.name === 's';
    });
  });

  it('take the place of data with a number of rows of their own', async () => {
    assert.equal(await lossOf(data, { x: tensor([2], 1, 2), y: tensor([2], 0, 0) }), 2.5);
  });

  it('stand beside data only with equally many rows', async () => {
    await assert.rejects(lossOf(data, { x: tensor([2], 1, 2) }), DataError);
    const twenty = tensor([20], ...Array<number>(20).fill(0));
    assert.ok(Number.isFinite(await lossOf(data, { x: twenty })));
  });

  it('are cut and batched as data is', async () => {
    const six = tensor([6], 1, 2, 3, 4, 5, 6);
    const run = await runOf(data, {
      feeds: new Map([
        ['x', six],
        ['y', six],
      ]),
    });
    assert.deepEqual(
      stepsOf(run).map(step => step.metrics.count),
      [3],
    );
    const plain = await runOf(
      open
        .replace('[N, T]', '[N]')
        .replace('input s : [T]\n', 'c = sum(x * 0 + 1)\n')
        .replace('(x @ s)', 'x')
        .replace('/ N\n', '/ N\ntrain loss { batch = 4; epochs = 1; metrics = [c] }\n'),
      {
        feeds: new Map([['x', six]]),
      },
    );
    assert.deepEqual(
      stepsOf(plain).map(step => step.metrics.c),
      [4, 2],
    );
  });
});
