import assert from 'node:assert/strict';
import { evaluate } from '../../../src/runtime/evaluate';
import { Dataset } from '../../../src/training/dataset';
import { allAdjoints, Evaluation } from '../../../src/training/evaluation';
import { initialParameters } from '../../../src/training/initial';
import { correctedPath, followPath } from '../../../src/training/paths';
import { Run } from '../../../src/training/run';
import { lowered } from '../language/lower/models';

async function along(text: string) {
  const { model, tables } = await lowered(text);
  return followPath(model, each => {
    const dataset = Dataset.build(each, tables, { split: 1, seed: 0 }, evaluate);
    return new Evaluation(each, dataset, initialParameters(each, 0, evaluate), evaluate);
  });
}

async function lossAndSlope(text: string): Promise<[number, number]> {
  const { model, evaluation } = await along(text);
  const loss = model.objective!.node;
  const adjoint = allAdjoints(model, loss).of(model.parameters[0]!.node)!;
  const [value, slope] = evaluation.values([loss, adjoint]);
  return [value!.data[0]!, slope!.data[0]!];
}

describe('the path of values', () => {
  it('takes the branch that the values say, and its derivative', async () => {
    const text = (w: number): string => `param w = ${w}\nif w > 1 { loss = w ** 2 } else { loss = 5 * w }\n`;
    assert.deepEqual(await lossAndSlope(text(3)), [9, 6]);
    assert.deepEqual(await lossAndSlope(text(0.5)), [2.5, 5]);
  });

  it('takes one side of a conditional expression', async () => {
    assert.deepEqual(await lossAndSlope('param w = 3\nloss = w ** 2 if w > 1 else 5 * w\n'), [9, 6]);
  });

  it('makes as many turns of a loop as the values ask for', async () => {
    // 3 doubles four times to 48, and each doubling doubles the slope.
    const text = 'param w = 3\nk = w\nwhile k < 40 { k = k * 2 }\nloss = k\n';
    assert.deepEqual(await lossAndSlope(text), [48, 16]);
  });

  it('finds branches inside loops', async () => {
    // The Collatz sequence of 6 has 8 steps.
    const text =
      'param w = 6\nn = stop_gradient(w)\ncount = 0\nwhile n > 1 {\n  if n % 2 == 0 { n = n / 2 } else { n = 3 * n + 1 }\n  count = count + 1\n}\nloss = w * count\n';
    assert.deepEqual(await lossAndSlope(text), [48, 8]);
  });

  it('leaves a loop by a return', async () => {
    const text =
      'param w = 3\nfn f(x) {\n  while true {\n    if x > 40 { return x }\n    x = x * 2\n  }\n  return 0\n}\nloss = f(w)\n';
    assert.deepEqual(await lossAndSlope(text), [48, 16]);
  });

  it('of thousands of turns with branches in them is found to its end', async () => {
    const text =
      'param w = 1\nk = w\nwhile k < 3000 { if k % 2 == 0 { k = k + 1 } else { k = k + w } }\nloss = k\n';
    assert.deepEqual(await lossAndSlope(text), [3000, 1501]);
  }).timeout(20_000);

  it('that is never found is an error', async () => {
    const { model } = await lowered('param w = 1\nif w > 0 { loss = w } else { loss = 2 * w }\n');
    const stuck: typeof model = { ...model, along: () => stuck };
    const dataset = Dataset.build(model, new Map(), { split: 1, seed: 0 }, evaluate);
    const evaluation = new Evaluation(model, dataset, initialParameters(model, 0, evaluate), evaluate);
    assert.throws(() => followPath(stuck, () => evaluation), /the way through the conditions is not found/);
  });

  it('of a thousand turns is found in few attempts', async () => {
    const text = 'param w = 1\nk = w\nwhile k < 1000 { k = k + 1 }\nloss = k\n';
    const { model } = await lowered(text);
    let attempts = 0;
    const counting: typeof model = { ...model };
    const count = (each: typeof model): typeof model => ({
      ...each,
      along: path => {
        attempts++;
        return count(each.along(path));
      },
    });
    followPath(count(counting), each => {
      const dataset = Dataset.build(each, new Map(), { split: 1, seed: 0 }, evaluate);
      return new Evaluation(each, dataset, initialParameters(each, 0, evaluate), evaluate);
    });
    assert.ok(attempts < 15, `${attempts} attempts`);
  });

  it('is kept when nothing differs', () => {
    const node = {} as never;
    const conditions = [
      { node, holds: true, kind: 'if', place: 0 },
      { node, holds: false, kind: 'while', place: 9 },
    ] as const;
    assert.equal(correctedPath(conditions, [true, false]), undefined);
    assert.deepEqual(correctedPath(conditions, [false, false]), [false]);
    assert.deepEqual(correctedPath(conditions, [true, true]), [true, true, true]);
  });

  it('is followed step by step in training', async () => {
    const text =
      'param w = 3\nif w > 1 { loss = w ** 2 } else { loss = 5 * w ** 2 }\ntrain loss { optimizer = sgd(lr = 0.05, momentum = 0.5); steps = 20; precision = 64 }\n';
    const { model, tables } = await lowered(text);
    const run = new Run(model, tables, { evaluate });
    let [w, velocity] = [3, 0];
    for (let event = run.next(); event; event = run.next()) {
      if (event.kind !== 'step') continue;
      const factor = w > 1 ? 1 : 5;
      assert.ok(Math.abs(event.loss - factor * w * w) < 1e-12);
      velocity = 0.5 * velocity + 2 * factor * w;
      w -= 0.05 * velocity;
      assert.ok(Math.abs(run.parameters().get('w')![0]! - w) < 1e-12, `step ${event.step}`);
    }
  });
});
