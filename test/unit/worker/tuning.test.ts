import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrialNews } from '../../../src/drawing/trials';
import { Source } from '../../../src/language/source';
import { analyzeText } from '../../../src/language/text';
import { createEngine, type Engine } from '../../../src/worker/handler';
import type { Analysis, Event } from '../../../src/worker/protocol';

const uri = 'file:///model.nabla';

async function opened(text: string, emit: (event: Event) => void = () => {}): Promise<[Engine, Analysis]> {
  const engine = createEngine(emit);
  const path = join(tmpdir(), 'model.nabla');
  const { file } = analyzeText(new Source(path, text));
  const document = { uri, version: 1, path, text, file, trusted: true };
  const analysis = await engine.handle({ kind: 'analyze', document, values: false }, () => false);
  return [engine, analysis as Analysis];
}

const square = 'param w = 3\nloss = w ** 2\ntrain loss { steps = 20 }\n';

describe('tuning in the engine', () => {
  it('tells of every trial and of the best one', async () => {
    const news: TrialNews[] = [];
    let last = 0;
    const [engine, { tuning }] = await opened(`${square}tune { lr = choice(0.1, 0.4) }`, event => {
      assert.ok(event.kind === 'tuning' && event.tuneId === 'a' && event.progress >= last);
      last = event.progress;
      news.push(...structuredClone(event.news));
    });
    assert.equal(tuning?.summary, '20 trials');
    assert.equal(await engine.handle({ kind: 'tune', uri, version: 1, tuneId: 'a' }, () => false), null);
    assert.deepEqual(
      news.map(({ kind, trial }) => `${kind} ${trial}`),
      [...['start 1', 'trial 1', 'best 1', 'start 2', 'trial 2', 'best 2']],
    );
    assert.equal(last, 1);
  });

  it('stops between steps', async () => {
    let started = false;
    const [engine] = await opened(
      'param w = 3\nloss = w ** 2\ntrain loss { steps = 100000000 }\ntune { lr = choice(1e-9) }',
      () => {
        started = true;
      },
    );
    await engine.handle({ kind: 'tune', uri, version: 1, tuneId: 'a' }, () => started);
  });

  it('rejects with what the model did wrong', async () => {
    const [engine] = await opened(`${square}tune { lr = choice(1e9) }`);
    await assert.rejects(
      engine.handle({ kind: 'tune', uri, version: 1, tuneId: 'a' }, () => false),
      { name: 'ModelError', message: /no trial could be trained/ },
    );
    const [none, { tuning }] = await opened(square);
    assert.equal(tuning, undefined);
    await assert.rejects(
      none.handle({ kind: 'tune', uri, version: 1, tuneId: 'a' }, () => false),
      /no `tune` block/,
    );
  });
});
