import assert from 'node:assert/strict';
import { evaluate } from '../../../src/runtime/evaluate';
import { type Checkpoint, CheckpointMismatch } from '../../../src/training/checkpoint';
import { Run } from '../../../src/training/run';
import { eventsOf, modelOf, runOf } from './models';

const moons = (keys: string, units = 5): string => `
data d = moons(n = 40, noise = 0.1, seed = 3)
input x : [N, 2] = standardize(d[:, 0:2])
input y : [N] int = d[:, 2]
h = dropout(dense(x, ${units}, act = tanh), p = 0.3)
score = dense(batch_norm(h), 2)
loss = cross_entropy(score, y)
train loss { metrics = [accuracy(score, y)]; ${keys} }
`;

const valley = (keys: string): string => `
param p = [3, -2]
loss = (p[0] - 1) ** 2 + 4 * (p[1] + p[0] ** 2) ** 2
train loss { ${keys} }
`;

/** The events and the parameters at the end. */
function story(run: Run, told: unknown[] = []): unknown[] {
  const events = [...told, ...eventsOf(run)];
  return [...events, run.finish(), [...run.parameters()].map(([path, data]) => [path, [...data]])];
}

/** Takes so many events, then goes on in another run of the same text from what a checkpoint holds. */
async function interrupted(text: string, after: number, hands?: (run: Run) => void): Promise<unknown[]> {
  const first = await runOf(text);
  const told = Array.from({ length: after }, () => first.next());
  hands?.(first);
  const checkpoint = first.checkpoint();
  // What the first run does from now on must not reach the checkpoint.
  first.next();
  first.next();
  return story(await runOf(text, { resume: checkpoint }), told);
}

describe('a run that is taken up again', function () {
  this.timeout(60_000); // every point of a run is gone on from, each with programs of its own
  const cases: Readonly<Record<string, string>> = {
    'adam, schedule, dropout, batch norm, shuffled batches': moons(
      'optimizer = adam(lr = 0.05); schedule = cosine(20, min = 0.1); batch = 12; epochs = 4; split = 0.8',
    ),
    'drop_last and momentum': moons(
      'optimizer = sgd(lr = 0.1, momentum = 0.9); batch = 12; epochs = 4; drop_last = true; clip_norm = 0.5',
    ),
    'steps that end in an epoch': moons(
      'optimizer = rmsprop(lr = 0.01, centered = true); batch = 16; steps = 11',
    ),
    'early stopping': moons(
      'optimizer = adamw(lr = 0.3); batch = 16; epochs = 12; split = 0.6; early_stop = 2',
    ),
    'a genetic algorithm': moons('optimizer = genetic(6, 0.3); batch = 16; epochs = 3'),
    'local search': moons('optimizer = local_search(0.3); batch = 16; epochs = 3'),
    'L-BFGS': valley('optimizer = lbfgs(history = 3); steps = 12; precision = 64'),
    "Newton's method": valley('optimizer = newton(damping = 0.1); steps = 8; precision = 64'),
    'a condition on values, whose branches train different parameters': `
param a = 3
param b = -2
loss = 0.1 * a ** 2 + (a ** 2 if a > b + 4.9 else (b + 1) ** 2)
train loss { optimizer = adam(lr = 0.05); steps = 14 }`,
    'two blocks': `${moons('optimizer = adam(lr = 0.05); batch = 16; epochs = 2; split = 0.8')}
train loss { optimizer = sgd(lr = 0.1); batch = 20; epochs = 2 }`,
  };

  for (const [name, text] of Object.entries(cases)) {
    it(`goes on bit for bit wherever it stood: ${name}`, async () => {
      const whole = story(await runOf(text));
      const events = whole.length - 2;
      // An odd stride meets every place of an epoch.
      for (let after = 0; after <= events; after += 3) {
        assert.deepEqual(await interrupted(text, after), whole, `after ${after} events`);
      }
    });
  }

  it('keeps a learning rate that was set by hand', async () => {
    const text = moons('optimizer = sgd(lr = 0.1); batch = 16; epochs = 3; schedule = exponential(0.9)');
    const change = (run: Run): void => {
      run.learningRate = 0.7;
    };
    const whole = await runOf(text);
    const told = Array.from({ length: 4 }, () => whole.next());
    change(whole);
    assert.deepEqual(await interrupted(text, 4, change), story(whole, told));
  });

  it('keeps its seed', async () => {
    const text = moons('batch = 16; epochs = 2');
    const whole = story(await runOf(text, { seed: 9 }));
    const first = await runOf(text, { seed: 9 });
    const told = [first.next(), first.next()];
    assert.deepEqual(story(await runOf(text, { resume: first.checkpoint() }), told), whole);
  });

  it('can go on for longer than the first was to last', async () => {
    const text = moons('optimizer = adam(lr = 0.05); batch = 16');
    const whole = story(await runOf(text, { steps: 20 }));
    const first = await runOf(text, { steps: 9 });
    const told = eventsOf(first);
    const resume = first.checkpoint();
    assert.deepEqual(story(await runOf(text, { steps: 20, resume }), told), whole);
  });

  describe('refuses a checkpoint', () => {
    const keys = 'optimizer = adam(lr = 0.05); batch = 16; epochs = 1';
    const refused = async (text: string, resume: Checkpoint): Promise<string> => {
      const { model, tables } = await modelOf(text);
      try {
        new Run(model, tables, { evaluate, resume });
      } catch (error) {
        if (error instanceof CheckpointMismatch) return error.message;
        throw error;
      }
      return 'it fits';
    };

    it('of other tensors, naming those that differ', async () => {
      const checkpoint = (await runOf(moons(keys))).checkpoint();
      assert.match(
        await refused(moons(keys, 7), checkpoint),
        /^the checkpoint does not fit the model: h\.W is \[2, 5\], and the model's is \[2, 7\]; /,
      );
      const parameters = new Map(checkpoint.tensors.parameters);
      const [[path, tensor]] = [...parameters] as [[string, { shape: number[]; data: Float64Array }]];
      parameters.delete(path);
      parameters.set('other', tensor);
      assert.equal(
        await refused(moons(keys), { ...checkpoint, tensors: { ...checkpoint.tensors, parameters } }),
        `the checkpoint does not fit the model: ${path} [${tensor.shape.join(', ')}] is missing; other is surplus`,
      );
    });

    it('of another optimiser, or of other settings that keep other tensors', async () => {
      const checkpoint = (await runOf(moons(keys))).checkpoint();
      assert.equal(
        await refused(moons('optimizer = sgd(lr = 0.05)'), checkpoint),
        "the checkpoint is of training with adam, and the file's is sgd",
      );
      assert.match(
        await refused(moons('optimizer = adam(amsgrad = true)'), checkpoint),
        /does not fit the optimiser: max_exp_avg_sq:\S+ \[[\d, ]+\] is missing/,
      );
    });
  });
});

describe('early stopping', () => {
  const text = (keys: string): string => moons(`batch = full; split = 0.5; ${keys}`);

  it('ends after so many epochs without a better validation loss, and restores the best', async () => {
    const run = await runOf(text('optimizer = sgd(lr = 30); epochs = 200; early_stop = 3'));
    const epochs: number[] = [];
    const kept: (readonly number[])[] = [];
    for (let event = run.next(); event; event = run.next()) {
      if (event.kind !== 'epoch') continue;
      epochs.push(event.validationLoss!);
      kept.push([...run.parameters().values()].flatMap(values => [...values]));
    }
    const best = epochs.indexOf(Math.min(...epochs));
    assert.equal(epochs.length, best + 1 + 3);
    assert.ok(epochs.length < 200);
    const { validation } = run.finish();
    assert.equal(validation!.loss, epochs[best]);
    assert.deepEqual(
      [...run.parameters().values()].flatMap(values => [...values]),
      kept[best],
    );
  });

  it('restores the best when the epochs are over first', async () => {
    const run = await runOf(text('optimizer = sgd(lr = 30); epochs = 6; early_stop = 100'));
    const losses = eventsOf(run).flatMap(event => (event.kind === 'epoch' ? event.validationLoss! : []));
    assert.equal(losses.length, 6);
    assert.equal(run.finish().validation!.loss, Math.min(...losses));
  });

  it('needs rows to validate on', async () => {
    await assert.rejects(modelOf(moons('early_stop = 3')), /no row validates: write split = 0.8/);
    await assert.rejects(modelOf(valley('early_stop = 3')), /no row validates/);
    await assert.rejects(modelOf(text('early_stop = 0')), /early_stop is a whole number from 1/);
  });
});
