import assert from 'node:assert/strict';
import { type GradcheckRow, type GradcheckTarget, gradcheck } from '../../../src/autodiff/gradcheck';
import { numericGradient } from '../../../src/autodiff/numeric';
import { reverse } from '../../../src/autodiff/reverse';
import type { Node } from '../../../src/graph/node';
import type { Builder } from '../../../src/ops/builder';
import { evaluate } from '../../../src/runtime/evaluate';
import { finished } from '../../support/finished';
import { Scene } from '../../support/scene';

/** Checks `f` at the given values; `spoil` makes the automatic gradient wrong. */
function check(
  values: readonly number[],
  f: (b: Builder, x: Node) => Node,
  spoil: (b: Builder, gradient: Node) => Node = (_, gradient) => gradient,
): GradcheckRow {
  const s = new Scene(1);
  const x = s.leaf([values.length], values);
  const loss = s.b.sumAll(f(s.b, x));
  const right = reverse(s.b, loss).of(x);
  const adjoint = right && spoil(s.b, right);
  const target = { path: 'x', node: x, adjoint };
  return rowsOf(s, loss, [target])[0]!;
}

function rowsOf(s: Scene, loss: Node, targets: readonly GradcheckTarget[]): GradcheckRow[] {
  const { graph } = s.b;
  return finished(gradcheck(evaluate, loss, targets, s.feeds, {}, { graph, random: s.random }));
}

const scaled = (factor: number) => (b: Builder, gradient: Node) => b.mul(gradient, b.constant(factor));

describe('gradient check', () => {
  const functions: Record<string, (b: Builder, x: Node) => Node> = {
    'a smooth function': (b, x) => b.sin(x),
    'a steep function': (b, x) => b.tanh(b.mul(x, b.constant(1e4))),
    'a very flat one': (b, x) => b.mul(b.square(x), b.constant(1e-12)),
    'a large one': (b, x) => b.mul(b.exp(x), b.constant(1e12)),
    'one with a large offset': (b, x) => b.add(b.square(x), b.constant(1e5)),
  };
  for (const [name, f] of Object.entries(functions)) {
    it(`passes the right gradient of ${name} and fails a wrong one`, () => {
      const values = name === 'a steep function' ? [1e-5, -7e-5, 1.3e-4] : [0.3, -0.7, 1.3];
      const right = check(values, f);
      assert.ok(right.pass, `deviation ${right.deviation}`);
      assert.equal(right.kinks.length, 0);
      assert.equal(right.checked, 3);
      const wrong = check(values, f, scaled(1.02));
      assert.ok(!wrong.pass, `deviation ${wrong.deviation}`);
    });
  }

  it('names the worst entry', () => {
    const row = check(
      [1, 2, 3],
      (b, x) => b.square(x),
      (b, g) => b.add(g, b.tensor([0, 0.5, 0], g.shape)),
    );
    assert.ok(!row.pass);
    assert.deepEqual(row.index, [1]);
    assert.equal(row.automatic, 4.5);
    assert.ok(Math.abs(row.numeric - 4) < 1e-8);
    assert.ok(Math.abs(row.deviation - 0.5 / 6) < 1e-6);
  });

  it('reports a kink instead of judging it', () => {
    const row = check([0, 1, -1], (b, x) => b.relu(x));
    assert.ok(row.pass);
    assert.equal(row.checked, 2);
    assert.deepEqual(
      row.kinks.map(kink => kink.index),
      [[0]],
    );
    const [kink] = row.kinks;
    assert.ok(Math.abs(kink!.left) < 1e-6 && Math.abs(kink!.right - 1) < 1e-6 && kink!.automatic === 0);
  });

  it('steps closer when a kink is only nearby', () => {
    const row = check([2e-6, -3e-7], (b, x) => b.abs(x));
    assert.ok(row.pass);
    assert.equal(row.kinks.length, 0);
    assert.ok(!check([2e-6, -3e-7], (b, x) => b.abs(x), scaled(0)).pass);
  });

  it('takes the edge of a domain and a jump for kinks', () => {
    assert.equal(check([0, 1], (b, x) => b.sqrt(x)).kinks.length, 1);
    assert.equal(check([1, 1.5], (b, x) => b.floor(x)).kinks.length, 1);
  });

  it('fails a gradient that is NaN', () => {
    const nothing = (b: Builder, g: Node): Node => b.div(b.sub(g, g), b.constant(0));
    assert.ok(!check([1, 2], (b, x) => b.square(x), nothing).pass);
  });

  it('passes a node that the objective does not depend on', () => {
    const s = new Scene(1);
    const [x, y] = [s.leaf([2], [1, 2]), s.leaf([], [3])];
    const targets = [{ path: 'x', node: x, adjoint: undefined }];
    const [row] = rowsOf(s, s.b.exp(y), targets);
    assert.ok(row!.pass && row!.deviation === 0);
  });

  it('gives way with what is done, a share that grows to the end, and leaves the graph as it was', () => {
    const s = new Scene(1);
    const [x, y] = [s.leaf([150], new Array(150).fill(0.5)), s.leaf([], [2])];
    const loss = s.b.mul(y, s.b.sumAll(s.b.sin(x)));
    const adjoints = reverse(s.b, loss);
    const targets = [x, y].map((node, i) => ({ path: `${i}`, node, adjoint: adjoints.of(node) }));
    const { graph } = s.b;
    const before = graph.nodes.length;
    const shares = [...gradcheck(evaluate, loss, targets, s.feeds, {}, { graph, random: s.random })];
    assert.ok(shares.length > 4, 'several batches');
    assert.ok(shares.every((share, i) => share >= (shares[i - 1] ?? 0)));
    assert.equal(shares.at(-1), 1);
    assert.equal(graph.nodes.length, before);
  });

  it('checks some entries of a large tensor and a direction through all of it', () => {
    const values = Array.from({ length: 300 }, (_, i) => Math.sin(i));
    const row = check(values, (b, x) => b.exp(x));
    assert.ok(row.pass && row.direction?.pass);
    assert.equal(row.checked, 200);
    assert.equal(row.total, 300);
    // One wrong entry that may not be among the chosen: the direction sees it.
    const one = values.map((_, i) => (i === 17 ? 0.5 : 0));
    const wrong = check(
      values,
      (b, x) => b.exp(x),
      (b, g) => b.add(g, b.tensor(one, g.shape)),
    );
    assert.ok(!wrong.direction!.pass && !wrong.pass);
  });
});

describe('finite differences', () => {
  it('are of second order when central, of first order when forward', () => {
    const s = new Scene(1);
    const x = s.leaf([2], [0.5, 1]);
    const loss = s.b.sumAll(s.b.exp(x));
    const error = (scheme: 'central' | 'forward', h: number): number => {
      const { data } = numericGradient(evaluate, loss, x, s.feeds, {}, { h, scheme });
      return Math.abs(data[0]! - Math.exp(0.5));
    };
    assert.ok(error('central', 1e-2) < 3e-5 && error('central', 1e-3) < 3e-7);
    assert.ok(error('forward', 1e-2) > 5e-3 && error('forward', 1e-3) > 5e-4);
  });

  it('reach values in the middle', () => {
    const s = new Scene(1);
    const h = s.b.square(s.leaf([], [3]));
    const { data } = numericGradient(evaluate, s.b.square(h), h, s.feeds, {});
    assert.ok(Math.abs(data[0]! - 18) < 1e-6);
  });
});
