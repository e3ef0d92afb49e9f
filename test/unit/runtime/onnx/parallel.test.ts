import assert from 'node:assert/strict';
import { mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import esbuild from 'esbuild';
import { compileShares } from '../../../../src/runtime/onnx/parallel/compile';
import { examplesOf } from '../../../../src/runtime/onnx/parallel/examples';
import { compile, type Program, type ProgramRequest } from '../../../../src/runtime/program';
import { buildStep } from '../../../../src/training/step';
import { modelOf } from '../../training/models';
import { assertNear, fill, runtimeOrSkip } from './convolution';

const root = path.resolve(__dirname, '../../../..');

/** The bundle of the threads, where it finds the library. */
function bundle(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'nabla-shares-'));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const script = path.join(folder, 'shareWorker.js');
  esbuild.buildSync({
    entryPoints: [path.join(root, 'src/runtime/onnx/parallel/shareWorker.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
  return script;
}

type Step = Pick<ProgramRequest, 'outputs'> & Required<Pick<ProgramRequest, 'updates'>>;

/** A training step, with the loss, the metrics and what every parameter becomes as outputs. */
async function stepOf(text: string): Promise<Step> {
  const { model } = await modelOf(text);
  const { loss, metrics, updates } = buildStep(model, model.trainings[0]!);
  const named = model.names.filter(({ name }) => name === 'scores').map(({ node }) => node);
  const targets = updates.map(({ target }) => target);
  return { outputs: [loss, ...metrics.map(({ node }) => node), ...targets, ...named], updates };
}

const NET = `
input image : [N, 3, 8, 8]
input label : [N] int
c1 = max_pool2d(conv(image, 16, 3, act = relu, padding = 1), 2)
c2 = dropout(conv(c1, 8, 3, act = relu, padding = 1), 0.3)
scores = dense(flatten(c2), 10)
loss = cross_entropy(scores, label) + 0.01 * sum(square(scores.W))
train loss { optimizer = sgd(lr = 0.1, momentum = 0.9)
  metrics = [accuracy(scores, label)] }`;

function assertSame(program: Program, step: Step, exact: Program): void {
  for (let turn = 0; turn < 3; turn++) {
    for (const each of [program, exact]) each.run();
    for (const node of step.outputs) {
      assertNear(
        program.buffer(node),
        exact.buffer(node),
        `node ${node.id} (${node.op}) after step ${turn + 1}`,
      );
    }
  }
}

describe('shares of a batch', () => {
  let script: string;
  before(() => {
    script = bundle();
  });

  for (const [threads, chunk] of [
    [1, 4],
    [2, 6],
    [3, 2],
  ] as const) {
    it(`of ${threads} threads, ${chunk} examples at a time, make the steps of the whole`, async function () {
      const runtime = runtimeOrSkip(this);
      const step = await stepOf(NET);
      const request = { ...step, sizes: { N: 12 }, runtime, threads, precision: 32 } as const;
      const program = compileShares(request, { threads, chunk, script });
      assert.ok(program);
      const exact = compile({ ...step, sizes: { N: 12 }, precision: 64 });
      for (const each of [program, exact]) fill(each, false);
      assertSame(program, step, exact);
      program.dispose!();
    });
  }

  it('give the same numbers to the bit every time', async function () {
    const runtime = runtimeOrSkip(this);
    const bits = async (): Promise<number[]> => {
      const step = await stepOf(NET);
      const request = { ...step, sizes: { N: 12 }, runtime, threads: 2, precision: 32 } as const;
      const program = compileShares(request, { threads: 2, chunk: 3, script })!;
      fill(program, false);
      for (let turn = 0; turn < 5; turn++) program.run();
      const numbers = step.outputs.flatMap(node => [...program.buffer(node)]);
      program.dispose!();
      return numbers;
    };
    assert.deepEqual(await bits(), await bits());
  });

  it('are not made where examples depend on each other', async () => {
    const coupled = {
      'batch normalisation': ['h = batch_norm(x)', 'loss = mean(square(h))'],
      'the largest of the batch': ['h = x / max(abs(x))', 'loss = mean(square(h))'],
      'products between examples': ['h = x @ x.T', 'loss = mean(square(h))'],
      'an order of the examples': ['h = cumsum(x, axis = 0)', 'loss = mean(square(h))'],
      'the examples turned around': ['h = x[::-1] * x', 'loss = mean(square(h))'],
      'the mean of the batch': ['h = x - mean(x, axis = 0)', 'loss = mean(square(h))'],
    };
    for (const [what, lines] of Object.entries(coupled)) {
      const text = `input x : [N, 3]\nparam s : [] = 1.5\n${lines.join('\n')} * s\ntrain loss { optimizer = sgd(lr = 1) }`;
      const step = await stepOf(text);
      assert.equal(examplesOf({ ...step, sizes: { N: 4 } }), undefined, what);
    }
    const alone = await stepOf(
      'input x : [N, 3]\nparam s : [] = 1.5\nh = softmax(x) * s\nloss = mean(square(h))\ntrain loss { optimizer = sgd(lr = 1) }',
    );
    assert.ok(examplesOf({ ...alone, sizes: { N: 4 } }));
  });

  it('leave a batch that does not divide, and a thread that does not start, to one session', async function () {
    const runtime = runtimeOrSkip(this);
    const step = await stepOf(NET);
    const request = { ...step, sizes: { N: 12 }, runtime, threads: 2, precision: 32 } as const;
    assert.equal(compileShares(request, { threads: 2, chunk: 5, script }), undefined);
    assert.equal(compileShares(request, { threads: 2, chunk: 6 }), undefined);
  });
});
