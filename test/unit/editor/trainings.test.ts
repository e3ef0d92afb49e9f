import assert from 'node:assert/strict';
import { Session } from '../../../src/editor/session';
import { Trainings } from '../../../src/editor/trainings';
import { EngineError } from '../../../src/worker/engineError';
import type { Event } from '../../../src/worker/protocol';
import { FakeEngine } from '../../support/fakeEngine';

function begin() {
  const engine = new FakeEngine();
  const document = { uri: 'file:///m.nabla', version: 3, path: '/m.nabla', text: 'w = 2\n' };
  const session = new Session(engine, document, { live: 'off', trusted: true });
  const logged: string[] = [];
  const trainings = new Trainings(
    engine,
    (folder, name) => `${folder}/${name}`,
    message => logged.push(message),
  );
  const started = trainings.start(session, { runs: '/.nabla/runs' });
  return { engine, session, trainings, logged, ...started };
}

const progress = (runId: string, sequence: number, phase: 'running' | 'paused', step: number): Event => ({
  kind: 'progress',
  runId,
  sequence,
  phase,
  executor: 'js',
  step,
  totalSteps: 10,
  epoch: 0,
  learningRate: 0.1,
  seconds: 1,
  steps: [step],
  losses: [1 / step],
  epochs: [],
  kept: [0],
});

describe('trainings', () => {
  it('ask for the text as it is, with a folder named like the run', () => {
    const { engine, training } = begin();
    const [asked] = engine.of('train');
    assert.equal(asked?.request.version, 3);
    assert.equal(asked.request.run.folder, `/.nabla/runs/${training.runId}`);
  });

  it('follow the progress, and tell when it pauses', () => {
    const { trainings, training, logged } = begin();
    const phases: string[] = [];
    trainings.onDidChange(({ phase }) => phases.push(phase));
    trainings.hear(progress(training.runId, 1, 'running', 1));
    trainings.hear(progress(training.runId, 2, 'paused', 2));
    trainings.hear(progress('another window', 1, 'running', 1));
    trainings.hear(progress(training.runId, 5, 'running', 5));
    assert.deepEqual(phases, ['paused', 'running']);
    assert.deepEqual(training.recorder.series.steps, [1, 2, 5]);
    assert.deepEqual(logged, [`2 progress messages of run ${training.label} were lost.`]);
  });

  it('end with the outcome', async () => {
    const { engine, trainings, training, ended } = begin();
    const { runId } = training;
    engine.of('train')[0]!.answer({ runId, phase: 'finished', steps: 10, metrics: {}, seconds: 2 });
    await ended;
    assert.equal(training.phase, 'finished');
    assert.equal(trainings.active(training.uri), undefined);
    trainings.hear(progress(runId, 1, 'running', 1)); // too late
    assert.equal(training.phase, 'finished');
  });

  it('fail visibly when the engine stops', async () => {
    const { engine, training, ended } = begin();
    engine.of('train')[0]!.fail(new EngineError('The engine stopped.', 'crashed'));
    await ended;
    assert.deepEqual([training.phase, training.error], ['failed', 'The engine stopped.']);
  });

  it('follow a renamed file', () => {
    const { trainings, training } = begin();
    trainings.renamed('file:///m.nabla', 'file:///n.nabla');
    assert.equal(trainings.active('file:///n.nabla'), training);
  });
});
