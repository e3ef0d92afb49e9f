import assert from 'node:assert/strict';
import type { ModelError } from '../../../src/language/diagnostic';
import { evaluate } from '../../../src/runtime/evaluate';
import { Run } from '../../../src/training/run';
import { findingsOf, lowered } from '../language/lower/models';

const model = (optimizer: string): string =>
  `param w : [3] = [1, -2, 0.5]\nloss = sum(w ** 4) + sum(w ** 2)\ntrain loss { optimizer = ${optimizer}; steps = 30; precision = 64 }\n`;

async function trajectory(text: string): Promise<number[]> {
  assert.deepEqual(await findingsOf(text), []);
  const { model: own, tables } = await lowered(text);
  const run = new Run(own, tables, { evaluate });
  const values: number[] = [];
  for (let event = run.next(); event; event = run.next()) values.push(...run.parameters().get('w')!);
  return values;
}

function agree(a: readonly number[], b: readonly number[]): void {
  assert.equal(a.length, b.length);
  a.forEach((x, i) => {
    assert.ok(Math.abs(x - b[i]!) <= 1e-12 * Math.max(1, Math.abs(x)), `entry ${i}: ${x} and ${b[i]}`);
  });
}

describe('an optimizer of the file', () => {
  it('with a velocity is SGD with momentum', async () => {
    const own =
      'optimizer mine(lr = 0.1, m = 0.9) (p, g) {\n  state v = zeros_like(p)\n  v = m * v + g\n  return p - lr * v\n}\n';
    agree(
      await trajectory(own + model('mine(lr = 0.01)')),
      await trajectory(model('sgd(lr = 0.01, momentum = 0.9)')),
    );
  });

  it('with two moments and the number of the step is Adam', async () => {
    const own =
      'optimizer mine(lr = 0.001, a = 0.9, b = 0.999) (p, g) {\n' +
      '  state m = zeros_like(p)\n  state v = zeros_like(p)\n' +
      '  m = a * m + (1 - a) * g\n  v = b * v + (1 - b) * g ** 2\n' +
      '  return p - lr * (m / (1 - a ** step)) / (sqrt(v / (1 - b ** step)) + 1e-8)\n}\n';
    agree(await trajectory(own + model('mine(lr = 0.05)')), await trajectory(model('adam(lr = 0.05)')));
  });

  it('has its lr multiplied by the schedule', async () => {
    const own = 'optimizer mine(lr = 0.1) (p, g) { return p - lr * g }\n';
    const scheduled = (optimizer: string): string =>
      model(optimizer).replace('steps = 30', 'steps = 30; schedule = exponential(gamma = 0.9)');
    agree(
      await trajectory(own + scheduled('mine(lr = 0.01)')),
      await trajectory(scheduled('sgd(lr = 0.01)')),
    );
  });

  it('begins a state with one number', async () => {
    const own =
      'optimizer mine(lr = 0.1) (p, g) {\n  state s = zeros_like(p) + 2\n  s = s * 1\n  return p - lr * g * s\n}\n';
    agree(await trajectory(own + model('mine(lr = 0.01)')), await trajectory(model('sgd(lr = 0.02)')));
  });

  it('that returns another shape than the parameter has is an error with its place', async () => {
    const own = 'optimizer mine(lr = 0.1) (p, g) { return [p, g] }\n';
    await assert.rejects(
      trajectory(own + model('mine()')),
      (error: ModelError) =>
        error.diagnostic.span.start === 10 &&
        error.message === "mine returns [2, 3] for a parameter of [3]; the value takes the parameter's place",
    );
  });
});

describe('an optimizer of the library', () => {
  it('takes no share of a running mean that leaves nothing of it', async () => {
    assert.match(
      (await findingsOf(model('adam(betas = [0.9, 1])'))).join(),
      /^3:\d+ error\[argument-value\] betas: a share/,
    );
    assert.match(
      (await findingsOf(model('rmsprop(alpha = 1.5)'))).join(),
      /alpha: a share is a number from 0 to 1, not 1.5/,
    );
    assert.deepEqual(await findingsOf(model('adadelta(rho = 1)')), []);
  });
});
