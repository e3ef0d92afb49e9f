import type { Span } from '../src/base/span';
import { titleOfNode } from '../src/drawing/card';
import type {
  DisplayNode,
  ExplainedUse,
  Explanation,
  NodeValues,
  TensorSummary,
} from '../src/drawing/displayGraph';
import {
  formatNumber,
  formatShape,
  formatSigned,
  formatStatistics,
  formatTensor,
  isScalar,
} from '../src/drawing/numbers';
import { outlineAround } from '../src/drawing/outlines';
import { button, icons } from './controls';
import { element } from './dom';
import { explanationText } from './explanationText';
import { pictureCanvas } from './heatMap';
import type { Palette } from './painting';
import { type State, valuesById } from './state';

export interface InspectorEvents {
  choose(node: number): void;
  reveal(span: Span): void;
  copy(text: string): void;
}

const fullPicture = { width: 132, height: 84 };
const smallPicture = { width: 56, height: 32 };

/** The selected node: what it is, its value and gradient, and how the gradient comes about. */
export class Inspector {
  readonly root = element('section', {
    class: 'inspector',
    attributes: { 'aria-label': 'Selected node', tabindex: '0' },
  });
  private shown: readonly unknown[] = [];

  constructor(
    private palette: Palette,
    private readonly events: InspectorEvents,
  ) {}

  recolour(palette: Palette): void {
    this.palette = palette;
    this.shown = [];
  }

  update({ snapshot }: State): void {
    const node = snapshot?.graph?.nodes.find(each => each.id === snapshot.selected);
    const values = node && valuesById(snapshot?.values).get(node.id);
    const outline = node && snapshot?.graph && outlineAround(snapshot.graph, node);
    const shown = [node, values, snapshot?.explanation, snapshot?.objective];
    if (shown.length === this.shown.length && shown.every((each, i) => each === this.shown[i])) return;
    this.shown = shown;
    const explanation = snapshot?.explanation?.node === node?.id ? snapshot?.explanation : undefined;
    const scroll = this.root.scrollTop;
    this.root.hidden = node === undefined; // the room is the picture's until there is something to say
    this.root.replaceChildren(
      ...(node
        ? [
            this.heading(node, explanation),
            outline
              ? element('p', { class: 'note' }, sentence(outline.reason))
              : this.figures(values, explanation),
            ...this.explain(explanation),
          ]
        : []),
    );
    this.root.scrollTop = scroll;
  }

  private heading(node: DisplayNode, explanation: Explanation | undefined): HTMLElement {
    const { span, line } = node;
    const place =
      span && line !== undefined
        ? element(
            'button',
            { class: 'link', title: 'Show in the editor', on: { click: () => this.events.reveal(span) } },
            `line ${line}`,
          )
        : undefined;
    const copy =
      explanation &&
      button({
        label: 'Copy the explanation',
        icon: icons.copy,
        press: () => this.events.copy(explanationText(explanation)),
      });
    return element(
      'header',
      { class: 'heading' },
      element('h2', {}, explanation?.name ?? titleOfNode(node)),
      element('span', { class: 'kind' }, node.role === 'operation' ? node.op : node.role),
      element('span', { class: 'shape' }, node.shape),
      place,
      copy,
      explanation && element('code', { class: 'formula' }, explanation.formula),
    );
  }

  private figures(values: NodeValues | undefined, explanation: Explanation | undefined): HTMLElement {
    const value = values?.value ?? explanation?.value;
    const gradient = values?.gradient ?? explanation?.gradient;
    const reached = values?.reached ?? explanation?.reached ?? true;
    const symbol = explanation?.symbol ?? 'Gradient';
    return element(
      'div',
      { class: 'figures-grid' },
      value && this.figure('Value', value, false),
      gradient && this.figure(symbol, gradient, true),
      !reached && element('p', { class: 'note' }, 'The objective does not depend on it.'),
    );
  }

  private figure(label: string, summary: TensorSummary, signed: boolean): HTMLElement {
    const box = element('div', { class: 'figure' }, element('h3', {}, label));
    if (isScalar(summary)) {
      const number = summary.elements?.[0] ?? summary.mean;
      box.append(
        this.number(
          summary.dtype === 'bool' ? String(number !== 0) : formatNumber(number),
          number,
          signed,
          'large',
        ),
      );
      return box;
    }
    if (summary.picture) {
      box.append(
        pictureCanvas(summary.picture, fullPicture, this.palette, `${label}: ${formatStatistics(summary)}`),
      );
    }
    const details = [formatShape(summary.shape), `norm ${formatNumber(summary.norm)}`, ...figuresOf(summary)];
    box.append(...details.map(text => element('div', { class: 'details' }, text)));
    return box;
  }

  private explain(explanation: Explanation | undefined): HTMLElement[] {
    if (!explanation) return [];
    const { uses, symbol, gradient, notes } = explanation;
    const made: HTMLElement[] = [];
    if (uses.length > 0) {
      const count = uses.length === 1 ? 'one use' : `${uses.length} uses`;
      made.push(element('h3', { class: 'explain' }, `Explain ${symbol}: ${count}`));
      made.push(element('ol', { class: 'uses' }, ...uses.map(use => this.use(use))));
    }
    if (uses.length > 1 && gradient) {
      const terms = uses.flatMap((use, i) => [i === 0 ? '' : '+', this.term(use.contribution)] as const);
      made.push(
        element(
          'div',
          { class: 'sum' },
          element('span', { class: 'symbols' }, `${symbol} = sum of contributions`),
          element('div', { class: 'equation' }, ...terms, '=', this.term(gradient)),
        ),
      );
    }
    for (const note of notes) made.push(element('p', { class: 'note' }, note));
    return made;
  }

  private use(use: ExplainedUse): HTMLElement {
    const goTo = element(
      'button',
      { class: 'link', title: 'Select this node', on: { click: () => this.events.choose(use.consumer) } },
      use.consumerName,
    );
    const line = use.line === undefined ? undefined : element('span', { class: 'line' }, `line ${use.line}`);
    const pattern =
      use.pattern === undefined ? undefined : element('span', { class: 'pattern' }, use.pattern);
    const local = use.localValue ? this.term(use.localValue) : element('span', { class: 'term' }, use.local);
    return element(
      'li',
      { class: 'use' },
      element('div', { class: 'use-head' }, 'in ', goTo, line, pattern),
      element('div', { class: 'symbols' }, `${use.local} × ${use.upstream}`),
      element(
        'div',
        { class: 'equation' },
        local,
        '×',
        this.term(use.upstreamValue),
        '=',
        this.term(use.contribution, true),
      ),
    );
  }

  /** A number, or a picture with its norm. */
  private term(summary: TensorSummary, signed = false): HTMLElement {
    if (isScalar(summary)) {
      const number = summary.elements?.[0] ?? summary.mean;
      return this.number(signed ? formatSigned(number) : formatNumber(number), number, signed, 'term');
    }
    const text = `‖${formatNumber(summary.norm)}‖`;
    const description = `${formatShape(summary.shape)}: ${formatTensor(summary)}`;
    const made = element('span', { class: 'term tensor', title: description });
    if (summary.picture) made.append(pictureCanvas(summary.picture, smallPicture, this.palette, description));
    made.append(element('span', {}, text));
    return made;
  }

  private number(text: string, value: number, signed: boolean, kind: string): HTMLElement {
    const tone = !signed || value === 0 ? '' : value > 0 ? ' positive' : ' negative';
    return element('span', { class: `${kind}${tone}` }, text);
  }
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

/** The elements when they are few, else the statistics, one a line. */
function figuresOf(summary: TensorSummary): readonly string[] {
  const text = formatTensor(summary, 44);
  const statistics = formatStatistics(summary);
  return text === statistics ? statistics.split(', ') : [text];
}
