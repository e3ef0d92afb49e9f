import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DisplayGraph } from '../../../src/drawing/displayGraph';
import { type Layout, layoutGraph, type PlacedNode } from '../../../src/drawing/layout';
import { layoutRequest } from '../../../src/drawing/scene';
import { type VisibleGraph, visibleGraph } from '../../../src/drawing/visible';
import { anyPicture, edge, group, node, unrolledLstm } from './graphs';

const noValues = undefined;

function draw(graph: DisplayGraph, opened: Iterable<number> = [], aspect = 1) {
  const visible = visibleGraph(graph, new Set(opened));
  return { visible, layout: layoutGraph(layoutRequest(visible, graph, noValues, aspect)) };
}

const edges = (box: PlacedNode) => ({
  left: box.x - box.width / 2,
  right: box.x + box.width / 2,
  top: box.y - box.height / 2,
  bottom: box.y + box.height / 2,
});

function overlap(a: PlacedNode, b: PlacedNode): boolean {
  const [p, q] = [edges(a), edges(b)];
  const slack = 0.01;
  return (
    p.left < q.right - slack &&
    q.left < p.right - slack &&
    p.top < q.bottom - slack &&
    q.top < p.bottom - slack
  );
}

function contains(outer: PlacedNode, inner: PlacedNode): boolean {
  const [p, q] = [edges(outer), edges(inner)];
  return p.left <= q.left && p.right >= q.right && p.top <= q.top && p.bottom >= q.bottom;
}

function ancestors(visible: VisibleGraph, parent: string | undefined): Set<string> {
  const boxes = new Map(visible.boxes.map(box => [box.key, box.parent]));
  const found = new Set<string>();
  for (let at = parent; at !== undefined; at = boxes.get(at)) found.add(at);
  return found;
}

/** Whether an edge leaves at the border of its source and arrives at that of its target. */
function meets(layout: Layout): void {
  const placed = new Map(layout.nodes.map(each => [each.key, each]));
  for (const { from, to, points } of layout.edges) {
    for (const [end, key] of [
      [points[0]!, from],
      [points.at(-1)!, to],
    ] as const) {
      const box = edges(placed.get(key)!);
      assert.ok(end.x >= box.left - 0.01 && end.x <= box.right + 0.01, `${from} to ${to} beside ${key}`);
      assert.ok(end.y >= box.top - 0.01 && end.y <= box.bottom + 0.01, `${from} to ${to} away from ${key}`);
    }
  }
}

describe('layout', () => {
  it('places every node, box and edge once, within the picture', () => {
    fc.assert(
      fc.property(anyPicture, ({ graph, opened }) => {
        const { visible, layout } = draw(graph, opened);
        const keys = (list: readonly { readonly key: string }[]) => list.map(each => each.key).sort();
        assert.deepEqual(keys(layout.nodes), keys(visible.nodes));
        assert.deepEqual(keys(layout.boxes), keys(visible.boxes));
        assert.deepEqual(keys(layout.edges), keys(visible.edges));
        const paper = { key: '', x: layout.width / 2, y: layout.height / 2, ...layout };
        for (const each of [...layout.nodes, ...layout.boxes]) assert.ok(contains(grown(paper), each));
      }),
    );
  });

  it('keeps nodes apart', () => {
    fc.assert(
      fc.property(anyPicture, ({ graph, opened }) => {
        const { nodes } = draw(graph, opened).layout;
        nodes.forEach((a, i) => {
          for (const b of nodes.slice(i + 1)) assert.ok(!overlap(a, b), `${a.key} and ${b.key}`);
        });
      }),
    );
  });

  it('draws a box around its members and nothing else', () => {
    fc.assert(
      fc.property(anyPicture, ({ graph, opened }) => {
        const { visible, layout } = draw(graph, opened);
        const parents = new Map([...visible.nodes, ...visible.boxes].map(each => [each.key, each.parent]));
        for (const box of layout.boxes) {
          for (const each of [...layout.nodes, ...layout.boxes]) {
            if (each.key === box.key) continue;
            if (ancestors(visible, parents.get(each.key)).has(box.key)) {
              assert.ok(contains(box, each), `${each.key} lies in ${box.key}`);
            } else if (!ancestors(visible, parents.get(box.key)).has(each.key)) {
              assert.ok(!overlap(box, each), `${each.key} is no member of ${box.key}`);
            }
          }
        }
      }),
    );
  });

  it('lets values flow one way, down or to the right', () => {
    fc.assert(
      fc.property(anyPicture, fc.constantFrom(0.4, 1, 3), ({ graph }, aspect) => {
        const { layout } = draw(
          { ...graph, groups: [], nodes: graph.nodes.map(({ group: _, ...rest }) => rest) },
          [],
          aspect,
        );
        const axis = layout.direction === 'down' ? 'y' : 'x';
        const at = new Map(layout.nodes.map(each => [each.key, each[axis]]));
        for (const { from, to } of layout.edges)
          assert.ok(at.get(from)! < at.get(to)!, `${from} before ${to}`);
      }),
    );
  });

  it('joins edges to the borders of their nodes, through boxes too', () => {
    fc.assert(fc.property(anyPicture, ({ graph, opened }) => meets(draw(graph, opened).layout)));
  });

  it('gives the same picture for the same graph', () => {
    fc.assert(
      fc.property(anyPicture, ({ graph, opened }) => {
        assert.deepEqual(draw(graph, opened).layout, draw(graph, opened).layout);
      }),
    );
  });

  it('draws a cycle between groups without hanging', () => {
    const graph: DisplayGraph = {
      nodes: [node(0, { group: 10 }), node(1), node(2, { group: 10 })],
      edges: [edge(0, 1), edge(1, 2)],
      groups: [group(10, 2)],
    };
    assert.equal(draw(graph).layout.edges.length, 2);
    meets(draw(graph, [10]).layout);
  });

  it('keeps the order of what survives an edit', () => {
    fc.assert(
      fc.property(anyPicture, fc.nat(), ({ graph }, choice) => {
        const flat = { ...graph, groups: [], nodes: graph.nodes.map(({ group: _, ...rest }) => rest) };
        const before = draw(flat).layout;
        const gone = choice % flat.nodes.length;
        const edited: DisplayGraph = {
          ...flat,
          nodes: flat.nodes.filter(({ id }) => id !== gone),
          edges: flat.edges.filter(({ from, to }) => from !== gone && to !== gone),
        };
        const visible = visibleGraph(edited, new Set());
        const centres = new Map(before.nodes.map(({ key, x, y }) => [key, { x, y }]));
        const previous = { direction: before.direction, centres };
        const after = layoutGraph(layoutRequest(visible, edited, noValues, 1, previous));
        if (after.direction !== before.direction) return;
        const [along, across] = after.direction === 'down' ? (['y', 'x'] as const) : (['x', 'y'] as const);
        for (const a of after.nodes) {
          for (const b of after.nodes) {
            const [p, q] = [centres.get(a.key), centres.get(b.key)];
            if (!p || !q || a[along] !== b[along] || !(p[across] < q[across])) continue;
            assert.ok(a[across] < b[across], `${a.key} stays before ${b.key}`);
          }
        }
      }),
    );
  });

  it('runs long edges straight past the layers between', () => {
    const chain = Array.from({ length: 6 }, (_, id) => node(id));
    const graph: DisplayGraph = {
      nodes: chain,
      edges: [...chain.slice(1).map(({ id }) => edge(id - 1, id)), edge(0, 5, 1)],
      groups: [],
    };
    const { layout } = draw(graph);
    const skip = layout.edges.find(each => each.from === 'n0' && each.to === 'n5')!;
    const across = layout.direction === 'down' ? 'x' : 'y';
    const inner = skip.points.slice(1, -1).map(point => Math.round(point[across]));
    assert.equal(new Set(inner).size, 1);
    assert.equal(skip.points.length, 4);
  });

  it('follows the proportions of the panel', () => {
    const graph: DisplayGraph = {
      nodes: Array.from({ length: 8 }, (_, id) => node(id)),
      edges: Array.from({ length: 7 }, (_, id) => edge(id, id + 1)),
      groups: [],
    };
    assert.equal(draw(graph, [], 0.5).layout.direction, 'down');
    assert.equal(draw(graph, [], 4).layout.direction, 'right');
  });

  it('draws the empty graph', () => {
    const { layout } = draw({ nodes: [], edges: [], groups: [] });
    assert.deepEqual([layout.nodes, layout.edges, layout.boxes], [[], [], []]);
  });

  it('keeps the main path of a recurrent net narrow', () => {
    const { layout } = draw(unrolledLstm(12));
    assert.ok(layout.width < 3000, `${layout.width} px wide`);
  });
});

function grown(box: PlacedNode): PlacedNode {
  return { ...box, width: box.width + 0.1, height: box.height + 0.1 };
}
