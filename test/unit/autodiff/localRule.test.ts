import assert from 'node:assert/strict';
import { describeLocal } from '../../../src/autodiff/localRule';
import { constantDim } from '../../../src/graph/dimension';
import type { Node } from '../../../src/graph/node';
import { type OpName, opNames } from '../../../src/ops/registry';
import { Scene } from '../../support/scene';
import { type OpCase, opCases } from '../ops/cases';

/** Names an op's operands `x`, `w`, `z` and its result `h`. */
function describe1(node: Node, operand = 0): string | undefined {
  const nameOf = (n: Node): string => (n === node ? 'h' : ['x', 'w', 'z'][node.inputs.indexOf(n)]!);
  return describeLocal(node, operand, nameOf)?.formula;
}

describe('local derivatives in words', () => {
  const s = new Scene(1);
  const { b } = s;
  const [x, w, z] = [s.normal(2, 2), s.normal(2, 2), s.normal(2, 2)];
  const unary = (op: OpName, attributes: object = {}): Node => b.apply(op, [x], attributes);
  const product = (left: string, right: string, out: string): Node => b.contract(x, w, left, right, out);

  const rows: [Node, ...string[]][] = [
    [b.tanh(x), '1 - h²'],
    [b.sigmoid(x), 'h · (1 - h)'],
    [b.exp(x), 'h'],
    [b.log(x), '1 / x'],
    [b.sqrt(x), '1 / (2 · h)'],
    [b.sin(x), 'cos(x)'],
    [b.cos(x), '-sin(x)'],
    [b.square(x), '2 · x'],
    [b.relu(x), '1 if x > 0, else 0'],
    [b.abs(x), 'sign(x)'],
    [b.neg(x), '-1'],
    [unary('erf'), '1.12838 · exp(-x²)'],
    [unary('softplus'), 'sigmoid(x)'],
    [unary('elu', { alpha: 0.5 }), '1 if x > 0, else 1/2 · exp(x)'],
    [b.add(x, w), '1', '1'],
    [b.sub(x, w), '1', '-1'],
    [b.mul(x, w), 'w', 'x'],
    [b.div(x, w), '1 / w', '-h / w'],
    [b.pow(x, w), 'w · x^(w - 1)', 'h · log(x)'],
    [b.maximum(x, w), '1/2 if x = w, else 1 if x > w, else 0', '1/2 if x = w, else 1 if x < w, else 0'],
    [b.elementwise('modulo', [x, w]), '1', '-⌊x / w⌋'],
    [b.elementwise('xlogy', [x, w]), 'log(w)', 'x / w'],
    [b.elementwise('clip', [x, w, z]), '1 if x ≥ w and x ≤ z, else 0', '1 if x < w and w < z, else 0'],
    [b.sum(x, [0]), 'g repeated along axis 0'],
    [b.broadcast(x, [...x.shape, ...x.shape], [2, 3]), 'g summed over axes 2, 3'],
    [b.transpose(x, [1, 0]), 'gᵀ'],
    [b.max(x, [1]), 'g where x is the maximum, split evenly over ties, else 0'],
    [product('ni', 'io', 'no'), 'g @ wᵀ', 'xᵀ @ g'],
    [product('in', 'io', 'no'), 'w @ gᵀ', 'x @ g'],
    [product('ni', 'oi', 'no'), 'g @ w', 'gᵀ @ x'],
    [b.apply('solve', [x, w]), '-solve(xᵀ, g) @ hᵀ', 'solve(xᵀ, g)'],
  ];
  const n = s.ints(2, 3);
  const axes = (permutation: number[]): Node => b.transpose(s.normal(2, 2, 2), permutation);
  const two = constantDim(2);
  rows.push(
    [unary('log1p'), '1 / (1 + x)'],
    [unary('tan'), '1 + h²'],
    [unary('atan'), '1 / (1 + x²)'],
    [unary('sign'), '0'],
    [unary('floor'), '0'],
    [unary('identity'), '1'],
    [unary('stop_gradient'), '0'],
    [b.cast(x, 'int'), '0'],
    [b.pow(x, b.constant(2)), '2 · x'],
    [b.pow(x, b.broadcastTo(b.constant(3), x.shape)), '3 · x^2'],
    [b.pow(x, b.broadcastTo(b.constant(0.5), x.shape)), '1/2 · x^(-1/2)'],
    [b.minimum(x, w), '1/2 if x = w, else 1 if x < w, else 0', '1/2 if x = w, else 1 if x > w, else 0'],
    [b.elementwise('floor_divide', [x, w]), '0', '0'],
    [b.where(b.greater(x, w), x, w), '0', '1 if x, else 0', '1 if not x, else 0'],
    [b.greater(x, w), '0', '0'],
    [b.reshape(x, [constantDim(4)]), 'g in the shape of x'],
    [axes([2, 0, 1]), 'g with its axes back in order'],
    [b.concat([x, w], 1), 'its own part of g along axis 1', 'its own part of g along axis 1'],
    [b.slice(x, [two, two], [-1, -1], [two, two]), 'g where it was taken from, 0 elsewhere'],
    [b.unslice(x, [two, two], [1, 1], [constantDim(4), constantDim(4)]), 'the part of g where it was put'],
    [b.gather(x, n, 0), 'g added up at the positions w', '0'],
    [b.scatterAdd(b.gather(x, n, 0), n, 0, two), 'g at the positions w', '0'],
    [b.apply('cumsum', [x], { axis: 1, reverse: false }), 'g summed along axis 1 from the end'],
    [b.apply('cumsum', [x], { axis: 0, reverse: true }), 'g summed along axis 0 from the start'],
    [b.apply('tril', [x], { k: 0 }), 'tril(g)'],
    [b.apply('tril', [x], { k: -1 }), 'tril(g, -1)'],
    [product('ij', 'jk', 'ik'), 'g @ wᵀ', 'xᵀ @ g'],
    [product('ab', 'ab', 'ab'), 'g[a, b] w[a, b]', 'x[a, b] g[a, b]'],
    [b.min(x, [0, 1]), 'g where x is the minimum, split evenly over ties, else 0'],
    [b.apply('prod', [x], { axes: [1] }), 'g · (product of the other elements of x)'],
    [b.apply('norm', [x], { axes: [1] }), 'g · x / h, and 0 at the zero vector'],
    [b.apply('argmax', [x], { axis: 1 }), '0'],
    [b.apply('det', [x]), 'g · (cofactors of x)'],
    [b.apply('lstsq', [x, w]), '(w - x @ h) @ Zᵀ - x @ Z @ hᵀ, Z = solve(xᵀ @ x, g)', 'x @ solve(xᵀ @ x, g)'],
    [
      b.apply('recurrence', [x, w], { axis: 0, reverse: false }),
      '(previous h) · du, where du = g + (next x) · (next du)',
      'du, where du = g + (next x) · (next du)',
    ],
  );
  for (const [node, ...formulas] of rows) {
    it(`of ${node.op}: ${formulas.join('   and   ')}`, () => {
      assert.deepEqual(
        formulas.map((_, operand) => describe1(node, operand)),
        formulas,
      );
    });
  }

  it('name the product of vectors', () => {
    const [p, q, W] = [s.normal(2), s.normal(2), s.normal(2, 2)];
    assert.equal(describe1(b.contract(p, q, 'k', 'k', '')), 'g · w');
    assert.equal(describe1(b.contract(p, q, 'i', 'j', 'ij')), 'g @ w');
    assert.equal(describe1(b.contract(W, q, 'ij', 'j', 'i')), 'outer(g, w)');
    assert.equal(describe1(b.contract(W, q, 'ij', 'j', 'i'), 1), 'xᵀ @ g');
  });

  it('look through broadcasts of named values', () => {
    const scalar = s.leaf([], [2]);
    const node = b.mul(x, scalar);
    const nameOf = (n: Node): string => (n.op === 'broadcast' ? 's' : 'x');
    assert.deepEqual(describeLocal(node, 0, nameOf), { kind: 'factor', formula: 's', pattern: 'switches' });
  });

  it('exist for every operand of every op', () => {
    for (const op of opNames) {
      for (const build of opCases[op] as readonly OpCase[]) {
        const node = build(new Scene(1));
        node.inputs.forEach((_, operand) => {
          const rule = describeLocal(node, operand, () => 'v');
          assert.ok(rule && rule.formula !== '' && !rule.formula.includes('undefined'), op);
        });
      }
    }
  });
});
