import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DisplayGraph, GraphValues, TensorSummary } from '../../../src/drawing/displayGraph';
import { pictureSvg } from '../../../src/drawing/picture';
import { graphHtml, graphSvg } from '../../../src/drawing/svg';
import { escapeXml } from '../../../src/drawing/svgText';
import sigmoid from '../../browser/recorded/sigmoid.json';
import { edge, group, node } from './graphs';

const graph = sigmoid.snapshot.graph as unknown as DisplayGraph;
const values = sigmoid.snapshot.values as unknown as GraphValues;

/** Every tag is closed in order; enough to know that nothing broke out of its place. */
function isBalanced(svg: string): boolean {
  const open: string[] = [];
  for (const [, close, name, self] of svg.matchAll(/<(\/?)([a-z]+)(?:"[^"]*"|[^"<>])*?(\/?)>/gi)) {
    if (self) continue;
    if (!close) open.push(name!);
    else if (open.pop() !== name) return false;
  }
  return open.length === 0;
}

describe('svg', () => {
  it('shows names, values, gradients and contributions', () => {
    const svg = graphSvg(graph, { values });
    for (const text of ['w0', 'sigmoid', '0.7311', '−0.1966', '+0.3932', '−0.5898']) {
      assert.ok(svg.includes(`>${text}<`), text);
    }
    assert.ok(isBalanced(svg));
  });

  it('draws a branch not taken in outline, without values, whether closed or open', () => {
    const outline = { names: 'half, loss', reason: 'not taken for these values: w > 1 is true' };
    const branching: DisplayGraph = {
      nodes: [
        node(0, { role: 'parameter', name: 'w' }),
        node(1, { name: 'half', group: 9, outline: true }),
        node(2, { name: 'other', group: 9, outline: true }),
        node(3, { name: 'loss' }),
      ],
      edges: [edge(0, 1), edge(1, 2), edge(0, 3)],
      groups: [group(9, 2, { label: 'else, not taken', kind: 'branch', outline })],
    };
    const { value } = values.nodes[0]!;
    const shown = { nodes: [0, 3].map(id => ({ id, value, reached: true })), edges: [] };
    const closed = graphSvg(branching, { values: shown });
    assert.match(closed, /<title>not taken for these values: w &gt; 1 is true<\/title>/);
    assert.match(closed, />else, not taken</);
    assert.match(closed, />half, loss</);
    assert.equal(closed.match(/stroke-dasharray="6 4"/g)?.length, 1, 'one dashed card');
    assert.equal(closed.match(/stroke-dasharray="3 4"/g)?.length, 1, 'and a dashed line to it');
    const open = graphSvg(branching, { values: shown, opened: new Set([9]) });
    assert.match(open, />other</);
    assert.equal(open.match(/stroke-dasharray="6 4"/g)?.length, 2);
    assert.ok(isBalanced(closed) && isBalanced(open));
  });

  it('draws without values, with groups closed and open', () => {
    const grouped: DisplayGraph = {
      nodes: [node(0, { group: 5, name: 'a' }), node(1, { group: 5, name: 'b' }), node(2, { name: 'c' })],
      edges: [edge(0, 1), edge(1, 2)],
      groups: [group(5, 1, { label: 'pair' })],
    };
    assert.match(graphSvg(grouped), />b<[\s\S]*>pair ▸ 2</);
    assert.ok(!graphSvg(grouped).includes('>a<'));
    assert.ok(graphSvg(grouped, { opened: new Set([5]) }).includes('>a<'));
  });

  it('needs nothing from outside', () => {
    const html = graphHtml('neuron', graph, { values }).replaceAll('http://www.w3.org/2000/svg', '');
    assert.doesNotMatch(html, /https?:|<script|url\((?!#)|@import/);
  });

  it('escapes whatever a name contains', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), name => {
        const hostile: DisplayGraph = { nodes: [node(0, { name: `${name}<b "&'>` })], edges: [], groups: [] };
        assert.ok(isBalanced(graphSvg(hostile)));
        assert.doesNotMatch(graphSvg(hostile), /<b /);
      }),
    );
    assert.equal(escapeXml('<a href="x">&\'\u0000'), '&lt;a href=&quot;x&quot;&gt;&amp;&#39;\ufffd');
  });

  it('draws tensors, with marks for NaN and infinities', () => {
    const svg = pictureSvg(
      {
        rows: 1,
        columns: 5,
        values: [1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      },
      { width: 100, height: 20 },
    );
    const count = (pattern: RegExp) => svg.match(pattern)?.length ?? 0;
    assert.equal(count(/class="mark"/g), 1);
    assert.equal(count(/class="arrow"/g), 2);
    for (const sign of ['positive', 'negative']) {
      assert.equal(count(new RegExp(`<rect class="${sign}"`, 'g')), 1, 'an infinity');
      assert.equal(count(new RegExp(`<path class="${sign}"`, 'g')), 1, 'a number');
    }
    assert.ok(isBalanced(svg));
  });

  it('does not let one outlier bleach a picture', () => {
    const values = [...Array.from({ length: 99 }, (_, i) => (i % 2 ? 1 : -1)), 1e6];
    const svg = pictureSvg({ rows: 10, columns: 10, values }, { width: 100, height: 100 });
    const full = [...svg.matchAll(/fill-opacity="1" d="([^"]*)"/g)].map(
      match => match[1]!.split('M').length - 1,
    );
    assert.deepEqual(full, [50, 50]);
  });

  it('stays short where a picture is full, for VS Code cuts long hovers', () => {
    const values = Array.from({ length: 32 * 32 }, (_, i) => Math.sin(i * i));
    const svg = pictureSvg({ rows: 32, columns: 32, values }, { width: 96, height: 96 });
    assert.ok(svg.length < 30_000, String(svg.length));
  });

  it('follows light and dark', () => {
    assert.match(graphSvg(graph), /prefers-color-scheme: dark/);
    assert.doesNotMatch(graphSvg(graph, { theme: 'light' }), /prefers-color-scheme/);
  });

  it('draws NaN and infinite contributions as numbers, not as broken paths', () => {
    const broken = (number: number): TensorSummary => ({
      ...values.nodes[0]!.value,
      elements: [number],
      norm: number,
    });
    const svg = graphSvg(graph, {
      values: {
        nodes: values.nodes.map(each => ({ ...each, gradient: broken(Number.NaN) })),
        edges: values.edges.map(({ id }, i) =>
          i % 2 ? { id, norm: Number.NaN, total: Number.NaN } : { id, norm: Infinity, total: -Infinity },
        ),
      },
    });
    assert.doesNotMatch(svg, /="[^"]*(NaN|Infinity)[^"]*"/);
    assert.ok(svg.includes('>NaN<') && svg.includes('>−∞<'));
  });
});
