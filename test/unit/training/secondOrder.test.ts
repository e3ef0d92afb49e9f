import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eliminate } from '../../../src/training/methods/elimination';
import { leastNorm } from '../../../src/training/methods/leastNorm';
import { finished } from '../../support/finished';
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

  /** Two parameters of 70 numbers together, and running means: 3 batches of directions. */
  const long = `
param u : [40] ~ normal()
param v : [30] ~ normal()
w = concat(u, v)
i = float(arange(70))
A = cos(reshape(i, [70, 1]) * i) + 20 * eye(70)
x = batch_norm(A, gamma = ones([70]), beta = zeros([70]))
loss = w @ (A @ A.T) @ w / 2 - sum(sin(i) * w) + 0 * sum(x)
train loss { optimizer = newton(); steps = 2; precision = 64 }`;

  it('takes the directions of the Hessian in batches, and solves for all of them', async () => {
    const run = await runOf(long);
    run.next();
    const before = await runOf(long);
    assert.ok(run.finish().training.loss < before.finish().training.loss);
    const solved = run.parameters();
    const step = run.next();
    assert.ok(step, 'the quadratic is at its minimum after one step');
    for (const [path, values] of run.parameters()) {
      if (path !== 'u' && path !== 'v') continue;
      values.forEach((value, i) => {
        assert.ok(Math.abs(value - solved.get(path)![i]!) < 1e-12, `${path}[${i}] moves no more`);
      });
    }
  });

  it('gives way within a step, which leaves everything as it was until its end', async () => {
    const run = await runOf(long);
    const whole = await runOf(long);
    const start = run.parameters();
    const shares: number[] = [];
    let event = run.advance();
    for (; event?.kind === 'part'; event = run.advance()) {
      shares.push(event.share);
      assert.deepEqual(run.parameters(), start);
      assert.equal(run.stepsDone, 0);
    }
    assert.equal(shares.length, 2);
    assert.ok(shares[0]! > 0 && shares[0]! < shares[1]! && shares[1]! < 1);
    assert.deepEqual(event, whole.next());
    assert.deepEqual(run.parameters(), whole.parameters());
    const moved = [...start].filter(([path, values]) => {
      return run
        .parameters()
        .get(path)!
        .some((value, i) => value !== values[i]);
    });
    assert.deepEqual(
      moved.map(([path]) => path),
      ['u', 'v', 'x.running_mean', 'x.running_var'],
    );
  });

  it('is left within a step with the state of the step before, to be gone on from', async () => {
    const run = await runOf(long);
    run.next();
    const after = run.parameters();
    assert.equal(run.advance()?.kind, 'part');
    assert.equal(run.checkpoint().block.steps, 1);
    assert.deepEqual(run.parameters(), after);
    const first = await runOf(long);
    assert.equal(first.advance()?.kind, 'part');
    const resumed = await runOf(long, { resume: first.checkpoint() });
    resumed.next();
    assert.deepEqual(resumed.parameters(), after);
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

describe('elimination', () => {
  for (const n of [1, 7, 8, 21, 64]) {
    it(`solves ${n} equations, in whatever order pivots come`, () => {
      const a = Float64Array.from({ length: n * n }, (_, i) => Math.sin(3 * i * i + i + 1));
      const x = Float64Array.from({ length: n }, (_, i) => i - 3);
      const b = x.map((_, i) => x.reduce((sum, value, j) => sum + a[i * n + j]! * value, 0));
      const solved = finished(eliminate(a.slice(), b, n));
      assert.ok(solved.pivots > 0 && solved.pivots <= 1);
      solved.x.forEach((value, i) => {
        assert.ok(Math.abs(value - x[i]!) < 1e-9, `${value} instead of ${x[i]}`);
      });
    });
  }

  it('finds a singular matrix', () => {
    const a = Float64Array.of(1, 2, 2, 4);
    assert.equal(finished(eliminate(a, Float64Array.of(1, 1), 2)).pivots, 0);
  });
});

describe('leastNorm', () => {
  it('solves what has a full rank', () => {
    const { x, rank } = finished(
      leastNorm(Float64Array.of(0, 2, 2, 1), Float64Array.of(4, 5), 2, Number.EPSILON),
    );
    assert.equal(rank, 2);
    assert.ok(Math.abs(x[0]! - 1.5) < 1e-15 && Math.abs(x[1]! - 2) < 1e-15);
  });

  it('finds the least-norm solution of consistent and inconsistent systems', () => {
    // Symmetric of rank 2: the third row is the sum of the others.
    const a = [2, 1, 3, 1, 3, 4, 3, 4, 7];
    const { x, rank } = finished(
      leastNorm(Float64Array.from(a), Float64Array.of(1, 2, 3), 3, Number.EPSILON),
    );
    assert.equal(rank, 2);
    // As numpy.linalg.pinv(a) @ b.
    [-1 / 15, 1 / 3, 4 / 15].forEach((value, i) => {
      assert.ok(Math.abs(x[i]! - value) < 1e-14);
    });
    const flat = finished(leastNorm(Float64Array.of(1, 1, 1, 1), Float64Array.of(3, 1), 2, Number.EPSILON));
    assert.ok([...flat.x].every(value => Math.abs(value - 1) < 1e-14));
  });
});

function close(actual: number, expected: number, what: string): void {
  const deviation = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  assert.ok(deviation <= 1e-8, `${what} is ${actual}, PyTorch's ${expected}`);
}
