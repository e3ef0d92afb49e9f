import assert from 'node:assert/strict';
import type { RunSeries, Snapshot, ToWebview, WebviewState } from '../../../src/views/protocol';
import { initialState, keptState, reduce, type State } from '../../../webview/state';

const run: RunSeries = {
  runId: 'r',
  label: '14:02:11',
  phase: 'running',
  steps: [1, 2],
  losses: [0.5, 0.4],
  epochs: [],
  kept: [0],
  totalSteps: 10,
  learningRate: 0.1,
  seconds: 1,
};
const snapshot: Snapshot = { version: 3, uri: 'file:///a.nabla', runs: [run], activeRun: 'r' };

function stateAfter(...events: Parameters<typeof reduce>[1][]): State {
  return events.reduce(reduce, reduce(initialState(undefined), { kind: 'snapshot', snapshot }));
}

const progress = (more: Partial<Extract<ToWebview, { kind: 'progress' }>> = {}): ToWebview => ({
  kind: 'progress',
  runId: 'r',
  from: 2,
  steps: [3],
  losses: [0.3],
  epochs: [],
  kept: [],
  phase: 'paused',
  learningRate: 0.05,
  seconds: 2,
  ...more,
});

describe('state of the page', () => {
  it('appends new points to their run', () => {
    const { snapshot: next, gaps } = stateAfter(progress());
    const [first] = next!.runs;
    assert.deepEqual(
      [first!.steps, first!.losses, first!.phase, first!.learningRate],
      [[1, 2, 3], [0.5, 0.4, 0.3], 'paused', 0.05],
    );
    assert.equal(gaps, 0);
  });

  it('takes over which steps are kept, since older ones are thinned out', () => {
    const { snapshot: next } = stateAfter(progress({ kept: [0, 2] }));
    assert.deepEqual(next!.runs[0]!.kept, [0, 2]);
  });

  it('notices what it has missed', () => {
    assert.equal(stateAfter(progress({ from: 3 })).gaps, 1);
    assert.equal(stateAfter(progress({ from: 1 })).gaps, 1);
    assert.equal(stateAfter(progress({ runId: 'other' })).gaps, 1);
    assert.equal(reduce(initialState(undefined), progress()).gaps, 1);
  });

  it('takes increments of its own version only', () => {
    const values = { nodes: [], edges: [] };
    const of = (version: number): ToWebview => ({
      kind: 'values',
      version,
      state: { label: 'step 3', rows: '' },
      values,
    });
    assert.equal(stateAfter(of(3)).snapshot!.values, values);
    assert.deepEqual([stateAfter(of(2)).snapshot!.values, stateAfter(of(2)).gaps], [undefined, 0]);
    assert.deepEqual([stateAfter(of(4)).snapshot!.values, stateAfter(of(4)).gaps], [undefined, 1]);
  });

  it('drops the explanation of a node that is no longer selected', () => {
    const chosen = stateAfter({ kind: 'choose', node: 1 });
    assert.equal(chosen.snapshot!.selected, 1);
    assert.equal(reduce(chosen, { kind: 'choose', node: 1 }), chosen);
    const cleared = reduce(chosen, { kind: 'select', version: 3, node: null });
    assert.ok(!('selected' in cleared.snapshot!));
  });

  it('opens and closes groups, hides and shows runs', () => {
    const opened = stateAfter({ kind: 'toggleGroup', path: 'dense' }, { kind: 'toggleRun', runId: 'r' });
    assert.deepEqual([[...opened.opened], [...opened.hiddenRuns]], [['dense'], ['r']]);
    assert.equal(reduce(opened, { kind: 'toggleGroup', path: 'dense' }).opened.size, 0);
  });

  it('keeps for the next time what it was given the last time', () => {
    const kept: WebviewState = {
      uri: 'file:///a.nabla',
      opened: ['dense', 'dense/act'],
      zoom: 2,
      pan: { x: 1, y: -2 },
      logarithmic: true,
      hiddenRuns: ['x'],
    };
    const state = initialState(kept);
    assert.deepEqual(keptState(state), kept);
    assert.deepEqual(keptState(reduce(state, { kind: 'snapshot', snapshot })), kept);
  });

  it('starts afresh with another file, and waits while there is none', () => {
    const opened = stateAfter({ kind: 'toggleGroup', path: 'dense' });
    const none = reduce(opened, { kind: 'snapshot', snapshot: { version: 0, runs: [], empty: 'No file.' } });
    assert.deepEqual([...none.opened], ['dense']);
    const other = reduce(none, { kind: 'snapshot', snapshot: { ...snapshot, uri: 'file:///b.nabla' } });
    assert.deepEqual([[...other.opened], other.uri], [[], 'file:///b.nabla']);
  });
});
