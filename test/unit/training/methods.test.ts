import assert from 'node:assert/strict';
import { eventsOf, modelOf, runOf, stepsOf } from './models';

const valley = (keys: string): string => `
param p = [3, -2]
loss = (p[0] - 1) ** 2 + 4 * (p[1] + p[0]) ** 2
train loss { precision = 64; ${keys} }
`;

const moons = (keys: string): string => `
data d = moons(n = 80, noise = 0.1, seed = 3)
input x : [N, 2] = d[:, 0:2]
input y : [N] int = d[:, 2]
score = dense(dense(x, 6, act = tanh), 2)
train cross_entropy(score, y) { ${keys} }
`;

describe('methods without gradients', () => {
  const methods = [
    'random_search(samples = 20, scale = 2)',
    'local_search(scale = 0.3)',
    'genetic(population = 12, mutation = 0.2)',
  ];

  for (const method of methods) {
    it(`${method} never gets worse, and a good deal better`, async () => {
      const run = await runOf(valley(`optimizer = ${method}; steps = 200`));
      const losses = stepsOf(run).map(step => step.loss);
      assert.ok(losses.every((loss, i) => i === 0 || loss <= losses[i - 1]!));
      assert.ok(run.finish().training.loss < 0.05 * losses[0]!, `${run.finish().training.loss}`);
    });

    it(`${method} gives the same bits for the same seed, and others for another`, async () => {
      const figures = async (seed: number): Promise<unknown> => {
        const run = await runOf(moons(`optimizer = ${method}; batch = 32; epochs = 4; seed = ${seed}`));
        return [eventsOf(run), [...run.parameters().values()].map(values => [...values])];
      };
      const [first, second, other] = [await figures(0), await figures(0), await figures(1)];
      assert.deepEqual(first, second);
      assert.notDeepEqual(first, other);
    });
  }

  it('pass over parameters where the loss is not a number', async () => {
    const run = await runOf(
      'param w = 1\nloss = sqrt(w)\ntrain loss { optimizer = local_search(scale = 1); steps = 50 }',
    );
    const losses = stepsOf(run).map(step => step.loss);
    assert.ok(losses.every(Number.isFinite));
    assert.ok(losses.at(-1)! < 1);
  });

  it('leave fixed parameters as they are', async () => {
    const run = await runOf(`
param a = 2
param b = 3
loss = a ** 2 + b ** 2
train loss { optimizer = genetic(4, 0.5); steps = 20; params = [b] }`);
    stepsOf(run);
    assert.equal(run.parameters().get('a')![0], 2);
    assert.ok(run.parameters().get('b')![0]! < 3);
  });

  it('have no gradients to clip and no rate to schedule', async () => {
    const clip = valley('optimizer = local_search(1); clip_norm = 1');
    await assert.rejects(modelOf(clip), /local_search has no gradients that clip_norm could limit/);
    const schedule = valley('optimizer = genetic(4, 1); schedule = exponential(0.9)');
    await assert.rejects(modelOf(schedule), /genetic has no learning rate that a schedule could multiply/);
  });

  it('need their settings', async () => {
    const lonely = valley('optimizer = genetic(1, 0.1)');
    await assert.rejects(modelOf(lonely), /a population has at least 2 members/);
    const half = valley('optimizer = random_search(2.5, 1)');
    await assert.rejects(modelOf(half), /samples is a whole number from 1/);
  });
});

describe('schedules', () => {
  const rates = async (schedule: string, steps: number): Promise<number[]> => {
    const run = await runOf(valley(`optimizer = sgd(lr = 0.5); steps = ${steps}; schedule = ${schedule}`));
    return Array.from({ length: steps }, () => {
      const { learningRate } = run;
      run.next();
      return learningRate;
    });
  };

  it('multiply the rate by the number of updates made so far', async () => {
    assert.deepEqual(await rates('step(2, gamma = 0.5)', 5), [0.5, 0.5, 0.25, 0.25, 0.125]);
    assert.deepEqual(await rates('warmup(4)', 5), [0.125, 0.25, 0.375, 0.5, 0.5]);
    assert.deepEqual(await rates('1 / (1 + k)', 3), [0.5, 0.25, 0.5 / 3]);
    assert.deepEqual(await rates('constant()', 2), [0.5, 0.5]);
    assert.deepEqual(await rates('exponential(0.5)', 3), [0.5, 0.25, 0.125]);
    // At its end a cosine stays.
    assert.deepEqual((await rates('cosine(2, min = 0.5)', 5)).slice(2), [0.25, 0.25, 0.25]);
    assert.deepEqual(await rates('where(k < 2, 1, 0.5)', 3), [0.5, 0.5, 0.25]);
  });

  it('multiply a rate that is set by hand, too, and epochs carry it', async () => {
    const run = await runOf(moons('batch = full; epochs = 3; schedule = exponential(0.5)'));
    const seen: number[] = [];
    for (let event = run.next(); event; event = run.next()) {
      if (event.kind !== 'epoch') continue;
      seen.push(event.learningRate);
      run.learningRate = 1;
    }
    assert.deepEqual(seen, [0.01, 0.5, 0.25]);
  });

  it('let k be a name of the file', async () => {
    const model = await modelOf(
      `k = 3\nparam w = 1\nloss = k * w ** 2\ntrain loss { schedule = 1 / (1 + k) }\n`,
    );
    assert.ok(model.model.trainings[0]!.schedule);
  });

  it('are scalars of k and constants', async () => {
    await assert.rejects(modelOf(valley('schedule = p[0] * k')), /depends on more than k and numbers known/);
    await assert.rejects(modelOf(valley('schedule = [k, k]')), /has shape \[2\]; a schedule is a scalar/);
    await assert.rejects(modelOf(valley('schedule = step(0)')), /size is a whole number from 1/);
    await assert.rejects(modelOf(valley('schedule = cosine()')), /total/);
  });
});

describe('keys of training', () => {
  const penalised = (penalty: string): string => `
data d = linear(n = 40, features = 3, seed = 1)
input x : [N, 3] = d[:, 0:3]
input y : [N] = d[:, 3]
param w : [3] ~ normal()
loss = mse(x @ w, y)${penalty}
train loss { optimizer = sgd(lr = 0.1); batch = full; steps = 200 }
`;
  const weights = async (penalty: string): Promise<number> => {
    const run = await runOf(penalised(penalty));
    stepsOf(run);
    return run
      .parameters()
      .get('w')!
      .reduce((sum, w) => sum + Math.abs(w), 0);
  };

  it('train one example at a time', async () => {
    const run = await runOf(moons('batch = 1; epochs = 2; optimizer = sgd(lr = 0.05)'));
    const steps = stepsOf(run);
    assert.equal(steps.length, 160);
    assert.ok(run.finish().training.loss < 0.6);
  });

  it('let penalties in the loss shrink the weights', async () => {
    const plain = await weights('');
    assert.ok((await weights(' + 0.5 * l2(w)')) < plain);
    assert.ok((await weights(' + 0.5 * l1(w)')) < plain);
  });
});
