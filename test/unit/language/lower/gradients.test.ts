import assert from 'node:assert/strict';
import { Evaluated, findingsOf } from './models';

describe('jacobian and hessian', () => {
  const shapes: [text: string, name: string, shape: number[]][] = [
    ['x = [1, 2, 3]\nW = [[1, 2, 3], [4, 5, 6]]\nJ = jacobian(W @ x, x)', 'J', [2, 3]],
    ['x = [1, 2, 3]\nW = [[1, 2, 3], [4, 5, 6]]\nJ = jacobian(W @ x, W)', 'J', [2, 2, 3]],
    ['x = [1, 2, 3]\nJ = jacobian(sum(x), x)', 'J', [3]],
    ['x = 2\nJ = jacobian(x ** [1, 2, 3], x)', 'J', [3]],
    ['x = 2\nH = hessian(x ** 3, x)', 'H', []],
    ['W = [[1, 2, 3], [4, 5, 6]]\nH = hessian(sum(exp(W)), W)', 'H', [2, 3, 2, 3]],
    ['x = [1, 2]\nb = 3\nM = jacobian(grad(sum(x ** 2) * b, x), b)', 'M', [2]],
  ];
  for (const [text, name, shape] of shapes) {
    it(`have the shape [${shape.join(', ')}]: ${text.split('\n').at(-1)}`, async () => {
      assert.deepEqual((await Evaluated.of(text)).value(name).shape, shape);
    });
  }

  const holds: [what: string, text: string][] = [
    [
      'nest',
      `w = [0.5, -1]
       L = sum(exp(w) * w)
       check jacobian(hessian(L, w), w)[0, 0, 0] ~= exp(0.5) * 3.5
       check grad(sum(hessian(L, w)), w) ~= exp(w) * (w + 3)
       check hessian(sum(hessian(L, w)), w)[1, 1] ~= exp(-1) * 3`,
    ],
    [
      'are differentiated by what the loss is made of',
      `x = [[1, 2], [3, 4], [5, 6]]
       param w = [0.1, -0.2]
       param b = 0.3
       L = sum(softplus(x @ w + b))
       s = sigmoid(x @ w + b)
       check hessian(L, w) ~= x.T @ (x * expand(s * (1 - s), 1))
       check jacobian(grad(L, w), b) ~= jacobian(grad(L, b), w)
       check hessian(L, b) ~= sum(s * (1 - s))`,
    ],
    [
      'give the gradient of each example',
      `input x : [N, 2] = [[1, 2], [3, 4], [5, 6]]
       input y : [N] int = [0, 1, 2]
       param W : [2, 3] ~ normal(seed = 1)
       losses = cross_entropy(x @ W, y, reduction = none)
       each = jacobian(losses, W)
       p = softmax(x @ W) - one_hot(y, 3)
       check each ~= expand(x, 2) * expand(p, 1)
       check mean(each, axis = 0) ~= grad(mean(losses), W)`,
    ],
    [
      'find the minimum of a quadratic in one step',
      `param w = [3, -1, 2]
       A = [[4, 1, 0], [1, 3, 1], [0, 1, 2]]
       c = [1, 2, 3]
       L = w @ A @ w / 2 - c @ w
       check A @ (w - solve(hessian(L, w), grad(L, w))) ~= c (tol = 1e-12)`,
    ],
    [
      'have products without the table',
      `param w = [0.4, -1, 2]
       v = [1, 2, 3]
       L = prod(w) + sum(tanh(w))
       check jvp(grad(L, w), w, v) ~= hessian(L, w) @ v
       check vjp(grad(L, w), w, v) ~= hessian(L, w) @ v
       check jvp(w ** 2 + w * L, w, v) ~= jacobian(w ** 2 + w * L, w) @ v`,
    ],
    [
      'penalise a gradient',
      `x = [[0.5, -1]]
       param w = [0.3, 0.2]
       L = sum(tanh(x @ w))
       penalty = norm(grad(L, x))
       check grad(penalty, w) ~= numeric_grad(penalty, w) (tol = 1e-6)`,
    ],
  ];
  for (const [what, text] of holds) {
    it(what, async () => {
      const evaluated = await Evaluated.of(text);
      const checks = evaluated.checks();
      assert.ok(checks.length > 0);
      for (const [i, check] of checks.entries()) assert.ok(check.pass, `check ${i + 1}: ${check.deviation}`);
    });
  }

  const findings: [text: string, found: string[]][] = [
    [
      'x = [1, 2]\ny = int(x)\nJ = jacobian(y, x)',
      ['3:14 error[dtype] `y` is int; only floats have derivatives'],
    ],
    [
      'x = [1, 2]\nH = hessian(x ** 2, x)',
      ['2:13 error[loss-not-scalar] `x ** 2` has shape [2]; hessian takes a scalar, such as its sum or mean'],
    ],
    ['x = zeros([5000])\nH = hessian(sum(exp(x)), x)', []],
    [
      'x = zeros([8000])\nH = hessian(sum(exp(x)), x)',
      [
        '2:5 error[argument-value] the Hessian of [8000] by [8000] has 64,000,000 elements, more than 50,000,000; ' +
          'jvp and vjp give its products without it',
      ],
    ],
    [
      'x = [1, 2]\nz = [3, 4]\nJ = jacobian(x ** 2, z)',
      ['3:5 warning[gradient-unreached] the value does not depend on z, so this is zero'],
    ],
    [
      'x = [1, 2]\nz = [3, 4]\nH = hessian(sum(x ** 2), z)',
      ['3:5 warning[gradient-unreached] the value does not depend on z, so this is zero'],
    ],
    ['x = [1, 2]\nH = hessian(sum(x), x)', []],
  ];
  for (const [text, found] of findings) {
    it(`${found.length === 0 ? 'nothing is wrong' : found[0]!.slice(0, 60)}: ${text.split('\n').at(-1)}`, async () => {
      assert.deepEqual(await findingsOf(text), found);
    });
  }

  it('that nothing depends on are zero, in shape', async () => {
    const evaluated = await Evaluated.of(
      'x = [1, 2]\nz = [3, 4, 5]\nJ = jacobian(x ** 2, z)\nH = hessian(sum(x), z)',
    );
    assert.deepEqual([...evaluated.value('J').data], [0, 0, 0, 0, 0, 0]);
    assert.deepEqual([...evaluated.value('H').data], new Array(9).fill(0));
  });
});

describe('grad', () => {
  it('reaches the names in a bracketed list', async () => {
    const text = `w = 3
       n = 2
       check grad(sum([w, 2]), w) ~= 1
       check grad(prod([[w, 5], [n, w]]), w) ~= 60
       fn both(a) { return [a, 1] }
       check grad(norm(both(w) * [1, 4]), w) ~= 0.6`;
    const checks = (await Evaluated.of(text)).checks();
    assert.deepEqual(
      checks.map(({ pass }) => pass),
      [true, true, true],
    );
  });
});
