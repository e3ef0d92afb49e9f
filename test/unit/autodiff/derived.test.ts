import assert from 'node:assert/strict';
import { hessian, hvp, jacobian } from '../../../src/autodiff/derived';
import { forward } from '../../../src/autodiff/forward';
import { reverse } from '../../../src/autodiff/reverse';
import { constantDim, symbolDim } from '../../../src/graph/dimension';
import { Graph } from '../../../src/graph/graph';
import type { Node } from '../../../src/graph/node';
import { countOf, knownShape, printShape } from '../../../src/graph/shape';
import type { Tensor } from '../../../src/graph/types';
import { Builder } from '../../../src/ops/builder';
import { opNames } from '../../../src/ops/registry';
import { verify } from '../../../src/ops/verify';
import { evaluate } from '../../../src/runtime/evaluate';
import { Scene } from '../../support/scene';
import { type OpCase, opCases } from '../ops/cases';

describe('Jacobians of every op', () => {
  for (const op of opNames) {
    opCases[op].forEach((build: OpCase, i) => {
      it(`${op} ${i + 1}: the same by rows and by columns`, () => {
        const s = new Scene(3, op);
        const y = build(s);
        if (y.dtype !== 'float') return;
        for (const x of s.floats)
          assertSame(s, jacobian(s.b, y, x, 'rows'), jacobian(s.b, y, x, 'columns'), op);
        assert.deepEqual(verify(s.graph), []);
      });
    });
  }
});

describe('second derivatives of random graphs', () => {
  for (let seed = 1; seed <= 20; seed++) {
    it(`forward over reverse, reverse over reverse and one by one agree, draw ${seed}`, () => {
      const s = new Scene(seed, 'composite');
      const leaves = [s.normal(2, 3), s.normal(3, 2), s.normal(3), s.normal()];
      const loss = randomLoss(s, leaves);
      for (const w of leaves) {
        const gradient = reverse(s.b, loss, { wrt: [w] }).of(w);
        if (!gradient) continue;
        const table = jacobian(s.b, gradient, w, 'columns');
        assertSame(s, table, jacobian(s.b, gradient, w, 'rows'), 'both modes');
        const v = s.b.tensor(random(s, w), w.shape);
        const along = table && s.b.sum(s.b.mul(table, s.b.broadcastTo(v, table.shape)), lastAxes(w));
        assertSame(s, along, hvp(s.b, loss, w, v), 'H v');
        const inner = s.b.sumAll(s.b.mul(gradient, v));
        assertSame(s, along, reverse(s.b, inner, { wrt: [w] }).of(w), 'reverse over reverse');
        // The gradient of what the Hessian is made of: third derivatives, in both orders of the modes.
        if (!table) continue;
        const weights = s.b.tensor(random(s, table), table.shape);
        const scalar = s.b.sumAll(s.b.mul(table, weights));
        const third = reverse(s.b, scalar, { wrt: [w] }).of(w);
        const [pushed] = forward(s.b, [scalar], new Map([[w, v]]));
        assertSame(s, third && s.b.sumAll(s.b.mul(third, v)), pushed ?? undefined, 'third');
      }
      assert.deepEqual(verify(s.graph), []);
    });
  }
});

describe('Jacobians and Hessians', () => {
  it('are taken by rows or by columns, whichever are fewer', () => {
    const s = new Scene(1);
    const [wide, tall] = [s.normal(2, 5), s.normal(5, 2)];
    const modeOf = (y: Node, x: Node): string =>
      jacobian(s.b, y, x)!.provenance.derivation.kind === 'adjoint' ? 'rows' : 'columns';
    assert.equal(modeOf(s.b.contract(wide, s.normal(5), 'ik', 'k', 'i'), wide), 'rows');
    const x = s.normal(2);
    assert.equal(modeOf(s.b.contract(tall, x, 'ik', 'k', 'i'), x), 'columns');
  });

  it('are small graphs, whatever the sizes', () => {
    const sizes = [2, 200].map(n => {
      const s = new Scene(2);
      const w = s.normal(n);
      const loss = s.b.sumAll(s.b.square(s.b.tanh(w)));
      const before = s.graph.nodes.length;
      hessian(s.b, loss, w);
      return s.graph.nodes.length - before;
    });
    assert.equal(sizes[0], sizes[1]);
    assert.ok(sizes[0]! < 50, `${sizes[0]} nodes`);
  });

  it('leave nothing behind in the graph that is not part of them', () => {
    const s = new Scene(3);
    const w = s.normal(3);
    const y = s.b.exp(w);
    const before = s.graph.nodes.length;
    const table = jacobian(s.b, y, w)!;
    const used = new Set<Node>();
    const visit = (node: Node): void => {
      if (used.has(node)) return;
      used.add(node);
      node.inputs.forEach(visit);
    };
    visit(table);
    const dead = s.graph.nodes.slice(before).filter(node => !used.has(node));
    assert.deepEqual(dead, []);
  });

  it('take symbols for sizes', () => {
    const b = new Builder(new Graph());
    const N = symbolDim('N');
    const x = b.apply('input', [], { name: 'x', shape: [N, constantDim(2)], dtype: 'float' });
    const w = b.apply('parameter', [], { path: 'w', shape: [constantDim(2)] });
    const scores = b.contract(x, w, 'ni', 'i', 'n');
    const tables = [
      jacobian(b, scores, w)!,
      jacobian(b, scores, x)!,
      hessian(b, b.sumAll(b.exp(scores)), x)!,
    ];
    assert.deepEqual(
      tables.map(table => printShape(table.shape)),
      ['[N, 2]', '[N, N, 2]', '[N, 2, N, 2]'],
    );
    assert.deepEqual(verify(b.graph), []);
    const tensor = (shape: number[], data: number[]): Tensor => ({
      dtype: 'float',
      shape,
      data: Float64Array.from(data),
    });
    const feeds = new Map([
      [x, tensor([2, 2], [1, 2, 3, 4])],
      [w, tensor([2], [0, 0])],
    ]);
    const [byW, byX] = evaluate(tables, feeds, { N: 2 });
    assert.deepEqual([...byW!.data], [1, 2, 3, 4]);
    assert.deepEqual([...byX!.data], [0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('of a value by itself is the identity', () => {
    const s = new Scene(4);
    const x = s.normal(2);
    assert.deepEqual(numbers(s, jacobian(s.b, x, x)!), [1, 0, 0, 1]);
    assert.deepEqual(numbers(s, jacobian(s.b, x, x, 'rows')!), [1, 0, 0, 1]);
  });

  it('are undefined where nothing depends on it', () => {
    const s = new Scene(5);
    const [x, z] = [s.normal(2), s.normal(2)];
    const y = s.b.exp(z);
    assert.equal(jacobian(s.b, y, x), undefined);
    assert.equal(jacobian(s.b, y, x, 'rows'), undefined);
    assert.equal(hessian(s.b, s.b.sumAll(y), x), undefined);
    assert.equal(hvp(s.b, s.b.sumAll(y), x, z), undefined);
    // A sum has the gradient 1 everywhere, which depends on nothing.
    assert.equal(hessian(s.b, s.b.sumAll(z), z), undefined);
  });

  it('are those of values in the middle', () => {
    const s = new Scene(6);
    const x = s.leaf([2], [1, 2]);
    const h = s.b.square(x);
    const loss = s.b.sumAll(s.b.mul(s.b.mul(h, h), x));
    assert.deepEqual(numbers(s, hessian(s.b, loss, h)!), [2, 0, 0, 4]);
  });

  it("let Newton's method end in one step on a quadratic", () => {
    const s = new Scene(7);
    const w = s.normal(4);
    const root = s.normal(4, 4);
    const A = s.b.add(s.b.contract(root, root, 'ki', 'kj', 'ij'), s.b.toFloat(eye(s.b, 4)));
    const c = s.normal(4);
    const half = s.b.contract(s.b.contract(A, w, 'ij', 'j', 'i'), w, 'i', 'i', '');
    const loss = s.b.sub(s.b.mul(half, s.b.constant(0.5)), s.b.contract(c, w, 'i', 'i', ''));
    const gradient = reverse(s.b, loss, { wrt: [w] }).of(w)!;
    const column = s.b.reshape(gradient, [constantDim(4), constantDim(1)]);
    const step = s.b.apply('solve', [hessian(s.b, loss, w)!, column]);
    const next = s.b.sub(w, s.b.reshape(step, w.shape));
    const there = numbers(s, s.b.sub(s.b.contract(A, next, 'ij', 'j', 'i'), c));
    assert.ok(
      there.every(x => Math.abs(x) < 1e-12),
      `${there}`,
    );
  });
});

function eye(b: Builder, n: number): Node {
  const square = [constantDim(n), constantDim(n)];
  return b.equal(b.iota(square, 0), b.iota(square, 1));
}

/** A scalar that all leaves [2, 3], [3, 2], [3], [] lead to, through smooth ops chosen at random. */
function randomLoss(s: Scene, leaves: readonly Node[]): Node {
  const { b } = s;
  const pool = [...leaves];
  const pick = (): Node => pool[s.random.int(pool.length)]!;
  const steps: ((x: Node) => Node)[] = [
    x => b.tanh(x),
    x => b.sigmoid(x),
    x => b.sin(x),
    x => b.elementwise('softplus', [x]),
    x => b.exp(b.tanh(x)),
    x => b.div(x, b.add(b.square(x), b.constant(1))),
    x => b.mul(x, leaves[3]!),
    x => (x.shape.length > 0 ? b.sum(x, [0]) : x),
    x => (x.shape.length > 0 ? b.apply('cumsum', [x], { axis: 0, reverse: false }) : x),
    x => (x.shape.length > 0 ? b.apply('prod', [x], { axes: [0] }) : x),
    x => (x.shape.length > 0 ? b.gather(x, b.tensor([1, 0, 1], [constantDim(3)], 'int'), 0) : x),
    x => b.transpose(x, [...x.shape.keys()].reverse()),
    x => b.add(x, b.mul(x, pick().shape.length === 0 ? leaves[3]! : x)),
    x => (printShape(x.shape) === '[2, 3]' ? b.contract(x, leaves[1]!, 'ik', 'kj', 'ij') : x),
    x => (x.shape.at(-1)?.key === '3' ? b.mul(x, leaves[2]!) : x),
  ];
  for (let i = 0; i < 12; i++) pool.push(steps[s.random.int(steps.length)]!(pick()));
  return [...leaves.map(leaf => b.square(leaf)), ...pool.slice(-5)]
    .map(x => b.sumAll(b.tanh(x)))
    .reduce((p, q) => b.add(b.mul(p, q), q));
}

function lastAxes(like: Node): number[] {
  return like.shape.map((_, axis) => axis + like.shape.length);
}

function random(s: Scene, like: Node): number[] {
  return Array.from({ length: countOf(knownShape(like.shape)!) }, () => s.random.normal());
}

function numbers(s: Scene, node: Node): number[] {
  return [...evaluate([node], s.feeds, {})[0]!.data];
}

/** Undefined stands for zeros. */
function assertSame(s: Scene, a: Node | undefined, b: Node | undefined, what: string): void {
  const zeros = (like: Node | undefined): number[] => (like ? numbers(s, like).map(() => 0) : []);
  const left = a ? numbers(s, a) : zeros(b);
  const right = b ? numbers(s, b) : zeros(a);
  const scale = Math.max(1, ...left.map(Math.abs));
  left.forEach((x, i) => {
    assert.ok(Math.abs(x - right[i]!) <= 1e-9 * scale, `${what} [${i}]: ${x} and ${right[i]}`);
  });
  assert.equal(left.length, right.length);
}
