import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Node } from '../../../src/graph/node';
import { evaluate } from '../../../src/runtime/evaluate';
import { Dataset } from '../../../src/training/dataset';
import { Evaluation } from '../../../src/training/evaluation';
import { initialParameters, type ParameterValues } from '../../../src/training/initial';
import { Run } from '../../../src/training/run';
import { epochsOf, eventsOf, modelOf, runOf } from './models';

/** As `test/golden/generate_layers.py` writes it. */
interface Golden {
  readonly x: unknown;
  readonly y: readonly number[];
  readonly start: Readonly<Record<string, readonly number[]>>;
  readonly steps: readonly {
    readonly loss: number;
    readonly evaluated: number;
    readonly saved: Readonly<Record<string, readonly number[]>>;
  }[];
}

const golden = JSON.parse(
  readFileSync(join(__dirname, '../../golden/training/convolution.json'), 'utf8'),
) as Golden;

const convolution = (batch: string): string => `
input x : [6, 1, 5, 5] = ${JSON.stringify(golden.x)}
input y : [6] int = ${JSON.stringify(golden.y)}
c = conv(x, 3, 2)
n = batch_norm(c, momentum = 0.3)
m = max_pool2d(tanh(n), 2)
logits = dense(flatten(m), 3)
loss = cross_entropy(logits, y)
train loss { optimizer = sgd(lr = 0.2); ${batch} precision = 64; steps = 5 }
`;

/** Moons through layers that differ in training. */
const moons = (layers: string, keys = ''): string => `
data m = moons(n = 40, noise = 0.1, seed = 3)
input x : [N, 2] = m[["x0", "x1"]]
input y : [N] int = m["label"]
${layers}
loss = cross_entropy(dense(h, 2), y)
train loss { optimizer = adam(lr = 0.05); batch = 8; epochs = 3; split = 0.75; precision = 64; ${keys} }
`;

const modal = 'n = batch_norm(dense(x, 6))\nh = dropout(relu(n), 0.4)';

describe('layers that differ in training', () => {
  it('train as in PyTorch, running statistics and evaluation included', async () => {
    const start = Object.entries(golden.start).map(
      ([name, data]) => [name, Float64Array.from(data)] as const,
    );
    const { model, tables } = await modelOf(convolution('batch = full;'));
    const parameters = new Map(initialParameters(model, 0, evaluate));
    assert.deepEqual([...parameters.get('n.running_var')!], [1, 1, 1]);
    for (const [name, data] of start) parameters.set(name, data);
    const run = new Run(model, tables, { evaluate, parameters });
    for (const { loss, evaluated, saved } of golden.steps) {
      let event = run.next();
      if (event?.kind === 'epoch') event = run.next();
      close(event!.loss, loss, 'loss');
      close(run.finish().training.loss, evaluated, 'loss in evaluation');
      const values = run.parameters();
      for (const [name, expected] of Object.entries(saved)) {
        expected.forEach((value, i) => {
          close(values.get(name)![i]!, value, `${name}[${i}]`);
        });
      }
    }
  });

  it('are validated with running statistics and without masks', async () => {
    const { model, tables } = await modelOf(moons(modal));
    const run = new Run(model, tables, { evaluate });
    const [last] = epochsOf(run).slice(-1);
    const held = await lossOf(moons(modal), run.parameters(), 'validation');
    close(last!.validationLoss!, held, 'validation loss');
    close(run.finish().validation!.loss, held, 'validation loss at the end');
    close(run.finish().training.loss, await lossOf(moons(modal), run.parameters(), 'train'), 'training loss');
    assert.equal(model.modal, true);
    assert.equal(model.inEvaluation().mode, 'eval');
    assert.equal(model.inEvaluation().inEvaluation(), model.inEvaluation());
  });

  it('do not move running statistics that the loss does not run through', async () => {
    const text = moons('h = relu(dense(x, 6))\nn = batch_norm(h)');
    const run = await runOf(text);
    eventsOf(run);
    assert.deepEqual([...run.parameters().get('n.running_mean')!], [0, 0, 0, 0, 0, 0]);
  });

  it('keep running statistics of a last batch of one example finite', async () => {
    const run = await runOf(
      moons('h = batch_norm(dense(x, 6))', 'drop_last = false').replace('n = 40', 'n = 44'),
    );
    eventsOf(run);
    for (const values of run.parameters().values()) assert.ok(values.every(Number.isFinite));
  });

  it('are the model itself where nothing differs', async () => {
    const { model } = await modelOf(moons('h = layer_norm(dense(x, 6))'));
    assert.equal(model.modal, false);
    assert.equal(model.inEvaluation(), model);
  });
});

describe('dropout', () => {
  const wide = 'h = dropout(ones([20000]), 0.3)\nloss = mean(h)\n';

  it('keeps a share of 1 - p, divided by it', async () => {
    const [h] = await valuesOf(wide, ['h']);
    const kept = [...h!].filter(value => value !== 0);
    assert.ok(kept.every(value => value === 1 / 0.7));
    // Five standard deviations of a binomial count.
    assert.ok(Math.abs(kept.length / h!.length - 0.7) < 5 * Math.sqrt((0.3 * 0.7) / 20000), `${kept.length}`);
  });

  it('draws the same mask for the same seed, path and step, whatever else is in the file', async () => {
    const [a] = await valuesOf(wide, ['h']);
    const [b] = await valuesOf(`k = dropout(ones([3]), 0.5)\n${wide}`, ['h']);
    assert.deepEqual(a, b);
    const [c] = await valuesOf(wide, ['h'], 1);
    assert.notDeepEqual(a, c);
  });

  it('draws another mask for every call and every step', async () => {
    const text = `
fn drop(x) { return dropout(x) }
a = drop(ones([64]))
b = drop(ones([64]))
c = dropout(ones([64]))
d = dropout(ones([64]))
e = dropout(dropout(ones([64])))
loss = mean(a)
`;
    const drawn = await valuesOf(text, ['a', 'b', 'c', 'd', 'e']);
    assert.equal(new Set(drawn.map(String)).size, 5);
    const { model, tables } = await modelOf(text);
    const dataset = Dataset.build(model, tables, { split: 1, seed: 0 }, evaluate);
    const [mask] = model.builder.graph.nodes.filter(node => node.op === 'random_mask') as [Node];
    const draw = (step: number): string => {
      const buffer = new Uint8Array(64);
      dataset.writeMask(mask, buffer, step);
      return buffer.join('');
    };
    assert.equal(draw(1), draw(1));
    assert.equal(new Set([0, 1, 2, 3].map(draw)).size, 4);
  });

  it('trains the same way twice, and differently with another seed', async () => {
    const losses = async (seed: number): Promise<number[]> =>
      eventsOf(await runOf(moons(modal), { seed })).map(event => event.loss);
    assert.deepEqual(await losses(1), await losses(1));
    assert.notDeepEqual(await losses(1), await losses(2));
  });

  it('holds its mask while differences are taken', async () => {
    const { model, tables } = await modelOf(
      'param w = [1, 2, 3, 4, 5, 6]\nloss = sum(dropout(w * w))\ncheck numeric_grad(loss, w) ~= grad(loss, w)\n',
    );
    const dataset = Dataset.build(model, tables, { split: 1, seed: 0 }, evaluate);
    const evaluation = new Evaluation(model, dataset, initialParameters(model, 0, evaluate), evaluate);
    assert.ok(evaluation.check(model.checks[0]!).pass);
  });
});

/** The loss of the model in evaluation on one part of the rows, in one pass. */
async function lossOf(
  text: string,
  parameters: ParameterValues,
  part: 'train' | 'validation',
): Promise<number> {
  const { model, tables } = await modelOf(text);
  const dataset = Dataset.build(model, tables, model.trainings[0]!, evaluate);
  const twin = model.inEvaluation();
  const evaluation = new Evaluation(twin, dataset, parameters, evaluate, dataset.split[part]);
  return evaluation.values([twin.objective!.node])[0]!.data[0]!;
}

async function valuesOf(text: string, names: readonly string[], seed = 0): Promise<number[][]> {
  const { model, tables } = await modelOf(text);
  const dataset = Dataset.build(model, tables, { split: 1, seed }, evaluate);
  const evaluation = new Evaluation(model, dataset, initialParameters(model, seed, evaluate), evaluate);
  const nodes = names.map(name => model.names.find(named => named.name === name)!.node);
  return evaluation.values(nodes).map(({ data }) => [...data]);
}

function close(actual: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${what}: ${actual}, ${expected}`,
  );
}
