import assert from 'node:assert/strict';
import { randomStream } from '../../../../src/base/random';
import type { Node } from '../../../../src/graph/node';
import { countOf } from '../../../../src/graph/shape';
import type { Model } from '../../../../src/language/model';
import { evaluate } from '../../../../src/runtime/evaluate';
import { lowerRequest } from '../../../../src/runtime/loweredRequest';
import { conditionalUpdates } from '../../../../src/runtime/onnx/condition';
import { compileOnnx } from '../../../../src/runtime/onnx/program';
import type { OnnxRuntime } from '../../../../src/runtime/onnx/runtime';
import { split } from '../../../../src/runtime/onnx/split';
import { compile, type Program, type ProgramRequest } from '../../../../src/runtime/program';
import { type Precision, Storage } from '../../../../src/runtime/storage';
import { initialParameters } from '../../../../src/training/initial';
import { buildStep, type StepGraph } from '../../../../src/training/step';
import { modelOf } from '../../training/models';
import { assertClose, runtimeOrSkip } from './support';

/** Batches of one epoch, the last one smaller. */
const BATCHES = [8, 8, 8, 8, 3];

const MLP = `
h = dense(x, 16, act = relu)
g = dense(h, 12, act = tanh)
s = dense(g, 4)
loss = cross_entropy(s, y)
`;
const NORMALISED = `
h = relu(batch_norm(dense(x, 16)))
s = dense(h, 4)
loss = cross_entropy(s, y) + 0.01 * l2()
`;
const REGRESSION = `
h = sigmoid(dense(x, 9))
p = dense(h, 1)[:, 0]
loss = mse(p, y) + 0.001 * l1(h)
`;
const ATTENTIVE = `
q = dense(x, 6)
k = dense(x, 6)
w = softmax(q @ k.T / 2.4)
s = dense(dropout(w @ x, 0.3), 4)
loss = cross_entropy(s, y)
`;

/** Adaptive rates divide by the size of a gradient: where it is zero but for rounding, they would show nothing else. */
const TRAININGS: readonly (readonly [name: string, model: string, keys: string])[] = [
  ['SGD', MLP, 'optimizer = sgd(lr=0.1)'],
  [
    'momentum and weight decay',
    MLP,
    'optimizer = sgd(lr=0.05, momentum=0.9, nesterov=true, weight_decay=0.01)',
  ],
  ['Adam', MLP, 'optimizer = adam(lr=0.01)'],
  ['AdamW with clipping by norm', MLP, 'optimizer = adamw(lr=0.01); clip_norm = 0.5'],
  [
    'RMSprop with clipping by value',
    MLP,
    'optimizer = rmsprop(lr=0.01, momentum=0.5, eps=0.01); clip_value = 0.02',
  ],
  ['running statistics and a penalty', NORMALISED, 'optimizer = sgd(lr=0.1, momentum=0.9)'],
  ['regression', REGRESSION, 'optimizer = adagrad(lr=0.05)'],
  ['attention and dropout', ATTENTIVE, 'optimizer = sgd(lr=0.1)'],
];

describe('training by ONNX Runtime', () => {
  for (const [name, model, keys] of TRAININGS) {
    it(`${name} leads to where the embedded executor leads`, async function () {
      const runtime = runtimeOrSkip(this);
      const text = `
data d = blobs(n = 40, classes = 4, features = 6)
input x : [N, 6] = d[:, 0:6]
input y : [N] int = d["label"]
${model}
train loss { ${keys}; steps = 5; batch = 8 }
`;
      const { model: lowered } = await modelOf(text);
      const step = buildStep(lowered, lowered.trainings[0]!);
      const start = startOf(lowered, step);
      const expected = train(step, start, 64);
      const actual = train(step, start, 32, runtime);
      assertClose(actual.losses, expected.losses, 'the losses');
      for (const [node, values] of expected.values) {
        assertClose(actual.values.get(node)!, values, `leaf ${node.id}`);
        assert.notDeepEqual(values, start.get(node), `leaf ${node.id} stays as it was`);
      }
    });
  }

  it('changes nothing in a step whose loss is not finite', async function () {
    const runtime = runtimeOrSkip(this);
    const { model } = await modelOf(`
data d = blobs(n = 40, classes = 4, features = 6)
input x : [N, 6] = d[:, 0:6]
input y : [N] int = d["label"]
${NORMALISED}
train loss { optimizer = adam(lr = 0.01); steps = 5; batch = 8 }
`);
    const step = buildStep(model, model.trainings[0]!);
    const program = compileOnnx({ ...requestOf(step, 8, 32), runtime, threads: 1 });
    const start = startOf(model, step);
    for (const node of program.fed) program.buffer(node).set(start.get(node) ?? [0.5]);
    const x = program.fed.find(node => node.shape.length === 2 && !start.has(node))!;
    const run = (value: number): number[][] => {
      const data = program.buffer(x);
      data.set(Array.from(data, (_, i) => (i === 7 ? value : Math.sin(i))));
      program.run();
      return [...start.keys()].map(node => [...program.buffer(node)]);
    };
    const before = run(1);
    assert.deepEqual(run(Number.NaN), before);
    assert.ok(Number.isNaN(program.buffer(step.loss)[0]!));
    assert.notDeepEqual(run(1), before);
  });

  it('leaves all that is done element by element to the update in place', async () => {
    const { model } = await modelOf(`
data d = blobs(n = 40, classes = 4, features = 6)
input x : [N, 6] = d[:, 0:6]
input y : [N] int = d["label"]
${MLP}
train loss { optimizer = adam(lr = 0.01, weight_decay = 0.1); clip_norm = 1; steps = 5; batch = 8 }
`);
    const step = buildStep(model, model.trainings[0]!);
    const { outputs, updates = [] } = requestOf(step, 8, 32);
    const { lowered } = lowerRequest({ outputs, updates, sizes: { N: 8 } });
    const { border } = split(lowered, { outputs, ...conditionalUpdates(updates, lowered) });
    const count = new Map<string, number>();
    for (const { op } of border.keys()) count.set(op, (count.get(op) ?? 0) + 1);
    const { length } = model.parameters;
    // A gradient for each parameter: products for weights, sums for biases; the norm's terms; and the loss.
    assert.deepEqual([...count.keys()].sort(), ['add', 'contract', 'div', 'sum']);
    assert.equal(count.get('contract')! + count.get('sum')!, length);
    const entries = [...border.keys()].reduce((sum, value) => sum + value.count, 0);
    const parameters = model.parameters.reduce((sum, { sizes }) => sum + countOf(sizes), 0);
    assert.ok(entries <= parameters + 4, `${entries} of ${parameters}`);
  });
});

/** Parameters, running statistics and the state of the optimiser before the first step. */
function startOf(model: Model, step: StepGraph): Map<Node, readonly number[]> {
  const initial = initialParameters(model, 0, evaluate);
  const saved = [...model.parameters, ...model.buffers].map(
    ({ node, path }) => [node, [...initial.get(path)!]] as const,
  );
  const state = [...step.state.values()].map(
    ({ node, sizes, initial: value }) => [node, new Array<number>(countOf(sizes)).fill(value)] as const,
  );
  return new Map([...saved, ...state]);
}

interface Trained {
  readonly losses: readonly number[];
  readonly values: ReadonlyMap<Node, ArrayLike<number>>;
}

function requestOf(step: StepGraph, rows: number, precision: Precision): ProgramRequest {
  return { outputs: [step.loss], updates: step.updates, sizes: { N: rows }, precision };
}

/** Programs for both sizes of a batch over one storage, as a training has them. */
function train(
  step: StepGraph,
  start: ReadonlyMap<Node, ArrayLike<number>>,
  precision: Precision,
  runtime?: OnnxRuntime,
): Trained {
  const storage = new Storage(precision);
  const programs = new Map<number, Program>();
  const random = randomStream(3, 'training');
  const losses: number[] = [];
  for (const [index, rows] of BATCHES.entries()) {
    let program = programs.get(rows);
    if (!program) {
      const request = { ...requestOf(step, rows, precision), storage };
      program = runtime ? compileOnnx({ ...request, runtime, threads: 2 }) : compile(request);
      programs.set(rows, program);
    }
    for (const node of program.fed) {
      const buffer = program.buffer(node);
      if (node === step.learningRate) buffer[0] = 0.05;
      else if (node === step.step) buffer[0] = index + 1;
      else if (start.has(node)) {
        if (index === 0) buffer.set(start.get(node)!);
      } else if (node.dtype === 'int') buffer.set(Array.from(buffer, () => random.int(4)));
      else if (node.dtype === 'bool') buffer.set(Array.from(buffer, () => Number(random.int(3) > 0)));
      else buffer.set(Array.from(buffer, () => random.normal()));
    }
    program.run();
    losses.push(program.buffer(step.loss)[0]!);
  }
  const program = programs.get(8)!;
  return { losses, values: new Map([...start.keys()].map(node => [node, [...program.buffer(node)]])) };
}
