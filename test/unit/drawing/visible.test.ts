import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DisplayGraph } from '../../../src/drawing/displayGraph';
import { groupPaths, visibleContributions, visibleGraph } from '../../../src/drawing/visible';
import { anyPicture, edge, group, node } from './graphs';

/** `x @ W` in a layer that owns `W`; a penalty outside uses `W` again. */
const shared: DisplayGraph = {
  nodes: [
    node(0, { role: 'input', name: 'x' }),
    node(1, { role: 'parameter', name: 'h.W', group: 10 }),
    node(2, { op: '@', group: 10 }),
    node(3, { op: 'tanh', name: 'h', group: 10 }),
    node(4, { op: 'square' }),
    node(5, { op: '+', name: 'loss' }),
  ],
  edges: [edge(0, 2), edge(1, 2, 1), edge(2, 3), edge(1, 4), edge(3, 5), edge(4, 5, 1)],
  groups: [group(10, 3, { label: 'dense', kind: 'layer' })],
  objective: 5,
};

const keys = (list: readonly { readonly key: string }[]) => list.map(each => each.key).sort();

describe('visible graph', () => {
  it('shows a closed group as one node with the value of its result', () => {
    const { nodes, edges, boxes } = visibleGraph(shared, new Set());
    assert.deepEqual(keys(nodes), ['g10', 'n0', 'n1>n4', 'n4', 'n5']);
    const closed = nodes.find(each => each.key === 'g10')!;
    assert.deepEqual([closed.node.name, closed.group?.label, closed.hidden], ['h', 'dense', 3]);
    assert.deepEqual(keys(edges), ['g10→n5', 'n0→g10', 'n1>n4→n4', 'n4→n5']);
    assert.deepEqual(boxes, []);
  });

  it('shows an opened group as a box around its members', () => {
    const { nodes, boxes } = visibleGraph(shared, new Set([10]));
    assert.deepEqual(keys(boxes), ['g10']);
    const inside = nodes.filter(each => each.parent === 'g10');
    assert.deepEqual(keys(inside), ['n1', 'n2', 'n3']);
  });

  it('draws a parameter beside each of its uses, the copies being ghosts of the same node', () => {
    const { nodes, edges } = visibleGraph(shared, new Set([10]));
    const copies = nodes.filter(each => each.node.id === 1);
    assert.deepEqual(
      copies.map(each => [each.key, each.ghost]),
      [
        ['n1', false],
        ['n1>n4', true],
      ],
    );
    for (const { key } of copies) assert.equal(edges.filter(each => each.from === key).length, 1);
  });

  it('has one copy of a source for each visible use, whatever is open', () => {
    fc.assert(
      fc.property(anyPicture, ({ graph, opened }) => {
        const { nodes, edges, holders } = visibleGraph(graph, opened);
        const byKey = new Map(nodes.map(each => [each.key, each]));
        for (const source of graph.nodes) {
          if (source.role === 'operation') continue;
          const uses = new Set(
            graph.edges
              .filter(each => each.from === source.id)
              .map(each => holders.get(each.to)!)
              .filter(holder => holder !== holders.get(source.id)),
          );
          const drawn = edges.filter(
            each => byKey.get(each.from)?.node.id === source.id && uses.has(each.to),
          );
          const fromSource = drawn.filter(each => !byKey.get(each.from)!.group);
          assert.ok(fromSource.length <= uses.size);
          assert.equal(new Set(fromSource.map(each => each.from)).size, fromSource.length);
        }
      }),
    );
  });

  it('loses no edge between what is visible', () => {
    fc.assert(
      fc.property(anyPicture, ({ graph, opened }) => {
        const { edges, holders } = visibleGraph(graph, opened);
        const drawn = new Set(edges.flatMap(each => each.merged));
        for (const { id, from, to } of graph.edges) {
          assert.equal(drawn.has(id), holders.get(from) !== holders.get(to), id);
        }
      }),
    );
  });

  it('adds up the contributions of merged edges', () => {
    const graph: DisplayGraph = {
      nodes: [node(0), node(1, { group: 7 }), node(2, { group: 7 })],
      edges: [edge(0, 1), edge(0, 2)],
      groups: [group(7, 2)],
    };
    const { edges } = visibleGraph(graph, new Set());
    const sums = visibleContributions(edges, [
      { id: '0:1:0', norm: 3, total: 3 },
      { id: '0:2:0', norm: 4, total: -4 },
    ]);
    assert.deepEqual([...sums.values()], [{ id: 'n0→g7', norm: 5, total: -1 }]);
  });

  it('names groups by their labels from the outside in', () => {
    const groups = [
      group(1, 0, { label: 'dense' }),
      group(2, 0, { label: 'dense' }),
      group(3, 0, { label: 'act', parent: 2 }),
    ];
    assert.deepEqual(
      [...groupPaths({ nodes: [], edges: [], groups }).values()],
      ['dense', 'dense#2', 'dense#2/act'],
    );
  });
});
