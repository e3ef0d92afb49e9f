import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { Source } from '../../../src/language/source';
import { analyzeText } from '../../../src/language/text';
import { onnxRuntime } from '../../../src/runtime/onnx/runtime';
import type { Backend } from '../../../src/training/executor';
import { EngineClient } from '../../../src/worker/engineClient';
import { isCancelled } from '../../../src/worker/engineError';
import type { RunOutcome } from '../../../src/worker/protocol';
import { Installation } from '../../support/installation';
import { images } from '../../support/nets';
import { runOf } from '../training/models';

/** A document of the editor, trained in its worker. */
async function opened(engine: EngineClient, uri: string, text: string): Promise<void> {
  const { file } = analyzeText(new Source(uri, text));
  const document = { uri, version: 1, path: `/${uri}`, text, file, trusted: true };
  await engine.call({ kind: 'analyze', document, values: false });
}

function train(engine: EngineClient, uri: string, backend: Backend): Promise<RunOutcome> {
  const run = { runId: `${uri} ${backend}`, paused: false, executor: { backend, threads: 2 } };
  return engine.call({ kind: 'train', uri, version: 1, run });
}

const threads = (): number => (process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0);

async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    assert.ok(performance.now() < end, what);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

describe('the worker of the editor, with the native library', function () {
  this.timeout(120_000);
  let at: Installation;
  const clients: EngineClient[] = [];
  const client = (): EngineClient => {
    const engine = new EngineClient({ script: at.path('dist', 'engineWorker.js') });
    clients.push(engine);
    return engine;
  };

  before(function () {
    if ('missing' in onnxRuntime()) return this.skip();
    at = new Installation('installed');
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map(engine => engine.dispose()));
  });
  after(() => at?.remove());

  it('runs two trainings at once, each to where it comes alone', async () => {
    const engine = client();
    const text = images(48, 4, 'batch = 16; epochs = 3');
    await opened(engine, 'native.nabla', text);
    await opened(engine, 'own.nabla', text);
    const pair = () => [train(engine, 'native.nabla', 'onnx'), train(engine, 'own.nabla', 'js')];
    const together = await Promise.all(pair());
    const alone = [await train(engine, 'native.nabla', 'onnx'), await train(engine, 'own.nabla', 'js')];
    together.forEach((outcome, i) => {
      assert.deepEqual([outcome.phase, outcome.steps], ['finished', 9]);
      assert.equal(outcome.loss, alone[i]!.loss);
    });
    const inProcess = await runOf(text, { executor: { backend: 'js' } });
    while (inProcess.next());
    const { loss } = inProcess.finish().training;
    for (const outcome of together) assert.ok(Math.abs(outcome.loss! - loss) < 1e-3 * Math.abs(loss));
  });

  for (const end of ['dispose', 'restart'] as const) {
    it(`comes to rest when it is ended in the middle of a native step (${end}), with no thread left`, async () => {
      const before = threads();
      const engine = client();
      let steps = 0;
      engine.onEvent(event => {
        if (event.kind === 'progress') steps = Math.max(steps, event.step);
      });
      await opened(engine, 'slow.nabla', images(512, 32, 'batch = full; steps = 500'));
      const outcome = train(engine, 'slow.nabla', 'onnx').catch((error: unknown) => error);
      await until(() => steps > 0, 'no step was made');
      await engine[end]();
      assert.ok(isCancelled(await outcome));
      // That this process still runs is the point: ending the thread inside the library would take it along.
      await until(() => threads() <= before + 1, `${threads()} threads, and ${before} before`);
    });
  }
});
