import assert from 'node:assert/strict';
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
    const document = { uri: 'm', version: 1, path: '/m.nabla', text, trusted: true };
    const never = () => false;
    const analyze = async (): Promise<Analysis> =>
      (await engine.handle({ kind: 'analyze', document, values: true }, never)) as Analysis;
    const picture = async (): Promise<Responses['picture']> =>
      (await engine.handle({ kind: 'picture', uri: 'm', version: 1 }, never)) as Responses['picture'];
    const values = async (): Promise<Responses['values']> =>
      (await engine.handle({ kind: 'values', uri: 'm', version: 1 }, never)) as Responses['values'];
    const show = (state: StateChoice) => engine.handle({ kind: 'show', uri: 'm', state }, never);
    const train = () =>
      engine.handle({ kind: 'train', uri: 'm', version: 1, run: { runId: 'r', paused: false } }, never);
    return { analyze, picture, values, show, train };
  };

  const lossOf = (analysis: Analysis) => analysis.names.findLast(({ name }) => name === 'loss')?.value?.mean;

  it('follows the state that is shown, and says so first', async () => {
    const { analyze, picture, values, show, train } = setUp(branches);
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
    const withValues = (await picture()).nodes.filter(({ outline }) => !outline);
    const drawn = withValues.map(({ id }) => id).sort((a, b) => a - b);
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
    const { analyze, picture, values, show, train } = setUp(turns);
    const count = async () => (await picture()).nodes.filter(({ op }) => op === '*').length;
    await analyze();
    const before = await count();
    await train();
    await show({ kind: 'run', runId: 'r' });
    assert.equal(await values(), null);
    await analyze();
    assert.equal(before - (await count()), 1);
  });

  it('is asked for once where no value decides', async () => {
    const { analyze, values, show, train } = setUp(branches.replace(/^if .*$/m, 'loss = w ** 2'));
    assert.equal((await analyze()).conditional, undefined);
    await train();
    await show({ kind: 'run', runId: 'r' });
    assert.ok(await values());
  });

  it('has the way not taken in outline, with the condition that closes it', async () => {
    const text = `param w = 1.2
h = w * 2
if w > 1 { loss = h ** 2 } else {
  half = h / 2
  loss = half * 5
}
k = w
while k > 5 { k = k / 2 }
fn f(a) {
  if a > 2 { return a } else if a > 3 { return -a } else { return a * a }
}
y = f(w) + f(h)
z = (1 if w < 0 else w) * 2
`;
    const { analyze, picture, values } = setUp(text);
    const { names, untaken } = await analyze();
    const graph = await picture();
    const at = (piece: string, end: string) => {
      const start = text.indexOf(piece);
      return { start, end: text.indexOf(end, start) + end.length };
    };
    const notTaken = (condition: string) => `not taken for these values: ${condition}`;
    assert.deepEqual(untaken, [
      { span: at('else {\n', 'half * 5'), message: notTaken('w > 1 is true') },
      { span: at('while', 'k / 2 }'), message: notTaken('k > 5 is false') },
      { span: at('if a > 2', 'return a'), message: 'taken 1 of 2 times for these values' },
      { span: at('else if', 'a * a }'), message: 'taken 1 of 2 times for these values' },
      { span: at('if a > 3', 'return -a'), message: notTaken('a > 3 is false') },
      { span: at('1 if', '1'), message: notTaken('w < 0 is false') },
    ]);
    const outlines = graph.groups.flatMap(({ id, label, line, outline }) =>
      outline ? [{ id, label, line, ...outline }] : [],
    );
    assert.deepEqual(
      outlines.map(({ label, line, names: made }) => [label, line, made]),
      [
        ['else, not taken', 3, 'half, loss'],
        ['while, 0 turns', 8, 'k'],
        ['if, not taken', 10, 'return'],
        ['else if a > 3, not taken', 10, 'return'],
        ['if, not taken', 13, 'return'],
      ],
    );
    const [first] = outlines;
    assert.equal(first!.reason, notTaken('w > 1 is true'));
    const inside = graph.nodes.filter(({ group }) => group === first!.id);
    assert.deepEqual(
      inside
        .flatMap(({ name, outline }) => [[name, outline] as const])
        .filter(([name]) => name !== undefined),
      [
        ['half', true],
        ['loss', true],
      ],
    );
    // None of it has a value, nor is it a name of the file.
    const shown = await values();
    const outlined = new Set(graph.nodes.filter(({ outline }) => outline).map(({ id }) => id));
    assert.ok(outlined.size >= 4);
    assert.deepEqual(
      shown!.result.nodes.filter(({ id }) => outlined.has(id)),
      [],
    );
    assert.ok(names.every(({ node, name }) => !outlined.has(node) && name !== 'half'));
  });
});
