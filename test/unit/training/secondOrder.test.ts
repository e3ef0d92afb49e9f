import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { leastNorm } from '../../../src/training/methods/leastNorm';
import { modelOf, runOf, stepsOf } from './models';

/** As `test/golden/generate_optimizers.py` writes it. */
interface Golden {
  readonly rows: readonly (readonly number[])[];
  readonly signs: readonly number[];
  readonly cases: readonly {
    readonly model: 'rosenbrock' | 'logistic';
    readonly optimizer: string;
    readonly start: readonly number[];
    readonly losses: readonly number[];
    readonly points: readonly (readonly number[])[];
  }[];
}

const file = join(__dirname, '../../golden/training/secondOrder.json');
const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden;

const losses = {
  rosenbrock: 'loss = (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2',
  logistic: `
input x : [N, 3] = ${JSON.stringify(golden.rows)}
input y : [N] = ${JSON.stringify(golden.signs)}
loss = logistic(x @ p[0:3] + p[3], y) + 0.01 * l2(p[0:3])`,
};

describe('second-order methods', () => {
  for (const { model, optimizer, start, losses: expected, points } of golden.cases) {
    it(`${optimizer} on ${model} from [${start.join(', ')}], as PyTorch`, async () => {
      const run = await runOf(`
param p = [${start.join(', ')}]
${losses[model]}
train loss { optimizer = ${optimizer}; steps = ${expected.length}; precision = 64 }`);
      for (let step = 0; step < expected.length; step++) {
        let event = run.next();
        if (event?.kind === 'epoch') event = run.next();
        close(event!.loss, expected[step]!, `the loss of step ${step + 1}`);
        points[step]!.forEach((value, i) => {
          close(run.parameters().get('p')![i]!, value, `p[${i}] after step ${step + 1}`);
        });
      }
    });
  }

  it("Newton's method solves a quadratic in one step, several parameters together", async () => {
    const run = await runOf(`
param a = [3, -1]
param b = 2
loss = (a[0] - 1) ** 2 + 2 * (a[1] + b) ** 2 + (b - 4) ** 2 + a[0] * b
train loss { optimizer = newton(); steps = 2; precision = 64 }`);
    run.next();
    const [a, b] = [run.parameters().get('a')!, run.parameters().get('b')!];
    for (const [actual, exact] of [
      [a[0]!, -4 / 3],
      [b[0]!, 14 / 3],
      [a[1]!, -14 / 3],
    ] as const) {
      assert.ok(Math.abs(actual - exact) < 1e-12, `${actual} instead of ${exact}`);
    }
  });

  it('takes the least-norm step of a singular system and says why, once', async () => {
    const run = await runOf(`
param a = 3
param b = 1
loss = (a + b - 2) ** 2
train loss { optimizer = newton(); steps = 3; precision = 64 }`);
    const steps = stepsOf(run);
    // Both move alike: of all steps to a + b = 2 it is the shortest.
    assert.ok(Math.abs(run.parameters().get('a')![0]! - 2) < 1e-12);
    assert.ok(Math.abs(run.parameters().get('b')![0]! - 0) < 1e-12);
    assert.match(steps[0]!.warning!, /the Hessian is singular \(rank 1 of 2\)/);
    assert.equal(steps[1]!.warning, undefined);
  });

  it('stays where a linear loss has no curvature', async () => {
    const run = await runOf(
      'param w = [1, 2]\nloss = sum(w)\ntrain loss { optimizer = newton(); steps = 1 }',
    );
    const [step] = stepsOf(run);
    assert.deepEqual([...run.parameters().get('w')!], [1, 2]);
    assert.match(step!.warning!, /rank 0 of 2/);
  });

  it('trains in 32 bits too', async () => {
    for (const optimizer of ['newton(damping = 0.01)', 'lbfgs()']) {
      const run = await runOf(`
param p = [0, 0, 0, 0]
${losses.logistic}
train loss { optimizer = ${optimizer}; steps = 12 }`);
      stepsOf(run);
      assert.ok(Math.abs(run.finish().training.loss - 0.36505837) < 1e-5, optimizer);
    }
  });

  it('refuses a batch, and more numbers than a Hessian is made for', async () => {
    const data = 'data d = linear(n = 20)\ninput x : [N] = d[:, 0]\nparam w = 1\n';
    for (const optimizer of ['newton()', 'lbfgs()']) {
      const text = `${data}train mean(w * x) { optimizer = ${optimizer}; batch = 8 }`;
      await assert.rejects(modelOf(text), /takes the same rows: write batch = full/);
    }
    const many = 'param w : [2001] ~ zeros()\ntrain sum(w ** 2) { optimizer = newton() }';
    await assert.rejects(modelOf(many), /newton trains at most 2,000 numbers, and the parameters hold 2,001/);
  });
});

describe('leastNorm', () => {
  it('finds the least-norm solution of consistent and inconsistent systems', () => {
    // Symmetric of rank 2: the third row is the sum of the others.
    const a = [2, 1, 3, 1, 3, 4, 3, 4, 7];
    const { x, rank } = leastNorm(Float64Array.from(a), Float64Array.of(1, 2, 3), 3, Number.EPSILON);
    assert.equal(rank, 2);
    // As numpy.linalg.pinv(a) @ b.
    [-1 / 15, 1 / 3, 4 / 15].forEach((value, i) => {
      assert.ok(Math.abs(x[i]! - value) < 1e-14);
    });
    const flat = leastNorm(Float64Array.of(1, 1, 1, 1), Float64Array.of(3, 1), 2, Number.EPSILON);
    assert.ok([...flat.x].every(value => Math.abs(value - 1) < 1e-14));
  });
});

function close(actual: number, expected: number, what: string): void {
  const deviation = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  assert.ok(deviation <= 1e-8, `${what} is ${actual}, PyTorch's ${expected}`);
}
