import { tagOf, titleOf } from '../src/drawing/card';
import { formatTensor } from '../src/drawing/numbers';
import { outlineAround } from '../src/drawing/outlines';
import { button, icons } from './controls';
import { element } from './dom';
import type { GraphView } from './graph';
import type { SceneNode } from './scene';
import { type State, valuesById } from './state';

export interface Parts {
  readonly bar: HTMLElement;
  readonly graph: GraphView;
  readonly inspector: HTMLElement;
  readonly charts: HTMLElement;
}

/** How the parts share the page, in a narrow side bar and in a wide panel, and what stands there without a graph. */
export class Page {
  readonly root = element('main', { class: 'page' });
  private readonly empty = element('div', { class: 'empty', attributes: { role: 'status' } });
  private readonly spoken = element('div', { class: 'spoken', attributes: { 'aria-live': 'polite' } });
  private readonly runs: HTMLElement;
  private readonly work = element('div', { class: 'work' });
  private readonly side: HTMLElement;
  private readonly inspector: HTMLElement;
  private readonly hint = element('p', { class: 'hint' });
  private readonly outlineKey = entry('outline', 'not taken');

  constructor({ bar, graph, inspector, charts }: Parts) {
    const zoom = element(
      'div',
      { class: 'zoom', attributes: { role: 'toolbar', 'aria-label': 'Zoom' } },
      button({ label: 'Zoom in', icon: icons.plus, press: graph.zoomIn }),
      button({ label: 'Zoom out', icon: icons.minus, press: graph.zoomOut }),
      button({ label: 'Fit the graph', icon: icons.fit, press: () => graph.fit(true) }),
    );
    const canvas = element('div', { class: 'canvas-area' }, graph.root, zoom, key(this.outlineKey));
    const picture = element('section', { class: 'picture-area' }, canvas, this.hint);
    const runs = element('details', { class: 'runs' }, element('summary', {}, 'Runs'), charts);
    runs.open = true;
    this.runs = runs;
    this.inspector = inspector;
    this.side = element('div', { class: 'side' }, inspector, runs);
    this.work.append(picture, this.side);
    this.root.append(bar, this.work, this.empty, this.spoken);
  }

  update({ snapshot }: State): void {
    const message = snapshot
      ? snapshot.graph
        ? undefined
        : (snapshot.empty ?? 'Nothing to draw.')
      : 'Loading …';
    this.runs.hidden = !snapshot || snapshot.runs.length === 0;
    this.side.hidden = this.runs.hidden && this.inspector.hidden;
    this.side.classList.toggle('is-full', !this.runs.hidden && !this.inspector.hidden);
    this.hint.hidden = !this.inspector.hidden;
    const hint = snapshot?.objective
      ? `Select a node to see how the gradient of ${snapshot.objective} reaches it.`
      : 'Select a node to see its value.';
    if (this.hint.textContent !== hint) this.hint.textContent = hint;
    this.outlineKey.hidden = !snapshot?.graph?.groups.some(group => group.outline);
    this.root.classList.toggle('is-empty', message !== undefined);
    this.root.classList.toggle('is-loading', snapshot === undefined);
    if (this.empty.textContent !== (message ?? '')) this.empty.textContent = message ?? '';
  }

  /** What a keyboard has come to, for a screen reader. */
  announce({ node }: SceneNode, { snapshot }: State): void {
    const values = valuesById(snapshot?.values).get(node.node.id);
    const parts = [titleOf(node), tagOf(node), node.node.shape];
    if (node.group) parts[1] = `${node.group.label}, group of ${node.hidden}, closed`;
    if (node.group?.outline) {
      parts.splice(1, 2, `group of ${node.hidden}, closed`, `would make ${node.group.outline.names}`);
    }
    const outline = snapshot?.graph && outlineAround(snapshot.graph, node.node);
    if (outline) parts.push(outline.reason);
    if (values) parts.push(`value ${formatTensor(values.value, 40)}`);
    if (values?.gradient) parts.push(`gradient ${formatTensor(values.gradient, 40)}`);
    this.spoken.textContent = parts.filter(Boolean).join(', ');
  }
}

function entry(kind: string, text: string): HTMLElement {
  return element('span', { class: 'entry' }, element('span', { class: `sample ${kind}` }), text);
}

/** What lines mean. */
function key(outline: HTMLElement): HTMLElement {
  return element(
    'div',
    { class: 'key', attributes: { 'aria-hidden': 'true' } },
    entry('forward', 'value'),
    entry('positive', 'gradient +'),
    entry('negative', '−'),
    entry('mixed', '±'),
    outline,
  );
}
