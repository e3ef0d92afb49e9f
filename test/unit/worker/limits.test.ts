import assert from 'node:assert/strict';
import { onnxRuntime } from '../../../src/runtime/onnx/runtime';
import type { Backend } from '../../../src/training/executor';
import { createEngine, type Engine } from '../../../src/worker/handler';
import type { Analysis, RunOutcome } from '../../../src/worker/protocol';

/** What the editor asks about a model of a text. */
class Editor {
  readonly engine: Engine = createEngine(() => {});

  async analyze(text: string): Promise<Analysis> {
    const document = { uri: 'm', version: 1, path: '/m.nabla', text, trusted: true };
    return (await this.engine.handle({ kind: 'analyze', document, values: true }, () => false)) as Analysis;
  }

  async train(backend: Backend): Promise<RunOutcome> {
    const run = { runId: backend, paused: false, executor: { backend } };
    return (await this.engine.handle(
      { kind: 'train', uri: 'm', version: 1, run },
      () => false,
    )) as RunOutcome;
  }
}

const small = 'param w = 1.0\nloss = (w - 2) ** 2\ntrain loss { steps = 3 }\n';

describe('a model beyond the machine in the editor', function () {
  this.timeout(60_000);

  it('is marked where it takes too much memory, and the next one has values', async () => {
    const editor = new Editor();
    const { diagnostics, evaluated } = await editor.analyze(
      'param a = 1.0\nparam w : [1000000, 1000000] ~ zeros()\nloss = a * sum(w)\n',
    );
    assert.equal(evaluated, false);
    const [found, ...others] = diagnostics.filter(({ code }) => code === 'memory');
    assert.deepEqual(others, []);
    assert.match(
      found!.message,
      /^the model needs .* of memory, .* \(w\)\. Use fewer rows, or smaller layers$/,
    );
    assert.equal(found!.span.start, 'param a = 1.0\n'.length);
    assert.equal((await editor.analyze(small)).evaluated, true);
  });

  it('is marked where it takes operations without end', async () => {
    const editor = new Editor();
    const { diagnostics } = await editor.analyze('s = sum(zeros([900000, 900000]))\n');
    const found = diagnostics.find(({ code }) => code === 'memory');
    assert.match(
      found!.message,
      /^the model takes 8\.1e11 operations for one value, .* \(s\)\. Use smaller sizes$/,
    );
    assert.equal(found!.span.start, 4);
    assert.equal((await editor.analyze(small)).evaluated, true);
  });

  for (const backend of ['js', 'onnx'] as const) {
    it(`is not trained when its batch needs too much memory (${backend}), and the next one is`, async function () {
      if (backend === 'onnx' && 'missing' in onnxRuntime()) this.skip();
      const editor = new Editor();
      // Values are shown of a few rows, which is nothing; a step of all rows would hold terabytes.
      await editor.analyze(
        [
          'data d = blobs(n = 100000, classes = 4, features = 2)',
          'input x : [N, 2] = d[:, 0:2]',
          'h = dense(x, 100000, act = tanh)',
          'loss = mean(dense(h ** 2, 1) ** 2)',
          'train loss { batch = full; steps = 2 }',
          '',
        ].join('\n'),
      );
      const start = performance.now();
      await assert.rejects(
        editor.train(backend),
        /the model needs .* of memory, .* Use fewer rows, or smaller layers$/,
      );
      assert.ok(performance.now() - start < 20_000, 'refused before it is computed');
      await editor.analyze(small);
      const outcome = await editor.train(backend);
      assert.deepEqual([outcome.phase, outcome.steps], ['finished', 3]);
    });
  }
});
