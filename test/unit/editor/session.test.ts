import assert from 'node:assert/strict';
import { type Policy, Session, type SessionChange } from '../../../src/editor/session';
import { EngineError, isCancelled } from '../../../src/worker/engineError';
import { analysisOf, FakeEngine, nameInfo, scalar } from '../../support/fakeEngine';

const trusted: Policy = { live: 'on', trusted: true };
const textOf = (version: number, text: string) => ({
  uri: 'file:///m.nabla',
  version,
  path: '/m.nabla',
  text,
});
const turn = () => new Promise(resolve => setTimeout(resolve, 0));

function open(policy: Policy = trusted, text = 'w = 2\n') {
  const engine = new FakeEngine();
  const session = new Session(engine, textOf(1, text), policy);
  const changes: SessionChange[] = [];
  session.onDidChange(change => changes.push(change));
  return { engine, session, changes };
}

/** Writes over the whole text. */
function write(session: Session, version: number, text: string): void {
  session.edit(textOf(version, text), [
    { start: 0, removed: session.source.text.length, inserted: text.length },
  ]);
}

describe('session', () => {
  it('tells its syntax at once, and then what the engine says', async () => {
    const { engine, session, changes } = open();
    await engine.until('analyze', 1);
    assert.deepEqual(changes, ['text']);
    assert.equal(session.text.file.statements.length, 1);
    engine.of('analyze')[0]!.answer(analysisOf(1));
    await turn();
    assert.deepEqual(changes, ['text', 'analysis']);
    assert.ok(session.isCurrent);
  });

  it('gives up the question about an older text', async () => {
    const { engine, session, changes } = open();
    await engine.until('analyze', 1);
    write(session, 2, 'w = 3\n');
    await engine.until('analyze', 2);
    assert.ok(engine.of('analyze')[0]!.signal?.aborted);
    engine.of('analyze')[0]!.answer(analysisOf(1));
    await turn();
    assert.equal(session.isCurrent, false);
    engine.of('analyze')[1]!.answer(analysisOf(2));
    await turn();
    assert.equal(session.analysis?.version, 2);
    assert.deepEqual(changes, ['text', 'text', 'analysis']);
  });

  it('drops an answer when an edit came that is not yet asked about', async () => {
    const { engine, session } = open();
    await engine.until('analyze', 1);
    write(session, 2, 'w = 3\n');
    engine.of('analyze')[0]!.answer(analysisOf(1));
    await turn();
    assert.equal(session.analysis, undefined);
  });

  it('says what the engine cannot explain unless the text has errors that do', async () => {
    const told = async (text: string) => {
      const { engine, session } = open(trusted, text);
      await engine.until('analyze', 1);
      const finding = { code: 'run-error', severity: 'error', message: 'given up' } as const;
      engine
        .of('analyze')[0]!
        .answer(analysisOf(1, { unexplained: [{ ...finding, span: { start: 0, end: 1 } }] }));
      await turn();
      return session.diagnostics.map(({ message }) => message).includes('given up');
    };
    assert.deepEqual([await told('w = 2\n'), await told('w = (2\n')], [true, false]);
  });

  it('keeps findings of the engine on their words until it has looked again', async () => {
    const { engine, session } = open(trusted, 'w = 2\nloss = w\n');
    await engine.until('analyze', 1);
    const finding = { code: 'run-error', severity: 'error', message: 'bad' } as const;
    engine
      .of('analyze')[0]!
      .answer(analysisOf(1, { diagnostics: [{ ...finding, span: { start: 6, end: 10 } }] }));
    await turn();
    const engineFindings = () => session.diagnostics.filter(({ code }) => code === 'run-error');
    session.edit(textOf(2, 'ww = 2\nloss = w\n'), [{ start: 1, removed: 0, inserted: 1 }]);
    assert.deepEqual(engineFindings()[0]?.span, { start: 7, end: 11 });
    session.edit(textOf(3, 'ww = 2\nloXss = w\n'), [{ start: 9, removed: 0, inserted: 1 }]);
    assert.deepEqual(engineFindings(), []);
  });

  it('brings the text up to date for those who ask, through edits', async () => {
    const { engine, session } = open();
    const asked = session.upToDate();
    await engine.until('analyze', 1);
    write(session, 2, 'w = 3\n');
    await engine.until('analyze', 2);
    engine.of('analyze')[1]!.answer(analysisOf(2));
    assert.equal((await asked).version, 2);
  });

  it('says why the engine failed, and asks again at the next edit', async () => {
    const { engine, session } = open();
    const asked = session.upToDate();
    await engine.until('analyze', 1);
    engine.of('analyze')[0]!.fail(new EngineError('The engine stopped.', 'crashed'));
    await assert.rejects(asked, /stopped/);
    assert.equal(session.failure, 'The engine stopped.');
    write(session, 2, 'w = 3\n');
    await engine.until('analyze', 2);
    engine.of('analyze')[1]!.answer(analysisOf(2));
    await turn();
    assert.equal(session.failure, undefined);
  });

  for (const [policy, values] of [
    [{ live: 'on', trusted: true }, true],
    [{ live: 'shapes', trusted: true }, false],
    [{ live: 'on', trusted: false }, false],
  ] as const) {
    it(`asks for values only when they are wanted: ${JSON.stringify(policy)}`, async () => {
      const { engine } = open(policy);
      await engine.until('analyze', 1);
      assert.equal(engine.of('analyze')[0]!.request.values, values);
      assert.equal(engine.of('analyze')[0]!.request.document.trusted, policy.trusted);
    });
  }

  it('asks nothing while live is off, and everything when told to run', async () => {
    const { engine, session } = open({ live: 'off', trusted: true });
    await new Promise(resolve => setTimeout(resolve, 40));
    assert.equal(engine.of('analyze').length, 0);
    const run = session.run();
    await engine.until('analyze', 1);
    assert.equal(engine.of('analyze')[0]!.request.values, true);
    engine.of('analyze')[0]!.answer(analysisOf(1));
    await run;
  });

  it('pauses live values after a slow evaluation, until they are asked for', async () => {
    const { engine, session } = open();
    await engine.until('analyze', 1);
    engine.of('analyze')[0]!.answer(analysisOf(1, { milliseconds: { lower: 1, evaluate: 2_500 } }));
    await turn();
    assert.ok(session.isPaused);
    write(session, 2, 'w = 3\n');
    await engine.until('analyze', 2);
    assert.equal(engine.of('analyze')[1]!.request.values, false);
    const run = session.run();
    await engine.until('analyze', 3);
    assert.equal(engine.of('analyze')[2]!.request.values, true);
    engine.of('analyze')[2]!.answer(analysisOf(2));
    await run;
    assert.equal(session.isPaused, false);
  });

  it('looks again when the workspace becomes trusted', async () => {
    const { engine, session } = open({ live: 'on', trusted: false });
    await engine.until('analyze', 1);
    session.configure(trusted);
    await engine.until('analyze', 2);
    assert.equal(engine.of('analyze')[1]!.request.values, true);
  });

  it('lets go when closed', async () => {
    const { engine, session } = open();
    const asked = session.upToDate();
    await engine.until('analyze', 1);
    session.close();
    await assert.rejects(asked, isCancelled);
    assert.equal(engine.of('close').length, 1);
  });
});

describe('live values', () => {
  const name = nameInfo('w', 0, { value: scalar(2), gradient: scalar(3) });
  const running = { seed: 0, runId: 'r', step: 1, rows: 0, totalRows: 0 };

  async function analysed() {
    const { engine, session, changes } = open();
    await engine.until('analyze', 1);
    engine.of('analyze')[0]!.answer(analysisOf(1, { names: [name], state: running }));
    await turn();
    return { engine, session, changes };
  }

  it('come with the analysis, and are fetched for eyes only', async () => {
    const { engine, session } = await analysed();
    assert.equal(session.values.of(0)?.gradient?.mean, 3);
    session.values.moved('r');
    await new Promise(resolve => setTimeout(resolve, 20));
    assert.equal(engine.of('values').length, 0);
    const watching = session.values.watch();
    await engine.until('values', 1);
    watching.dispose();
  });

  it('bring a picture along while somebody looks', async () => {
    const { engine, session, changes } = await analysed();
    assert.equal(session.picture, undefined);
    assert.equal(engine.of('picture').length, 0);
    const watching = session.values.watch();
    await engine.until('picture', 1);
    const picture = { nodes: [], edges: [], groups: [] };
    engine.of('picture')[0]!.answer(picture);
    await turn();
    assert.equal(session.picture, picture);
    assert.equal(changes.at(-1), 'picture');
    // Of the next analysis it is another one, asked for at once; what comes late is not of this text.
    write(session, 2, 'w = 4\n');
    await engine.until('analyze', 2);
    engine.of('analyze')[1]!.answer(analysisOf(2, { names: [name] }));
    await turn();
    assert.equal(session.picture, undefined);
    await engine.until('picture', 2);
    write(session, 3, 'w = 5\n');
    await engine.until('analyze', 3);
    watching.dispose();
    engine.of('analyze')[2]!.answer(analysisOf(3, { names: [name] }));
    await turn();
    engine.of('picture')[1]!.answer(picture);
    await turn();
    assert.equal(session.picture, undefined);
    assert.equal(engine.of('picture').length, 2, 'nobody looks any more');
  });

  it('are told of one node to who asks once, without those of all others', async () => {
    const { engine, session } = await analysed();
    session.values.moved('r');
    await session.values.onPath();
    const inspection = session.values.inspect(0);
    await engine.until('inspect', 1);
    const result = { id: 0, value: scalar(5), reached: true };
    engine.of('inspect')[0]!.answer({ local: ['∂w'], shown: { state: running, result } });
    assert.deepEqual(await inspection, { local: ['∂w'], shown: { state: running, result } });
    assert.equal(engine.of('inspect')[0]!.request.values, true);
    assert.equal(engine.of('values').length, 0);
  });

  it('are not computed for who asks once where the analysis has none', async () => {
    const { engine, session } = open();
    await engine.until('analyze', 1);
    engine.of('analyze')[0]!.answer(analysisOf(1, { names: [nameInfo('w', 0)], evaluated: false }));
    await turn();
    const inspection = session.values.inspect(0);
    await engine.until('inspect', 1);
    assert.equal(engine.of('inspect')[0]!.request.values, false);
    engine.of('inspect')[0]!.answer({ local: [] });
    assert.deepEqual(await inspection, { local: [] });
  });

  it('are not told of a node of an older text, nor by an engine that fails', async () => {
    const { engine, session } = await analysed();
    const failing = session.values.inspect(0);
    engine.of('inspect')[0]!.fail(new Error('it broke'));
    assert.equal(await failing, undefined);
    const late = session.values.inspect(0);
    write(session, 2, 'w = 4\n');
    await engine.until('analyze', 2);
    engine.of('analyze')[1]!.answer(analysisOf(2));
    await turn();
    engine.of('inspect')[1]!.answer({ local: [] });
    assert.equal(await late, undefined);
  });

  it('have one request in flight, and see the last state', async () => {
    const { engine, session, changes } = await analysed();
    session.values.watch();
    await engine.until('values', 1);
    for (let i = 0; i < 10; i++) session.values.moved('r');
    await new Promise(resolve => setTimeout(resolve, 150));
    assert.equal(engine.of('values').length, 1);
    const node = { id: 0, value: scalar(5), reached: true };
    engine.of('values')[0]!.answer({ state: { ...running, step: 7 }, result: { nodes: [node], edges: [] } });
    await engine.until('values', 2);
    assert.equal(changes.at(-1), 'values');
    assert.equal(session.values.of(0)?.value.mean, 5);
    assert.equal(session.values.shown?.state.step, 7);
  });

  it('ask for another analysis when the conditions of the text come out otherwise', async () => {
    const { engine, session, changes } = open();
    await engine.until('analyze', 1);
    const conditional = { names: [name], state: running, conditional: true };
    engine.of('analyze')[0]!.answer(analysisOf(1, conditional));
    await turn();
    session.values.moved('r'); // nobody watches, but names and hints hang on it
    await engine.until('values', 1);
    engine.of('values')[0]!.answer(null);
    await engine.until('analyze', 2);
    assert.equal(engine.of('analyze')[1]!.request.values, true);
    const state = { ...running, step: 2 };
    const other = nameInfo('w', 0, { value: scalar(7) });
    engine.of('analyze')[1]!.answer(analysisOf(1, { ...conditional, state, names: [other] }));
    await turn();
    assert.deepEqual(changes, ['text', 'analysis', 'analysis']);
    assert.equal(session.values.of(0)?.value.mean, 7);
    // What a training moves meanwhile is asked about at the pace of all values.
    session.values.moved('r');
    await turn();
    assert.equal(engine.of('values').length, 1);
    await engine.until('values', 2);
  });

  it('make a question wait for the other analysis', async () => {
    const { engine, session } = open();
    await engine.until('analyze', 1);
    engine.of('analyze')[0]!.answer(analysisOf(1, { names: [name], state: running, conditional: true }));
    await turn();
    session.values.moved('r');
    const followed = session.values.onPath();
    await engine.until('values', 1);
    engine.of('values')[0]!.answer(null);
    await engine.until('analyze', 2);
    engine
      .of('analyze')[1]!
      .answer(analysisOf(1, { names: [nameInfo('w', 0, { value: scalar(7) })], state: running }));
    await followed;
    assert.equal(session.values.of(0)?.value.mean, 7);
  });

  it('are not those of an older text', async () => {
    const { engine, session } = await analysed();
    session.values.watch();
    await engine.until('values', 1);
    write(session, 2, 'w = 4\n');
    await engine.until('analyze', 2);
    engine.of('analyze')[1]!.answer(analysisOf(2, { names: [nameInfo('w', 0, { value: scalar(4) })] }));
    await turn();
    const late = { id: 0, value: scalar(5), reached: true };
    engine.of('values')[0]!.answer({ state: running, result: { nodes: [late], edges: [] } });
    await turn();
    assert.equal(session.values.of(0)?.value.mean, 4);
  });
});
