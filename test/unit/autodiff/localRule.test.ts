import assert from 'node:assert/strict';
import { describeLocal } from '../../../src/autodiff/localRule';
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
