import type { GraphValues } from '../src/drawing/displayGraph';
import type { RunSeries, ShownState, Snapshot, ToWebview, WebviewState } from '../src/views/protocol';

/** Everything the page shows, as one value; each message and each action makes the next one. */
export interface State {
  /** What the host said last; its increments are merged into it. Absent until it has spoken. */
  readonly snapshot?: Snapshot;
  /** Labels of opened groups, as paths. */
  readonly opened: ReadonlySet<string>;
  readonly viewport?: Viewport;
  readonly logarithmic: boolean;
  readonly hiddenRuns: ReadonlySet<string>;
  /** The file that the kept groups and viewport belong to. */
  readonly uri?: string;
  /** Counts what was found missing; each time the host is asked for a new snapshot. */
  readonly gaps: number;
}

export interface Viewport {
  readonly zoom: number;
  readonly pan: { readonly x: number; readonly y: number };
}

export type Action =
  | { readonly kind: 'toggleGroup'; readonly path: string }
  | { readonly kind: 'choose'; readonly node: number | null }
  | { readonly kind: 'logarithmic'; readonly on: boolean }
  | { readonly kind: 'toggleRun'; readonly runId: string }
  /** Absent: the picture fills the panel again. */
  | { readonly kind: 'viewport'; readonly viewport?: Viewport };

export function initialState(kept: WebviewState | undefined): State {
  const viewport = kept?.zoom !== undefined && kept.pan ? { zoom: kept.zoom, pan: kept.pan } : undefined;
  return {
    opened: new Set(kept?.opened),
    logarithmic: kept?.logarithmic ?? false,
    hiddenRuns: new Set(kept?.hiddenRuns),
    gaps: 0,
    ...(viewport ? { viewport } : {}),
    ...(kept?.uri === undefined ? {} : { uri: kept.uri }),
  };
}

export function keptState({ opened, logarithmic, hiddenRuns, viewport, uri }: State): WebviewState {
  return {
    opened: [...opened],
    logarithmic,
    hiddenRuns: [...hiddenRuns],
    ...viewport,
    ...(uri === undefined ? {} : { uri }),
  };
}

export function reduce(state: State, event: ToWebview | Action): State {
  switch (event.kind) {
    case 'snapshot':
      return withSnapshot(state, event.snapshot);
    case 'values':
      return merge(state, event.version, { values: event.values, state: event.state });
    case 'select':
      return choose(state, event.node, event.version);
    case 'explanation':
      return merge(state, event.version, { explanation: event.explanation });
    case 'progress':
      return withProgress(state, event);
    case 'choose':
      return choose(state, event.node, state.snapshot?.version ?? 0);
    case 'toggleGroup':
      return { ...state, opened: toggled(state.opened, event.path) };
    case 'toggleRun':
      return { ...state, hiddenRuns: toggled(state.hiddenRuns, event.runId) };
    case 'logarithmic':
      return { ...state, logarithmic: event.on };
    case 'viewport': {
      const { viewport: _, ...rest } = state;
      return event.viewport ? { ...rest, viewport: event.viewport } : rest;
    }
    default:
      return exhausted(event);
  }
}

/** Values by node, kept with the values they were made from. */
const indexes = new WeakMap<GraphValues, ReadonlyMap<number, GraphValues['nodes'][number]>>();

export function valuesById(
  values: GraphValues | undefined,
): ReadonlyMap<number, GraphValues['nodes'][number]> {
  if (!values) return new Map();
  let index = indexes.get(values);
  if (!index) indexes.set(values, (index = new Map(values.nodes.map(each => [each.id, each]))));
  return index;
}

export function activeRun({ snapshot }: State): RunSeries | undefined {
  return snapshot?.runs.find(run => run.runId === snapshot.activeRun);
}

function withSnapshot(state: State, snapshot: Snapshot): State {
  if (snapshot.uri === state.uri || state.uri === undefined) {
    return { ...state, snapshot, ...(snapshot.uri === undefined ? {} : { uri: snapshot.uri }) };
  }
  if (snapshot.uri === undefined) return { ...state, snapshot }; // no file now; the last one may come back
  const { viewport: _, ...rest } = state;
  return { ...rest, snapshot, uri: snapshot.uri, opened: new Set(), hiddenRuns: new Set() };
}

/** Increments belong to one version of the text; of a newer one a snapshot is missing. */
function merge(state: State, version: number, part: Partial<Snapshot> & { state?: ShownState }): State {
  const { snapshot } = state;
  if (!snapshot || version > snapshot.version) return { ...state, gaps: state.gaps + 1 };
  if (version < snapshot.version) return state;
  return { ...state, snapshot: { ...snapshot, ...part } };
}

function choose(state: State, node: number | null, version: number): State {
  const { snapshot } = state;
  if (!snapshot || version !== snapshot.version) return state;
  if ((snapshot.selected ?? null) === node) return state;
  const { selected: _, explanation, ...rest } = snapshot;
  const fits = explanation && explanation.node === node;
  return {
    ...state,
    snapshot: { ...rest, ...(node === null ? {} : { selected: node }), ...(fits ? { explanation } : {}) },
  };
}

function withProgress(state: State, progress: Extract<ToWebview, { kind: 'progress' }>): State {
  const { snapshot } = state;
  const run = snapshot?.runs.find(each => each.runId === progress.runId);
  if (!snapshot || !run || run.steps.length !== progress.from) return { ...state, gaps: state.gaps + 1 };
  const { phase, learningRate, seconds } = progress;
  const next: RunSeries = {
    ...run,
    phase,
    learningRate,
    seconds,
    steps: run.steps.concat(progress.steps),
    losses: run.losses.concat(progress.losses),
    epochs: run.epochs.concat(progress.epochs),
    kept: progress.kept, // all of them, since older ones are thinned out
  };
  return {
    ...state,
    snapshot: { ...snapshot, runs: snapshot.runs.map(each => (each === run ? next : each)) },
  };
}

function toggled(set: ReadonlySet<string>, member: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(member)) next.add(member);
  return next;
}

function exhausted(event: never): never {
  throw new Error(`unknown event ${JSON.stringify(event)}`);
}
