import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Place } from './terminal';

describe('nabla graph', () => {
  const place = new Place({ 'model.nabla': 'param w : [2] = [1, 2]\nz = tanh(w)\nloss = sum(z * w)\n' });
  after(() => place.remove());

  it('draws an SVG unless told otherwise', async () => {
    const { status, out, err } = await place.nabla('graph', 'model.nabla');
    assert.deepEqual([status, err], [0, '']);
    assert.match(out, /^<svg [\s\S]*<\/svg>\n$/);
  });

  it('gives nodes, edges, values and gradients as JSON', async () => {
    const { out } = await place.nabla('graph', 'model.nabla', '--format', 'json');
    const graph = JSON.parse(out) as {
      nodes: { id: number; name?: string }[];
      edges: { from: number; to: number }[];
      objective: number;
      values: { nodes: { id: number; gradient?: { elements: number[] } }[] };
    };
    const named = (name: string) => graph.nodes.find(node => node.name === name)!.id;
    assert.equal(graph.objective, named('loss'));
    assert.ok(graph.edges.some(edge => edge.from === named('w') && edge.to === named('z')));
    const gradient = graph.values.nodes.find(node => node.id === named('z'))!.gradient!;
    assert.deepEqual(gradient.elements, [1, 2]);
  });

  it('speaks the language of Graphviz', async () => {
    const { out } = await place.nabla('graph', 'model.nabla', '--format', 'dot');
    assert.match(out, /^digraph "model\.nabla" \{\n[\s\S]*n\d+ -> n\d+;\n[\s\S]*\}\n$/);
  });

  it('takes the format from the name of the file', async () => {
    const { out } = await place.nabla('graph', 'model.nabla', '--out', 'model.html');
    assert.equal(out, '');
    assert.match(readFileSync(place.path('model.html'), 'utf8'), /^<!DOCTYPE html>/);
  });
});
