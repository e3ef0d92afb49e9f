import assert from 'node:assert/strict';
import { forward } from '../../../src/autodiff/forward';
import { reverse } from '../../../src/autodiff/reverse';
import { constantDim, symbolDim } from '../../../src/graph/dimension';
import { Graph } from '../../../src/graph/graph';
import type { Node } from '../../../src/graph/node';
import { printGraph } from '../../../src/graph/print';
import { Builder } from '../../../src/ops/builder';
import { adjointProblems, verify } from '../../../src/ops/verify';
import { evaluate } from '../../../src/runtime/evaluate';
import { Scene } from '../../support/scene';

const numbers = (scene: Scene, node: Node | null | undefined): number[] => {
  assert.ok(node);
  return [...evaluate([node], scene.feeds, {})[0]!.data];
};

describe('reverse mode', () => {
  it('writes the gradient into the graph, with where it comes from', () => {
    const graph = new Graph();
    const b = new Builder(graph);
    const N = symbolDim('N');
    const x = b.apply('input', [], { name: 'x', shape: [N, constantDim(2)], dtype: 'float' });
    const w = b.apply('parameter', [], { path: 'w', shape: [constantDim(2)] });
    const h = b.tanh(b.contract(x, w, 'ni', 'i', 'n'));
    const loss = b.sumAll(h);
    const adjoints = reverse(b, loss, { wrt: [w] });
    assert.equal(
      printGraph(graph.nodes),
      [
        "%0 = input() {name: 'x'} : float[N, 2]",
        "%1 = parameter() {path: 'w'} : float[2]",
        "%2 = contract(%0, %1) {left: 'ni', right: 'i', out: 'n'} : float[N]",
        '%3 = tanh(%2) : float[N]',
        '%4 = sum(%3) {axes: [0]} : float[]',
        '%5 = constant() {data: [1]} : float[]  # adjoint of %4',
        '%6 = broadcast(%5) {axes: [0]} : float[N]  # adjoint of %3',
        '%7 = constant() {data: [1]} : float[]  # adjoint of %2',
        '%8 = square(%3) : float[N]  # adjoint of %2',
        '%9 = broadcast(%7) {axes: [0]} : float[N]  # adjoint of %2',
        '%10 = sub(%9, %8) : float[N]  # adjoint of %2',
        "%11 = contract(%0, %10) {left: 'ni', right: 'n', out: 'i'} : float[2]  # adjoint of %1",
      ].join('\n'),
    );
    assert.equal(adjoints.of(x), undefined);
    assert.deepEqual(verify(graph), []);
  });

  it('gives every float node an adjoint, the sum of the contributions of its uses', () => {
    const s = new Scene(1);
    const x = s.normal(3);
    const p = s.b.exp(x);
    const loss = s.b.sumAll(s.b.add(s.b.mul(p, x), s.b.mul(p, p)));
    const adjoints = reverse(s.b, loss);
    const uses = adjoints.contributions(p);
    assert.deepEqual(
      uses.map(use => [use.consumer.op, use.operand]),
      [
        ['mul', 0],
        ['mul', 0],
        ['mul', 1],
      ],
    );
    const sum = uses.map(use => numbers(s, use.value)).reduce((a, c) => a.map((v, i) => v + c[i]!));
    assert.deepEqual(sum, numbers(s, adjoints.of(p)));
    for (const node of s.graph.nodes.slice(0, loss.id)) {
      assert.deepEqual(adjointProblems(node, adjoints.of(node)!), []);
    }
    const at = numbers(s, x);
    const expected = at.map(v => Math.exp(v) * (1 + v) + 2 * Math.exp(2 * v));
    numbers(s, adjoints.of(x)).forEach((g, i) => {
      assert.ok(Math.abs(g - expected[i]!) < 1e-12);
    });
  });

  it('gives constants and values in the middle a gradient too', () => {
    const s = new Scene(2);
    const two = s.b.constant(2);
    const x = s.leaf([], [3]);
    const adjoints = reverse(s.b, s.b.mul(two, x));
    assert.deepEqual(numbers(s, adjoints.of(two)), [3]);
    assert.deepEqual(numbers(s, adjoints.of(x)), [2]);
  });

  it('ends at stop_gradient, ints and what has no derivative', () => {
    const s = new Scene(3);
    const x = s.leaf([2], [1.5, -2]);
    const stopped = s.b.stopGradient(x);
    const counted = s.b.toFloat(s.b.sumAll(s.b.cast(s.b.greater(x, s.b.constant(0)), 'int')));
    const loss = s.b.mul(s.b.sumAll(stopped), counted);
    const adjoints = reverse(s.b, loss);
    assert.equal(adjoints.of(x), undefined);
    assert.deepEqual(adjoints.contributions(x), []);
    assert.deepEqual(numbers(s, adjoints.of(stopped)), [1, 1]);
  });

  it('derives only what wrt needs, and that of a value in the middle', () => {
    const s = new Scene(4);
    const x = s.leaf([], [2]);
    const h = s.b.square(x);
    const loss = s.b.exp(s.b.mul(h, s.b.constant(0.1)));
    const adjoints = reverse(s.b, loss, { wrt: [h] });
    assert.equal(adjoints.of(x), undefined);
    assert.ok(Math.abs(numbers(s, adjoints.of(h))[0]! - 0.1 * Math.exp(0.4)) < 1e-15);
  });

  it('needs a seed for an objective that is not a scalar', () => {
    const s = new Scene(5);
    const x = s.leaf([2], [2, 3]);
    const y = s.b.square(x);
    assert.throws(() => reverse(s.b, y), /\[2\] needs a seed/);
    const seed = s.b.tensor([1, 10], [constantDim(2)]);
    assert.deepEqual(numbers(s, reverse(s.b, y, { seed }).of(x)), [4, 60]);
  });

  it('keeps infinity times a mask of 0 from becoming NaN', () => {
    const s = new Scene(6);
    const x = s.leaf([2], [-1, 2]);
    const loss = s.b.sumAll(s.b.log(s.b.relu(x)));
    assert.deepEqual(numbers(s, reverse(s.b, loss).of(x)), [0, 0.5]);
  });

  it('nests: d³(x⁴)/dx³ = 24x, and at 0 nothing is NaN', () => {
    for (const at of [1.5, 0]) {
      const s = new Scene(7);
      const x = s.leaf([], [at]);
      let y = s.b.pow(x, s.b.constant(4));
      for (let order = 0; order < 3; order++) y = reverse(s.b, y, { wrt: [x] }).of(x)!;
      assert.deepEqual(numbers(s, y), [24 * at]);
      assert.deepEqual(verify(s.graph), []);
    }
  });

  it('takes the text and the group of what it derives', () => {
    const b = new Builder(new Graph(), { derivation: { kind: 'source' }, span: { start: 3, end: 9 } });
    const x = b.apply('parameter', [], { path: 'x', shape: [] });
    const loss = b.inGroup('call', 'f', () => b.exp(b.mul(x, x)));
    const product = loss.inputs[0]!;
    const adjoint = reverse(b, loss).of(product)!;
    assert.deepEqual(adjoint.provenance.span, { start: 3, end: 9 });
    assert.equal(adjoint.provenance.group, product.provenance.group);
  });
});

describe('forward mode', () => {
  it('starts where a tangent is given, also in the middle', () => {
    const s = new Scene(8);
    const x = s.leaf([], [2]);
    const h = s.b.square(x);
    const y = s.b.mul(h, x);
    const one = s.b.constant(1);
    const push = (...from: Node[]): (Node | null)[] => forward(s.b, [y], new Map(from.map(n => [n, one])));
    assert.deepEqual(numbers(s, push(x)[0]), [12]);
    assert.deepEqual(numbers(s, push(h)[0]), [2]);
    assert.deepEqual(numbers(s, push(h, x)[0]), [6]);
  });

  it('is null where nothing depends on it', () => {
    const s = new Scene(9);
    const [x, z] = [s.leaf([], [2]), s.leaf([], [1])];
    assert.deepEqual(forward(s.b, [s.b.exp(z)], new Map([[x, s.b.constant(1)]])), [null]);
  });
});
