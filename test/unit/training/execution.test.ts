import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { evaluate } from '../../../src/runtime/evaluate';
import { onnxRuntime } from '../../../src/runtime/onnx/runtime';
import { type ExecutorRequest, estimate } from '../../../src/training/executor';
import { Run, type RunOptions } from '../../../src/training/run';
import { eventsOf, modelOf, runOf } from './models';

/** A hidden layer of so many units over 64 rows of 100 numbers. */
const net = (units: number, keys = ''): string => `
data d = blobs(n = 64, classes = 4, features = 100)
input x : [N, 100] = d[:, 0:100]
input y : [N] int = d["label"]
loss = cross_entropy(dense(dense(x, ${units}, act = tanh), 4), y)
train loss { optimizer = adam(lr = 0.001); batch = 24; epochs = 2${keys} }
`;

async function executorOf(text: string, executor?: ExecutorRequest) {
  const run = await runOf(text, executor ? { executor } : {});
  const [first] = eventsOf(run);
  const warning = first!.kind === 'step' ? first!.warning : undefined;
  run.dispose();
  return { ...run.executor, warning };
}

describe('what runs the steps', () => {
  it('is our own code for a small net and ONNX Runtime for a large one', async () => {
    assert.equal((await executorOf(net(8))).backend, 'js');
    const large = await executorOf(net(2000));
    assert.equal(large.backend, 'onnx');
    assert.match(large.reason, /million products .* are worth it/);
    assert.equal(large.warning, undefined);
  });

  it('is what was asked for', async () => {
    assert.equal((await executorOf(net(2000), { backend: 'js' })).backend, 'js');
    const { backend, threads } = await executorOf(net(8), { backend: 'onnx', threads: 1 });
    assert.deepEqual([backend, threads], ['onnx', 1]);
  });

  it('is our own code, with a warning, where the other cannot be', async () => {
    const wide = await executorOf(net(8, '; precision = 64'), { backend: 'onnx' });
    assert.equal(wide.backend, 'js');
    assert.match(wide.warning!, /the onnx backend cannot run these steps, .*64-bit/);
    const solving = `param w = [1.0, 2]\nloss = sum(solve([[2.0, 1], [1, 3]] * w[0] ** 2, w) ** 2)\ntrain loss { steps = 2 }`;
    const lacking = await executorOf(solving, { backend: 'onnx' });
    assert.equal(lacking.backend, 'js');
    assert.match(lacking.warning!, /solve/);
  });

  it('warns once a run, one that is taken up again included', async () => {
    const wide = net(8, '; precision = 64');
    const executor = { backend: 'onnx' } as const;
    const first = await runOf(wide, { executor });
    first.next();
    const rest = await runOf(wide, { executor, resume: first.checkpoint() });
    const warnings = eventsOf(rest).filter(event => event.kind === 'step' && event.warning !== undefined);
    assert.equal(warnings.length, 1);
  });

  it('is decided by estimates that grow with the work', () => {
    const work = { products: 1e6, convolved: 0, convolutions: 0, numbers: 1e4, operations: 20 };
    const [less, more] = [estimate(work, 2), estimate({ ...work, products: 1e8 }, 2)];
    assert.ok(less.js < less.onnx);
    assert.ok(more.js > more.onnx);
    assert.ok(estimate({ ...work, products: 1e8 }, 4).onnx < more.onnx);
    const small = { ...work, products: 5e6, numbers: 1e6 };
    const convolution = { ...small, convolved: 5e6, convolutions: 3 };
    assert.ok(estimate(small, 1).onnx < estimate(small, 1).js);
    assert.ok(estimate(convolution, 1).onnx > estimate(convolution, 1).js);
  });
});

/** Losses of the first events, the parameters then, and by whom. */
async function course(file: string, executor: ExecutorRequest) {
  const { model, tables } = await modelOf(readFileSync(file, 'utf8'), dirname(file));
  if (model.trainings.length === 0 || model.parameters.length === 0) return undefined;
  const options: RunOptions = { evaluate, executor, steps: 12 };
  const run = new Run(model, tables, options);
  const losses = eventsOf(run).map(event => event.loss);
  const parameters = run.parameters();
  run.dispose();
  return { losses, parameters, backend: run.executor.backend };
}

describe('the same model on both executors', function () {
  this.timeout(60_000);
  const folder = resolve(__dirname, '../../../examples');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.nabla'))
    .sort();
  let compared = 0;

  before(function () {
    if ('missing' in onnxRuntime()) this.skip();
  });

  for (const file of files) {
    it(`${file} has the same losses`, async () => {
      const path = join(folder, file);
      const own = await course(path, { backend: 'js' });
      const other = own && (await course(path, { backend: 'onnx', threads: 2 }));
      if (!own || !other || other.backend !== 'onnx') return;
      compared++;
      assert.equal(other.losses.length, own.losses.length);
      own.losses.forEach((loss, i) => {
        const tolerance = 1e-4 * Math.max(1e-3, Math.abs(loss));
        assert.ok(Math.abs(other.losses[i]! - loss) <= tolerance, `${i}: ${other.losses[i]}, not ${loss}`);
      });
    });
  }

  it('is what most examples were compared by', () => {
    assert.ok(compared >= 12, `${compared} examples ran on ONNX Runtime`);
  });
});
