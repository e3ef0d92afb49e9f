import assert from 'node:assert/strict';
import path from 'node:path';
import { EngineClient, type EngineClientOptions } from '../../../src/worker/engineClient';
import { EngineError, isCancelled } from '../../../src/worker/engineError';
import type { DocumentText } from '../../../src/worker/protocol';

const script = path.resolve('test/support/unrulyWorker.cjs');
const clients: EngineClient[] = [];

function client(options: Partial<EngineClientOptions> = {}): EngineClient {
  const made = new EngineClient({ script, grace: 1_000, ...options });
  clients.push(made);
  return made;
}

const documentOf = (behaviour: string): DocumentText => ({
  uri: behaviour,
  version: 1,
  path: `/${behaviour}.nabla`,
  text: behaviour,
  trusted: true,
});

const analyze = (engine: EngineClient, behaviour: string) =>
  engine.call({ kind: 'analyze', document: documentOf(behaviour), values: true });

/** Asks something about the document whose text names the worker's behaviour. */
const ask = (engine: EngineClient, behaviour: string, signal?: AbortSignal) =>
  engine.call({ kind: 'values', uri: behaviour, version: 1 }, signal) as unknown as Promise<{
    echo: string;
    order: string[];
  }>;

const crashed = (error: unknown) => error instanceof EngineError && error.reason === 'crashed';

describe('engine client', () => {
  afterEach(async () => {
    await Promise.all(clients.splice(0).map(made => made.dispose()));
  });

  it('starts the worker at the first request', async () => {
    const engine = client();
    assert.equal(engine.running, false);
    await engine.call({ kind: 'close', uri: 'nothing known' });
    assert.equal(engine.running, false);
    await ask(engine, 'plain');
    assert.equal(engine.running, true);
  });

  it('answers, fails with the sentence of the engine, and ignores a second answer', async () => {
    const engine = client();
    await analyze(engine, 'twice');
    await analyze(engine, 'fail');
    assert.equal((await ask(engine, 'twice')).echo, 'values');
    await assert.rejects(ask(engine, 'fail'), { message: 'no such node', reason: 'failed' });
  });

  it('passes events on', async () => {
    const engine = client();
    const heard: string[] = [];
    engine.onEvent(event => heard.push(event.kind));
    await analyze(engine, 'event');
    await ask(engine, 'event');
    assert.deepEqual(heard, ['log']);
  });

  for (const behaviour of ['exit', 'throw']) {
    it(`reports a worker that dies (${behaviour}) and starts another with the documents`, async () => {
      const engine = client();
      const reasons: string[] = [];
      engine.onDidCrash(reason => reasons.push(reason));
      await analyze(engine, behaviour);
      await analyze(engine, 'late');
      const late = ask(engine, 'late');
      await Promise.all([assert.rejects(late, crashed), assert.rejects(ask(engine, behaviour), crashed)]);
      assert.deepEqual(reasons, [behaviour === 'exit' ? 'exit code 3' : 'thrown outside of any request']);
      assert.deepEqual((await ask(engine, 'late')).order, ['analyze', 'values']);
    });
  }

  it('gives up after three restarts within the window, and says so', async () => {
    const engine = client();
    await analyze(engine, 'exit');
    for (let i = 0; i < 4; i++) await assert.rejects(ask(engine, 'exit'), /stopped unexpectedly/);
    await assert.rejects(ask(engine, 'plain'), /stopped 4 times within 60 seconds/);
    await engine.restart();
    assert.equal((await ask(engine, 'plain')).echo, 'values');
  });

  it('frees the caller of a cancelled request at once', async () => {
    const engine = client();
    await analyze(engine, 'untilCancelled');
    const abort = new AbortController();
    const answer = ask(engine, 'untilCancelled', abort.signal);
    setTimeout(() => abort.abort(), 20);
    await assert.rejects(answer, isCancelled);
    assert.equal((await ask(engine, 'plain')).echo, 'values');
    await assert.rejects(ask(engine, 'plain', abort.signal), isCancelled);
  });

  it('drops an answer that comes after the cancel', async () => {
    const engine = client();
    await analyze(engine, 'late');
    const abort = new AbortController();
    const answer = ask(engine, 'late', abort.signal);
    setTimeout(() => abort.abort(), 20);
    await assert.rejects(answer, isCancelled);
    await ask(engine, 'late');
  });

  it('says when a cancelled request does not end, and restarts on demand', async () => {
    const engine = client({ patience: 50 });
    await analyze(engine, 'hang');
    const stalled = new Promise<void>(resolve => engine.onDidStall(resolve));
    const abort = new AbortController();
    const answer = ask(engine, 'hang', abort.signal);
    setTimeout(() => abort.abort(), 20);
    await assert.rejects(answer, isCancelled);
    await stalled;
    await engine.restart();
    assert.equal((await ask(engine, 'plain')).echo, 'values');
  });

  it('waits for work to end when disposed, and not longer than its grace', async () => {
    const engine = client({ grace: 5_000 });
    await analyze(engine, 'stubborn');
    const cancelled = assert.rejects(ask(engine, 'stubborn'), isCancelled);
    await new Promise(resolve => setTimeout(resolve, 20));
    const before = Date.now();
    await Promise.all([engine.dispose(), cancelled]);
    assert.ok(Date.now() - before > 200, 'it came to rest first');
    await assert.rejects(ask(engine, 'plain'), isCancelled);

    const impatient = client({ grace: 50 });
    await analyze(impatient, 'stubborn');
    const waiting = assert.rejects(ask(impatient, 'stubborn'), isCancelled);
    await new Promise(resolve => setTimeout(resolve, 20));
    const start = Date.now();
    await Promise.all([impatient.dispose(), waiting]);
    assert.ok(Date.now() - start < 300);
  });
});
