import assert from 'node:assert/strict';
import { Source } from '../../../src/language/source';
import { analyzeText } from '../../../src/language/text';
import { createEngine } from '../../../src/worker/handler';
import type { Analysis, Responses, StateChoice } from '../../../src/worker/protocol';

/** The first step takes `w` from 1.2 to 0.96, below the condition's 1. */
const branches = `param w = 1.2
if w > 1 { loss = w ** 2 } else { loss = 5 * w ** 2 }
train loss { optimizer = sgd(lr = 0.1); steps = 3; precision = 64 }
`;

/** Training brings `w` from 1 to 2, so that doubling it reaches 8 a turn sooner. */
const turns = `param w = 1
k = w
while k < 8 { k = k * 2 }
loss = (w - 2) ** 2 + 0 * k
train loss { optimizer = sgd(lr = 0.5); steps = 1; precision = 64 }
`;

describe('a picture that values decide on', () => {
  const setUp = (text: string) => {
    const engine = createEngine(() => {});
    const { file } = analyzeText(new Source('/m.nabla', text));
    const document = { uri: 'm', version: 1, path: '/m.nabla', text, file, trusted: true };
    const never = () => false;
    const analyze = async (): Promise<Analysis> =>
      (await engine.handle({ kind: 'analyze', document, values: true }, never)) as Analysis;
    const values = async (): Promise<Responses['values']> =>
      (await engine.handle({ kind: 'values', uri: 'm', version: 1 }, never)) as Responses['values'];
    const show = (state: StateChoice) => engine.handle({ kind: 'show', uri: 'm', state }, never);
    const train = () =>
      engine.handle({ kind: 'train', uri: 'm', version: 1, run: { runId: 'r', paused: false } }, never);
    return { analyze, values, show, train };
  };

  const lossOf = (analysis: Analysis) => analysis.names.findLast(({ name }) => name === 'loss')?.value?.mean;

  it('follows the state that is shown, and says so first', async () => {
    const { analyze, values, show, train } = setUp(branches);
    const first = await analyze();
    assert.equal(first.conditional, true);
    assert.ok(Math.abs(lossOf(first)! - 1.44) < 1e-12);
    assert.ok(await values());
    await train();
    await show({ kind: 'run', runId: 'r' });
    assert.equal(await values(), null, 'the picture is another one');
    const trained = await analyze();
    const w = trained.names.find(({ name }) => name === 'w')!.value!.mean;
    assert.ok(w < 1);
    assert.ok(Math.abs(lossOf(trained)! - 5 * w * w) < 1e-12);
    const shown = await values();
    assert.ok(shown);
    assert.equal(shown.state.step, 3);
    const drawn = trained.graph.nodes.map(({ id }) => id).sort((a, b) => a - b);
    assert.deepEqual(
      shown.result.nodes.map(({ id }) => id).sort((a, b) => a - b),
      drawn,
    );
    await show({ kind: 'run', runId: 'r', step: 0 });
    assert.equal(await values(), null, 'back at the start');
    assert.ok(Math.abs(lossOf(await analyze())! - 1.44) < 1e-12);
    await show({ kind: 'initial' });
    assert.ok(await values(), 'the seed has the same picture as step 0');
  });

  it('has as many turns of a loop as the state shown', async () => {
    const { analyze, values, show, train } = setUp(turns);
    const count = ({ graph }: Analysis) => graph.nodes.filter(({ op }) => op === '*').length;
    const before = await analyze();
    await train();
    await show({ kind: 'run', runId: 'r' });
    assert.equal(await values(), null);
    assert.equal(count(before) - count(await analyze()), 1);
  });

  it('is asked for once where no value decides', async () => {
    const { analyze, values, show, train } = setUp(branches.replace(/^if .*$/m, 'loss = w ** 2'));
    assert.equal((await analyze()).conditional, undefined);
    await train();
    await show({ kind: 'run', runId: 'r' });
    assert.ok(await values());
  });
});
