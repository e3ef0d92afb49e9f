import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { evaluate } from '../../../src/runtime/evaluate';
import { compileOnnx } from '../../../src/runtime/onnx/program';
import { onnxRuntime } from '../../../src/runtime/onnx/runtime';
import { UnsupportedByOnnx } from '../../../src/runtime/onnx/unsupported';
import { Dataset } from '../../../src/training/dataset';
import type { ExecutorRequest } from '../../../src/training/executor';
import type { StepResult } from '../../../src/training/results';
import { buildStep } from '../../../src/training/step';
import { eventsOf, modelOf, runOf } from './models';

const needsOnnx = (context: Mocha.Context): void => {
  if ('missing' in onnxRuntime()) context.skip();
};

/** 64 rows, four classes, with the keys of `train`. */
const net = (keys: string, units = 40): string => `
data d = blobs(n = 64, classes = 4, features = 12)
input x : [N, 12] = d[:, 0:12]
input y : [N] int = d["label"]
scores = dense(dense(x, ${units}, act = tanh), 4)
train cross_entropy(scores, y) { optimizer = adam(lr = 0.01); ${keys} }
`;

const convolutional = (keys: string, rows = 64): string => `
data d = blobs(n = ${rows}, classes = 4, features = 144)
input p : [N, 144] = d[:, 0:144]
input y : [N] int = d["label"]
c = conv(reshape(p, [N, 1, 12, 12]), 4, 3, padding = 1, act = relu)
train cross_entropy(dense(flatten(max_pool2d(c, 2)), 4), y) { optimizer = adam(lr = 0.01); ${keys} }
`;

async function trained(text: string, executor: ExecutorRequest) {
  const run = await runOf(text, { executor });
  try {
    const events = eventsOf(run);
    const steps = events.filter((event): event is StepResult => event.kind === 'step');
    return { steps, losses: events.map(({ loss }) => loss), executor: run.executor, end: run.finish() };
  } finally {
    run.dispose();
  }
}

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => {
    const tolerance = 2e-4 * Math.max(1e-2, Math.abs(expected[i]!));
    assert.ok(Math.abs(value - expected[i]!) <= tolerance, `${i}: ${value}, not ${expected[i]}`);
  });
}

describe('batches that do not come out even', function () {
  this.timeout(60_000);
  beforeEach(function () {
    needsOnnx(this);
  });

  const cases: readonly (readonly [string, string, number])[] = [
    ['the last batch of an epoch is smaller', net('batch = 24; epochs = 2; split = 0.8'), 2],
    ['there are fewer rows than a batch', net('batch = 1000; steps = 4'), 2],
    ['a batch is one row', net('batch = 1; steps = 9'), 2],
    ['the last batch is one row', net('batch = 21; epochs = 2'), 2],
    ['a batch of images is odd', convolutional('batch = 33; epochs = 2'), 2],
    ['two rows go to three threads', convolutional('batch = 2; steps = 3'), 3],
    ['there is one image', convolutional('batch = full; steps = 3', 1), 2],
    ['there are many more threads than cores', convolutional('batch = 32; steps = 3'), 16],
  ];
  for (const [what, text, threads] of cases) {
    it(`are trained alike when ${what}`, async () => {
      const own = await trained(text, { backend: 'js' });
      const other = await trained(text, { backend: 'onnx', threads });
      assert.equal(other.executor.backend, 'onnx');
      assertClose(other.losses, own.losses);
      assertClose([other.end.training.loss], [own.end.training.loss]);
    });
  }
});

describe('threads and native memory', function () {
  this.timeout(60_000);

  it('are not begun with where the shares of a batch would hold too much between their operations', async function () {
    const runtime = onnxRuntime();
    if ('missing' in runtime) return this.skip();
    const { model, tables } = await modelOf(convolutional('batch = full'));
    const [training] = model.trainings;
    const data = Dataset.build(model, tables, training!, evaluate);
    const { loss, updates } = buildStep(model, training!);
    const request = {
      outputs: [loss],
      updates,
      sizes: data.sizes(64),
      precision: 32,
      runtime,
      threads: 2,
    } as const;
    const program = compileOnnx(request);
    program.dispose?.();
    assert.ok(program.bytes > 400_000, `${program.bytes} bytes`);
    assert.throws(() => compileOnnx({ ...request, memoryLimit: 200_000 }), UnsupportedByOnnx);
  });

  it('are let go of when another block or another path takes over', async function () {
    const runtime = onnxRuntime();
    if ('missing' in runtime) return this.skip();
    let alive = 0;
    const { session } = runtime;
    const counting: typeof session = (model, settings) => {
      const made = session(model, settings);
      alive++;
      const dispose = (): void => {
        alive--;
        made.dispose();
      };
      return { run: (feeds, fetches) => made.run(feeds, fetches), dispose };
    };
    Object.assign(runtime, { session: counting });
    try {
      const block = 'train cross_entropy(scores, y) { batch = 16; epochs = 1 }\n';
      const blocks = await runOf(`${net('epochs = 1')}${block.repeat(4)}`, { executor: { backend: 'onnx' } });
      const first = alive;
      let most = 0;
      while (blocks.next()) most = Math.max(most, alive);
      assert.ok(first > 0 && most <= first + 3, `${first} sessions at first, ${most} at most`);
      blocks.dispose();
      assert.equal(alive, 0);
      const branches = `param w = 8.0\nloss = w ** 2\nif w > 4 { loss = 3 * w ** 2 }\ntrain loss { optimizer = sgd(lr = 0.05); steps = 20 }\n`;
      const paths = await runOf(branches, { executor: { backend: 'onnx' } });
      eventsOf(paths);
      paths.dispose();
      assert.equal(alive, 0);
    } finally {
      Object.assign(runtime, { session });
    }
  });
});

describe('a processor without kernels for blocks of channels', function () {
  this.timeout(60_000);
  beforeEach(function () {
    needsOnnx(this);
  });

  it('trains nets with convolutions to the same losses', () => {
    const text = convolutional('batch = 32; epochs = 2').replace('4, 3, pad', '16, 3, pad');
    const losses = (how: string) => {
      const script = resolve(__dirname, '../../support/withoutBlocks.ts');
      const args = ['--import', 'tsx', script, text, how];
      const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      assert.equal(stderr, '');
      return JSON.parse(stdout) as { losses: number[]; blocked: number; backend: string };
    };
    const [without, having] = [losses('refuse'), losses('allow')];
    assert.deepEqual([without.backend, having.backend], ['onnx', 'onnx']);
    assert.equal(without.blocked, 1, 'asked once, and none after the answer');
    assertClose(without.losses, having.losses);
  });
});

describe('operations that ONNX Runtime lacks', function () {
  this.timeout(60_000);
  beforeEach(function () {
    needsOnnx(this);
  });

  it('leave the step to it where a metric alone needs them', async () => {
    const metrics = [
      'accuracy(scores, y)',
      'sum(sort(scores[:, 0])[0:3])',
      'mean(float(argsort(scores[:, 1])) * scores[:, 1])',
    ];
    const text = net(`batch = 24; epochs = 2; split = 0.8; metrics = [${metrics.join(', ')}]`);
    const own = await trained(text, { backend: 'js' });
    const other = await trained(text, { backend: 'onnx', threads: 2 });
    assert.equal(other.executor.backend, 'onnx');
    assert.equal(other.executor.warning, undefined);
    const figures = ({ steps, end }: typeof own) =>
      [...steps.map(step => step.metrics), end.training.metrics, end.validation!.metrics].flatMap(each =>
        Object.values(each),
      );
    assert.equal(figures(own).length, 3 * (own.steps.length + 2));
    assertClose(figures(other), figures(own));
  });

  it('leave all to our own code where a metric needs what the step updates', async () => {
    const text = net('steps = 2; metrics = [sum(sort(scores.b)[0:2])]');
    const other = await trained(text, { backend: 'onnx' });
    assert.equal(other.executor.backend, 'js');
    assert.match(other.executor.warning!, /^the onnx backend cannot run these steps, .*argsort/);
    const own = await trained(text, { backend: 'js' });
    assert.deepEqual(
      other.steps.map(step => step.metrics),
      own.steps.map(step => step.metrics),
    );
  });

  for (const [op, loss] of [
    ['solve', 'sum(solve([[2.0, 1], [1, 3]] * w[0] ** 2, w) ** 2)'],
    ['argsort', 'sum(sort(w) * [1, 2])'],
    ['numeric_gradient', 'sum(numeric_grad(sum(w ** 3), w) ** 2)'],
  ] as const) {
    it(`leave all to our own code where the loss needs ${op}, and say so once`, async () => {
      const text = `param w = [1.5, 2.5]\nloss = ${loss}\ntrain loss { steps = 3 }`;
      const { steps, executor } = await trained(text, { backend: 'onnx' });
      assert.equal(executor.backend, 'js');
      assert.deepEqual(
        steps.map(({ warning }) => warning !== undefined),
        [true, false, false],
      );
      assert.match(steps[0]!.warning!, new RegExp(op));
      assert.ok(!steps[0]!.warning!.includes('\n'));
      const auto = await trained(text, { backend: 'auto' });
      assert.equal(auto.steps[0]!.warning, undefined);
    });
  }
});
