import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, type Engine } from '../../../src/worker/handler';
import type { Event, RunOutcome, RunRequest } from '../../../src/worker/protocol';

const text = `
data d = moons(n = 40, noise = 0.1, seed = 3)
input x : [N, 2] = d[:, 0:2]
input y : [N] int = d[:, 2]
score = dense(dropout(dense(x, 6, act = tanh), p = 0.2), 2)
train cross_entropy(score, y) { optimizer = adam(lr = 0.1); batch = 8; epochs = 4 }
`;

describe('a training on the worker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nabla-session-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function engineWith(model: string, heard: Event[] = []): Promise<Engine> {
    const engine = createEngine(event => heard.push(event));
    const document = { uri: 'm', version: 1, path: join(folder, 'm.nabla'), text: model, trusted: true };
    await engine.handle({ kind: 'analyze', document, values: false }, () => false);
    return engine;
  }

  const train = async (engine: Engine, run: RunRequest): Promise<RunOutcome> =>
    (await engine.handle({ kind: 'train', uri: 'm', version: 1, run }, () => false)) as RunOutcome;

  /** The losses of all steps, as they were sent. */
  const losses = (heard: readonly Event[]): Map<number, number> =>
    new Map(
      heard.flatMap(event =>
        event.kind === 'progress' ? event.steps.map((step, i) => [step, event.losses[i]!] as const) : [],
      ),
    );

  it('begins beside another in the same folder of runs', async () => {
    const engine = await engineWith(text);
    const runs = Array.from({ length: 6 }, (_, i) => ({
      runId: `${i}`,
      paused: false,
      folder: join(folder, '.nabla', 'runs', `${i}`),
    }));
    const outcomes = await Promise.all(runs.map(run => train(engine, run)));
    assert.deepEqual(
      outcomes.map(({ phase }) => phase),
      runs.map(() => 'finished'),
    );
  });

  it('needs a parameter', async () => {
    const engine = await engineWith('x = 2\nloss = x ** 2\n');
    await assert.rejects(
      train(engine, { runId: 'r', paused: false }),
      /^Error: m\.nabla has no parameter to train\.$/,
    );
  });

  it('is taken up again from its folder, in another engine', async () => {
    const whole: Event[] = [];
    await train(await engineWith(text, whole), { runId: 'whole', paused: false });
    const first: Event[] = [];
    const engine = await engineWith(text, first);
    const path = join(folder, 'first');
    const running = train(engine, { runId: 'first', paused: true, folder: path });
    const steer = (kind: 'step' | 'epoch' | 'stop'): Promise<unknown> =>
      engine.handle({ kind: 'steer', runId: 'first', action: { kind } }, () => false);
    const until = async (step: number): Promise<void> => {
      while (
        !first.some(event => event.kind === 'progress' && event.phase === 'paused' && event.step >= step)
      ) {
        await new Promise(resolve => setTimeout(resolve, 5));
      }
    };
    await steer('epoch');
    await until(5);
    await steer('step');
    await until(6);
    await steer('stop');
    assert.equal((await running).phase, 'stopped');
    const second: Event[] = [];
    const outcome = await train(await engineWith(text, second), {
      runId: 'second',
      paused: false,
      folder: join(folder, 'second'),
      from: { runId: 'first', folder: path },
    });
    assert.deepEqual([outcome.phase, outcome.steps], ['finished', 20]);
    assert.deepEqual(new Map([...losses(first), ...losses(second)]), losses(whole));
    assert.equal(Math.min(...losses(second).keys()), 7);
    assert.ok(second.every(event => event.kind !== 'log' || event.level === 'info'));
    // Its folder tells the story from the first step on.
    const lines = readFileSync(join(folder, 'second/events.jsonl'), 'utf8').trim().split('\n');
    const steps = lines.map(line => JSON.parse(line) as { event: string; step: number });
    assert.deepEqual(
      steps.filter(({ event }) => event === 'step').map(({ step }) => step),
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
  });

  it('says that a finished run has nothing left to do, and what has changed', async () => {
    const path = join(folder, 'second');
    const from = { runId: 'second', folder: path };
    await assert.rejects(
      train(await engineWith(text), { runId: 'third', paused: false, from }),
      /has made all its 20 steps: raise epochs or steps/,
    );
    const heard: Event[] = [];
    const longer = await engineWith(text.replace('epochs = 4', 'epochs = 5'), heard);
    assert.equal((await train(longer, { runId: 'fourth', paused: false, from })).steps, 25);
    const warnings = heard.flatMap(event =>
      event.kind === 'log' && event.level === 'warning' ? event.message : [],
    );
    assert.deepEqual(warnings, ['Run fourth: the text of the model has changed since the checkpoint.']);
    await assert.rejects(
      train(await engineWith(text), {
        runId: 'fifth',
        paused: false,
        from: { runId: 'x', folder: join(folder, 'x') },
      }),
      /there is no checkpoint\.json/,
    );
  });

  it('answers questions while it trains', async () => {
    const endless = text.replace('epochs = 4', 'epochs = 100000');
    const engine = await engineWith(endless);
    const run = { runId: 'endless', paused: false };
    const running = train(engine, run);
    await engine.handle({ kind: 'show', uri: 'm', state: { kind: 'run', runId: 'endless' } }, () => false);
    const ask = async (): Promise<number> => {
      const before = process.cpuUsage();
      await new Promise(resolve => setImmediate(resolve)); // behind the training, as a message comes
      await engine.handle({ kind: 'values', uri: 'm', version: 1 }, () => false);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    const times: number[] = [];
    for (let i = 0; i < 15; i++) times.push(await ask());
    await engine.handle({ kind: 'steer', runId: 'endless', action: { kind: 'stop' } }, () => false);
    assert.equal((await running).phase, 'stopped');
    const median = times.sort((a, b) => a - b)[7]!;
    // Of work, not of waiting for a busy machine: a slice of steps and the evaluation.
    assert.ok(median < 100, `${median} ms`);
  });
});
