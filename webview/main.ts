import 'uplot/dist/uPlot.min.css';
import './styles.css';
import type { DisplayGraph } from '../src/drawing/displayGraph';
import type { LayoutRequest } from '../src/drawing/layout';
import { layoutRequest } from '../src/drawing/scene';
import { groupPaths, visibleGraph } from '../src/drawing/visible';
import type { ToWebview } from '../src/views/protocol';
import { Channel } from './channel';
import { Charts } from './charts';
import { GraphView } from './graph';
import { Inspector } from './inspector';
import { Layouter } from './layouter';
import { Page } from './page';
import { onThemeChange, readPalette } from './painting';
import { makeScene, type Scene } from './scene';
import { type Action, activeRun, initialState, keptState, reduce, type State } from './state';
import { TrainingBar } from './trainingBar';

/** Wiring: messages and actions make states, states are shown. */

const script = (document.currentScript as HTMLScriptElement).src;
const layouter = new Layouter(new URL('layoutWorker.js', script).href);
const channel = new Channel();
let state = initialState(channel.kept());
let scene: Scene | undefined;
/** What the scene was made from; while it is the same, only values change. */
let drawn: {
  readonly graph?: DisplayGraph | undefined;
  readonly opened?: string;
  readonly values?: boolean;
} = {};
let anchor: string | undefined;
let laidOutFor = 1;
let keeping: ReturnType<typeof setTimeout> | undefined;
let turning: ReturnType<typeof setTimeout> | undefined;

const palette = readPalette();
const graph = new GraphView(palette, {
  choose: node => choose(node),
  toggleGroup: id => toggleGroup(id),
  viewport: viewport => act({ kind: 'viewport', ...(viewport ? { viewport } : {}) }),
  announce: at => page.announce(at, state),
  resized: () => turnIfWorthIt(),
});
const inspector = new Inspector(palette, {
  choose: node => choose(node),
  reveal: span => channel.post({ kind: 'reveal', version: state.snapshot?.version ?? 0, span }),
  copy: text => channel.post({ kind: 'copy', text }),
});
const charts = new Charts(palette, {
  logarithmic: on => act({ kind: 'logarithmic', on }),
  toggleRun: runId => act({ kind: 'toggleRun', runId }),
  show: (runId, step) => channel.post({ kind: 'show', runId, step }),
});
const bar = new TrainingBar({
  control: action => channel.post({ kind: 'control', action }),
  learningRate: (runId, value) => channel.post({ kind: 'learningRate', runId, value }),
});
const page = new Page({ bar: bar.root, graph, inspector: inspector.root, charts: charts.root });
document.body.append(page.root);

const stillness = window.matchMedia('(prefers-reduced-motion: reduce)');
onThemeChange(() => {
  const next = readPalette();
  graph.recolour(next);
  inspector.recolour(next);
  charts.recolour(next);
  inspector.update(state);
});
stillness.addEventListener('change', () => show(state));
channel.listen(message => act(message));
show(state);
channel.post({ kind: 'ready' });

function act(event: ToWebview | Action): void {
  const before = state;
  state = reduce(state, event);
  if (state === before) return;
  if (state.gaps > before.gaps) channel.post({ kind: 'ready' });
  keep(before);
  if (event.kind !== 'viewport') show(before);
}

/** What people do is kept at once; a view that is being moved, when it comes to rest. */
function keep(before: State): void {
  const { opened, logarithmic, hiddenRuns, uri, viewport } = state;
  const same =
    opened === before.opened &&
    logarithmic === before.logarithmic &&
    hiddenRuns === before.hiddenRuns &&
    uri === before.uri;
  if (same && viewport === before.viewport) return;
  clearTimeout(keeping);
  if (!same) channel.keep(keptState(state));
  else keeping = setTimeout(() => channel.keep(keptState(state)), 150);
}

function choose(node: number | null): void {
  if ((state.snapshot?.selected ?? null) === node) return;
  act({ kind: 'choose', node });
  channel.post({ kind: 'select', version: state.snapshot?.version ?? 0, node });
}

function toggleGroup(id: number): void {
  const model = state.snapshot?.graph;
  const path = model && groupPaths(model).get(id);
  if (path === undefined) return;
  anchor = `g${id}`;
  act({ kind: 'toggleGroup', path });
}

function show(before: State): void {
  const { snapshot } = state;
  bar.update(state);
  inspector.update(state);
  page.update(state); // what the inspector needs decides how the page is shared
  charts.update(state);
  graph.setFlowing(activeRun(state)?.phase === 'running' && !stillness.matches);
  const opened = [...state.opened].join('\n');
  const values = snapshot?.values !== undefined;
  if (snapshot?.graph !== drawn.graph || opened !== drawn.opened || values !== drawn.values) {
    drawn = { graph: snapshot?.graph, opened, values };
    void redraw();
  } else if (snapshot?.values !== before.snapshot?.values) graph.setValues(snapshot?.values);
  graph.select(snapshot?.selected);
}

/** Lays the graph out again. What is selected and where one looks stays. */
async function redraw(): Promise<void> {
  const target = drawn;
  const fixed = anchor;
  anchor = undefined;
  const model = target.graph;
  if (!model) {
    scene = undefined;
    return graph.show(undefined, undefined);
  }
  const paths = groupPaths(model);
  const opened = new Set(model.groups.map(group => group.id).filter(id => state.opened.has(paths.get(id)!)));
  const visible = visibleGraph(model, opened);
  laidOutFor = aspect();
  const request = layoutRequest(visible, model, state.snapshot?.values, laidOutFor, previousOf(scene));
  const layout = await layouter.layout(request);
  if (!layout || target !== drawn) return;
  scene = makeScene(model, visible, layout);
  graph.show(scene, state.snapshot?.values, state.viewport, fixed);
  graph.select(state.snapshot?.selected);
}

function aspect(): number {
  const { width, height } = graph.size;
  return width / Math.max(height, 1);
}

/** A panel that has changed its proportions may want the flow in the other direction. */
function turnIfWorthIt(): void {
  clearTimeout(turning);
  turning = setTimeout(() => {
    const change = aspect() / laidOutFor;
    if (scene && (change > 1.3 || change < 1 / 1.3)) void redraw();
  }, 200);
}

function previousOf(old: Scene | undefined): LayoutRequest['previous'] {
  if (!old) return undefined;
  const { direction, nodes, boxes } = old.layout;
  return { direction, centres: new Map([...nodes, ...boxes].map(({ key, x, y }) => [key, { x, y }])) };
}
