import assert from 'node:assert/strict';
import { Divergence } from '../../../src/training/divergence';
import { epochsOf, eventsOf, runOf, stepsOf } from './models';

/** One weight on twenty rows of a line. */
const rows = (keys: string): string => `
data d = linear(n = 20, seed = 1)
input x : [N] = d[:, 0]
input y : [N] = d[:, 1]
param w = 0.5
loss = mse(w * x, y)
seen = sum(x * 0 + 1)
train loss { metrics = [seen]; precision = 64; ${keys} }
`;

const bits = (values: ReadonlyMap<string, Float64Array>): unknown =>
  [...values].map(([path, data]) => [path, [...data]]);

describe('a run', () => {
  describe('takes its rows batch by batch', () => {
    /** The rows of each step, as the metric `seen` counts them, and the epoch of each step. */
    async function accounts(keys: string): Promise<{ rows: number[]; epochs: number[] }> {
      const steps = stepsOf(await runOf(rows(keys)));
      return { rows: steps.map(step => step.metrics.seen!), epochs: steps.map(step => step.epoch) };
    }

    it('with a smaller last batch', async () => {
      assert.deepEqual(await accounts('batch = 8; epochs = 2'), {
        rows: [8, 8, 4, 8, 8, 4],
        epochs: [0, 0, 0, 1, 1, 1],
      });
    });

    it('without it when drop_last says so', async () => {
      assert.deepEqual(await accounts('batch = 8; epochs = 2; drop_last = true'), {
        rows: [8, 8, 8, 8],
        epochs: [0, 0, 1, 1],
      });
    });

    it('all at once with batch = full, or more than there are', async () => {
      assert.deepEqual((await accounts('batch = full; epochs = 3')).rows, [20, 20, 20]);
      assert.deepEqual((await accounts('batch = 21; epochs = 2')).rows, [20, 20]);
    });

    it('of the training part alone', async () => {
      assert.deepEqual((await accounts('batch = 8; epochs = 1; split = 0.8')).rows, [8, 8]);
      assert.deepEqual((await accounts('batch = 20; epochs = 1; split = [0.5, 0.25, 0.25]')).rows, [10]);
    });

    it('in the default size and number of epochs', async () => {
      assert.deepEqual((await accounts('')).rows, Array<number>(10).fill(20));
    });

    it('and may stop in the middle of an epoch', async () => {
      assert.deepEqual(await accounts('batch = 8; steps = 4'), { rows: [8, 8, 4, 8], epochs: [0, 0, 0, 1] });
    });
  });

  it('goes through the file in its order without shuffle', async () => {
    const losses = async (keys: string) => stepsOf(await runOf(rows(keys))).map(step => step.loss);
    const [plain, again] = [
      await losses('batch = 5; epochs = 2; shuffle = false; optimizer = sgd(lr = 0)'),
      await losses('batch = 5; epochs = 2; optimizer = sgd(lr = 0)'),
    ];
    assert.deepEqual(plain.slice(0, 4), plain.slice(4));
    assert.notDeepEqual(again.slice(0, 4), again.slice(4));
    assert.notDeepEqual(plain, again);
  });

  it('weighs the figures of an epoch by rows', async () => {
    const events = eventsOf(await runOf(rows('batch = 8; epochs = 1; optimizer = sgd(lr = 0.1)')));
    const [a, b, c, epoch] = events;
    const mean = (8 * a!.loss + 8 * b!.loss + 4 * c!.loss) / 20;
    assert.equal(epoch!.kind, 'epoch');
    assert.ok(Math.abs(epoch!.loss - mean) < 1e-15);
    assert.ok(Math.abs(epoch!.metrics.seen! - (8 * 8 + 8 * 8 + 4 * 4) / 20) < 1e-12);
  });

  it('measures the held-out rows after every epoch, and only when there are some', async () => {
    const [epoch] = epochsOf(await runOf(rows('epochs = 1; split = 0.75')));
    assert.equal(epoch!.validationMetrics!.seen, 5);
    assert.ok(Number.isFinite(epoch!.validationLoss));
    const [whole] = epochsOf(await runOf(rows('epochs = 1')));
    assert.equal(whole!.validationLoss, undefined);
  });

  it('gives the same bits for the same seed, and others for another', async () => {
    const text = (seed: number) => `
data d = moons(n = 60, noise = 0.1, seed = 3)
input x : [N, 2] = d[:, 0:2]
input y : [N] = d[:, 2]
loss = mse(dense(dense(x, 8, act = tanh), 1), y[:, none])
train loss { optimizer = adam(lr = 0.01); batch = 16; epochs = 5; split = 0.8; seed = ${seed} }
`;
    const figures = async (seed: number): Promise<unknown> => {
      const run = await runOf(text(seed));
      return [eventsOf(run), bits(run.parameters())];
    };
    const [first, second, other] = [await figures(0), await figures(0), await figures(1)];
    assert.deepEqual(first, second);
    assert.notDeepEqual(first, other);
  });

  it('starts each parameter from a stream of its own', async () => {
    const start = async (text: string) => (await runOf(text)).parameters().get('b');
    const alone = await start('param b : [5] ~ normal()\nloss = sum(b ** 2)\n');
    const beside = await start(
      'param a : [3] ~ normal()\nparam b : [5] ~ normal()\nloss = sum(b ** 2) + sum(a)\n',
    );
    assert.deepEqual(alone, beside);
  });

  it('takes its seed from an initialiser where that has one', async () => {
    const start = async (seed: number) => {
      const run = await runOf('param b : [5] ~ normal(seed = 9)\nloss = sum(b ** 2)\n', { seed });
      return run.parameters().get('b');
    };
    assert.deepEqual(await start(1), await start(2));
  });

  it('trains in 32-bit unless told', async () => {
    const text = (keys: string) =>
      `param w = 0.1\nloss = (w - 0.3) ** 2\ntrain loss { steps = 3; ${keys} }\n`;
    const trained = async (keys: string) => {
      const run = await runOf(text(keys));
      eventsOf(run);
      return run.parameters().get('w')![0]!;
    };
    const [narrow, wide] = [await trained(''), await trained('precision = 64')];
    assert.equal(narrow, Math.fround(narrow));
    assert.notEqual(wide, Math.fround(wide));
    assert.ok(Math.abs(narrow - wide) < 1e-7);
  });

  it('leaves parameters fixed that are not chosen', async () => {
    const run = await runOf(
      'param v = 1\nparam w = 1\nloss = (v + w) ** 2\ntrain loss { params = [w]; steps = 5 }\n',
    );
    eventsOf(run);
    assert.equal(run.parameters().get('v')![0], 1);
    assert.notEqual(run.parameters().get('w')![0], 1);
  });

  it('goes through several blocks, each from where the one before ended', async () => {
    const run = await runOf(`
param a = 1
param b = 1
first = (a - 3) ** 2
second = (b - a) ** 2
train first { steps = 200; optimizer = sgd(lr = 0.1); precision = 64 }
train second { params = [b]; steps = 200; optimizer = sgd(lr = 0.1); precision = 64 }
`);
    const steps = stepsOf(run);
    assert.equal(run.totalSteps, 400);
    assert.deepEqual([steps[0]!.step, steps.at(-1)!.step], [1, 400]);
    assert.ok(Math.abs(run.parameters().get('a')![0]! - 3) < 1e-9);
    assert.ok(Math.abs(run.parameters().get('b')![0]! - 3) < 1e-9);
    assert.equal(steps[200]!.loss, (1 - run.parameters().get('a')![0]!) ** 2);
  });

  it('counts a hundred steps for a model without data', async () => {
    const run = await runOf('param w = 1\nloss = w ** 2\n');
    assert.equal(run.totalSteps, 100);
  });

  it('finishes with the loss after the last update', async () => {
    const run = await runOf(
      'param w = 1\nloss = w ** 2\ntrain loss { steps = 1; optimizer = sgd(lr = 0.25); precision = 64 }\n',
    );
    const [step] = stepsOf(run);
    assert.equal(step!.loss, 1);
    assert.equal(run.finish().training.loss, 0.25);
  });
});

describe('a loss that is not finite', () => {
  const diverging = `
param w = 3
param v = 1
z = w ** 4
loss = z + v
train loss { optimizer = sgd(lr = 1); steps = 50; precision = 64 }
`;

  it('names the step and the first node in forward order', async () => {
    const run = await runOf(diverging.replace('w ** 4', 'log(w - 2)').replace('lr = 1', 'lr = 2'));
    const error = thrownBy(() => stepsOf(run));
    assert.ok(error instanceof Divergence);
    assert.equal(error.step, 2);
    assert.equal(error.node!.op, 'log');
  });

  it('puts the last good parameters back', async () => {
    const run = await runOf(diverging);
    const history: number[] = [];
    const error = thrownBy(() => {
      for (;;) {
        history.push(run.parameters().get('w')![0]!);
        if (!run.next()) return;
      }
    });
    assert.ok(error instanceof Divergence);
    const restored = run.parameters().get('w')![0]!;
    assert.ok(Number.isFinite(restored ** 4), `${restored}`);
    assert.ok(history.includes(restored));
  });

  it('says when a gradient went first', async () => {
    // The square root has an infinite slope at 0: the loss is finite, the parameter after it is not.
    const run = await runOf(
      'param w = 0\nparam v = 1\nr = sqrt(w)\nloss = r + v\ntrain loss { steps = 9 }\n',
    );
    const error = thrownBy(() => stepsOf(run));
    assert.ok(error instanceof Divergence);
    assert.deepEqual([error.step, error.inGradient, error.node!.op], [2, true, 'parameter']);
    assert.equal(run.parameters().get('w')![0], 0);
    assert.equal(run.parameters().get('v')![0], 1);
  });

  it('stops rows of NaN at the first step', async () => {
    const run = await runOf('input x : [3] = [1, nan, 2]\nparam w = 1\nloss = mean(w * x)\n');
    const error = thrownBy(() => stepsOf(run));
    assert.ok(error instanceof Divergence);
    assert.equal(error.step, 1);
  });

  it('is seen after the last update', async () => {
    const run = await runOf(diverging.replace('steps = 50', 'steps = 5'));
    stepsOf(run);
    const error = thrownBy(() => run.finish());
    assert.ok(error instanceof Divergence);
    assert.equal(error.step, 6);
    assert.ok(Number.isFinite(run.parameters().get('w')![0]! ** 4));
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
