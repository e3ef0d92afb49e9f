import assert from 'node:assert/strict';
import { runIdAt, runLabel } from '../../../src/views/runs/runName';
import { parseRunRecord } from '../../../src/views/runs/runRecord';
import { SeriesRecorder } from '../../../src/views/runs/runSeries';
import { describeRun, summarizeRun } from '../../../src/views/runs/runSummary';

describe('names of runs', () => {
  const time = new Date(2026, 10, 20, 14, 2, 11);

  it('are the local time, with a number when it is taken', () => {
    const taken = new Set<string>();
    const next = () => {
      const id = runIdAt(time, id => taken.has(id));
      taken.add(id);
      return id;
    };
    assert.deepEqual(
      [next(), next(), next()],
      ['2026-11-20_14-02-11', '2026-11-20_14-02-11-2', '2026-11-20_14-02-11-3'],
    );
  });

  it('are short today', () => {
    assert.equal(runLabel('2026-11-20_14-02-11', time), '14:02:11');
    assert.equal(runLabel('2026-11-20_14-02-11-2', time), '14:02:11 (2)');
    assert.equal(runLabel('2026-11-19_14-02-11', time), '2026-11-19 14:02:11');
    assert.equal(runLabel('by hand', time), 'by hand');
  });
});

describe('records of runs', () => {
  const text = JSON.stringify({
    format: 1,
    model: 'iris.nabla',
    started: '2026-11-20T14:02:11Z',
    seed: 0,
    phase: 'finished',
    steps: 120,
    loss: 0.0512,
    metrics: { accuracy: 0.97, odd: 'NaN' },
    seconds: 1.23,
    error: null,
  });

  it('are read', () => {
    const record = parseRunRecord(text, 'r');
    assert.equal(record?.loss, 0.0512);
    assert.deepEqual(record?.metrics, { accuracy: 0.97, odd: Number.NaN });
    assert.equal(describeRun(record), 'loss 0.0512 · accuracy 0.97 · odd NaN · 1.2 s');
  });

  for (const broken of ['', '{', 'null', '[]', '{"phase":"odd","model":"m"}', '{"phase":"finished"}']) {
    it(`are not made of ${JSON.stringify(broken)}`, () =>
      assert.equal(parseRunRecord(broken, 'r'), undefined));
  }

  it('are summarised a fact a line, with the model', () => {
    const summary = summarizeRun(parseRunRecord(text, 'r')!, 'w = 2\n');
    assert.match(summary, /^model {12}iris\.nabla\nrun {14}r\n/);
    assert.match(summary, /\nloss {13}0\.0512\n/);
    assert.ok(summary.endsWith('\n---\n\nw = 2\n'));
  });
});

describe('the curve of a run', () => {
  const progress = (steps: readonly number[]) =>
    ({
      kind: 'progress',
      runId: 'r',
      sequence: 1,
      phase: 'running',
      executor: 'js',
      step: steps.at(-1)!,
      totalSteps: 1e6,
      epoch: 0,
      learningRate: 0.1,
      seconds: 1,
      steps,
      losses: steps.map(step => 1 / step),
      epochs: [],
      kept: [],
    }) as const;

  it('grows by what is new', () => {
    const recorder = new SeriesRecorder('r', '14:02:11');
    assert.equal(recorder.add(progress([1, 2])).from, 0);
    const added = recorder.add(progress([3]));
    assert.deepEqual([added.from, added.steps, added.whole], [2, [3], false]);
    assert.deepEqual(recorder.series.steps, [1, 2, 3]);
    assert.equal(recorder.lastLoss, 1 / 3);
  });

  it('is thinned evenly when it becomes long', () => {
    const recorder = new SeriesRecorder('r', '14:02:11');
    let whole = 0;
    for (let i = 0; i < 100; i++) {
      const steps = Array.from({ length: 1_000 }, (_, j) => i * 1_000 + j + 1);
      if (recorder.add(progress(steps)).whole) whole++;
    }
    const { steps } = recorder.series;
    assert.ok(steps.length <= 20_000 && steps.length > 9_000, String(steps.length));
    assert.equal(whole, 4, 'once for the number of steps');
    const gaps = new Set(steps.slice(1).map((step, i) => step - steps[i]!));
    assert.deepEqual([...gaps], [8]);
    assert.equal(recorder.lastStep, 100_000);
  });
});
