import assert from 'node:assert/strict';
import { constantDim, symbolDim } from '../../../src/graph/dimension';
import { Graph } from '../../../src/graph/graph';
import type { Derivation } from '../../../src/graph/node';
import { shapeOf } from '../../../src/graph/shape';
import { Builder } from '../../../src/ops/builder';
import { verify } from '../../../src/ops/verify';

const source: Derivation = { kind: 'source' };

describe('the verifier', () => {
  const float = (...sizes: number[]) => ({ dtype: 'float' as const, shape: shapeOf(sizes) });

  it('finds nothing in a graph that the builder made', () => {
    const graph = new Graph();
    const b = new Builder(graph);
    b.sumAll(b.mul(b.constant(2), b.zeros(shapeOf([2, 3]))));
    assert.deepEqual(verify(graph), []);
  });

  it('finds a wrong type', () => {
    const graph = new Graph();
    const x = graph.append('constant', [], { data: [1, 2], ...float(2) }, float(2), { derivation: source });
    graph.append('exp', [x], {}, float(3), { derivation: source });
    graph.append('greater', [x, x], {}, float(2), { derivation: source });
    graph.append('sum', [x], { axes: [1] }, float(), { derivation: source });
    assert.deepEqual(verify(graph), [
      '%1 = exp(%0) : float[3]: is inferred as [2]',
      '%2 = greater(%0, %0) : float[2]: is inferred as bool',
      '%3 = sum(%0) {axes: [1]} : float[]: sum: [2] has no axes [1]',
    ]);
  });

  it('finds inputs and origins from elsewhere', () => {
    const [graph, other] = [new Graph(), new Graph()];
    const foreign = new Builder(other).constant(1);
    graph.append('exp', [foreign], {}, float(), { derivation: source });
    graph.append('constant', [], { data: [1], ...float() }, float(), {
      derivation: { kind: 'adjoint', of: foreign },
    });
    assert.match(
      verify(graph).join('\n'),
      /%0 is of another graph[\s\S]*derives from a node of another graph/,
    );
  });
});

describe('the builder', () => {
  it('keeps the first of equal constraints', () => {
    const graph = new Graph();
    const b = new Builder(graph);
    const x = b.apply('input', [], { name: 'x', shape: [symbolDim('N')], dtype: 'float' });
    const four = b.zeros([constantDim(4)]);
    const sum = b.add(x, four);
    b.mul(four, x);
    assert.equal(graph.constraints.length, 1);
    assert.equal(sum.shape[0]!.key, '4');
  });
});
