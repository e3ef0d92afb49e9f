import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOf } from './models';

/** As `test/golden/generate_training.py` and `generate_optimizers.py` write it. */
interface Golden {
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
  readonly start: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>
  >;
  readonly cases: readonly Trajectory[];
}

interface Trajectory {
  readonly optimizer: string;
  /** Further keys of the `train` block. */
  readonly keys: string;
  readonly scale: number;
  readonly losses: readonly number[];
  /** After some of the steps. */
  readonly parameters: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

const TOLERANCE = 1e-8;
const folder = join(__dirname, '../../golden/training');
const read = (name: string): Golden => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Golden;
const goldens = [read('trajectories.json'), read('optimizers.json')];

describe('training as PyTorch trains', () => {
  for (const { golden, trajectory } of goldens.flatMap(each =>
    each.cases.map(one => ({ golden: each, trajectory: one })),
  )) {
    const { optimizer, keys, losses, parameters } = trajectory;
    it(`${optimizer} ${keys}`, async () => {
      const start = Object.entries(golden.start).map(
        ([name, { data }]) => [name, Float64Array.from(data)] as const,
      );
      const run = await runOf(modelText(golden, trajectory), { parameters: new Map(start) });
      for (let step = 1; step <= losses.length; step++) {
        let event = run.next();
        if (event?.kind === 'epoch') event = run.next();
        assert.equal(event?.step, step);
        close(event.loss, losses[step - 1]!, `the loss of step ${step}`);
        for (const [name, expected] of Object.entries(parameters[step] ?? {})) {
          const actual = run.parameters().get(name)!;
          expected.forEach((value, i) => {
            close(actual[i]!, value, `${name}[${i}] after step ${step}`);
          });
        }
      }
    });
  }
});

function modelText(golden: Golden, { optimizer, keys, scale, losses }: Trajectory): string {
  return `
input x : [12, 3] = ${JSON.stringify(golden.x)}
input y : [12] int = ${JSON.stringify(golden.y)}
param W : [3, 4] ~ zeros()
param b : [4] ~ zeros()
param V : [4, 3] ~ zeros()
h = tanh(x @ W + b)
loss = ${scale} * (cross_entropy(h @ V, y) + 0.01 * l2(W))
train loss { optimizer = ${optimizer}; steps = ${losses.length}; precision = 64; batch = full; ${keys} }
`;
}

function close(actual: number, expected: number, what: string): void {
  const deviation = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  assert.ok(deviation <= TOLERANCE, `${what} is ${actual}, PyTorch's ${expected}`);
}
