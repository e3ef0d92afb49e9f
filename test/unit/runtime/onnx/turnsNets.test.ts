import assert from 'node:assert/strict';
import fc from 'fast-check';
import { randomStream } from '../../../../src/base/random';
import { evaluate } from '../../../../src/runtime/evaluate';
import type { OnnxGraph } from '../../../../src/runtime/onnx/model';
import { examplesOf } from '../../../../src/runtime/onnx/parallel/examples';
import { compileOnnx } from '../../../../src/runtime/onnx/program';
import type { OnnxRuntime } from '../../../../src/runtime/onnx/runtime';
import { acrossTurns } from '../../../../src/runtime/onnx/turns/turns';
import { compile } from '../../../../src/runtime/program';
import { initialParameters } from '../../../../src/training/initial';
import { buildGradients } from '../../../../src/training/step';
import { modelOf } from '../../training/models';
import { GraphDraft } from './graphs';
import { assertClose, runtimeOrSkip } from './support';

let runtime: OnnxRuntime;

type Cell = 'rnn' | 'lstm' | 'gru' | 'sum' | 'product' | 'gated';

interface Layer {
  readonly cell: Cell;
  readonly units: number;
  readonly masked: boolean;
  readonly backwards: boolean;
}

interface Net {
  readonly rows: number;
  readonly turns: number;
  readonly size: number;
  readonly layers: readonly Layer[];
  readonly read: 'last' | 'mean' | 'all';
}

const layers: fc.Arbitrary<Layer> = fc.record({
  cell: fc.constantFrom<Cell>('rnn', 'lstm', 'gru', 'sum', 'product', 'gated'),
  units: fc.integer({ min: 1, max: 5 }),
  masked: fc.boolean(),
  backwards: fc.boolean(),
});

const nets: fc.Arbitrary<Net> = fc.record({
  rows: fc.integer({ min: 1, max: 4 }),
  turns: fc.integer({ min: 3, max: 9 }),
  size: fc.integer({ min: 1, max: 3 }),
  layers: fc.array(layers, { minLength: 1, maxLength: 3 }),
  read: fc.constantFrom('last', 'mean', 'all'),
});

/** Cells as people write them by hand, over `x` and the state `s`. */
const OWN: Readonly<Record<Exclude<Cell, 'rnn' | 'lstm' | 'gru'>, string>> = {
  sum: 'tanh(x[:, t] @ A + s @ B + v)',
  product: 'sigmoid(concat(x[:, t], s, axis = 1) @ W + v) * s + 0.1',
  gated: 's * (1 - sigmoid(s @ B)) + sigmoid(s @ B) * relu(x[:, t] @ A)',
};

/** Layer i over `x`, [N, T, size], to `y`. */
function written({ cell, units, masked, backwards }: Layer, i: number, size: number, turns: number): string {
  const order = (name: string): string => (backwards ? `${name}[:, ::-1]` : name);
  if (cell === 'rnn' || cell === 'lstm' || cell === 'gru') {
    const lengths = masked ? ', lengths = seen' : '';
    return `y${i} = ${order(`${cell}(${order(`y${i - 1}`)}, ${units}${lengths})`)}`;
  }
  const own = OWN[cell].replace(/\b[xsABWv]\b/g, name => `${name}${i}`);
  return `
x${i} = ${order(`y${i - 1}`)}
param A${i} : [${size}, ${units}] ~ xavier()
param B${i} : [${units}, ${units}] ~ xavier()
param W${i} : [${size + units}, ${units}] ~ xavier()
param v${i} : [${units}] ~ normal(0, 0.5)
s${i} = expand(0 * x${i}[:, 0, 0], 1) * zeros([1, ${units}])
for t in 0..${turns} {
  s${i} = ${own}
  steps${i}[t] = s${i}
}
y${i} = ${order(`transpose(steps${i}, [1, 0, 2])`)}`;
}

function textOf({ turns, size, layers, read }: Net): string {
  const sizes = [size, ...layers.map(({ units }) => units)];
  const end = `y${layers.length}`;
  const summary = { last: `${end}[:, -1]`, mean: `mean(${end}, axis = 1)`, all: end }[read];
  return `
data d = blobs(n = 40, classes = ${turns}, features = ${turns * size})
input values : [N, ${turns * size}] = d[:, 0:${turns * size}]
input seen : [N] int = d["label"]
y0 = reshape(values, [N, ${turns}, ${size}])
${layers.map((layer, i) => written(layer, i + 1, sizes[i]!, turns)).join('\n')}
loss = mean((${summary} - 0.3) ** 2)
train loss { optimizer = sgd(lr = 0.1); steps = 1 }
`;
}

/** Loss and gradients by both executors. */
async function assertAlike(text: string, rows: number): Promise<void> {
  const { model } = await modelOf(text);
  const { loss, gradients } = buildGradients(model, model.trainings[0]!);
  const outputs = [loss, ...gradients.values()];
  const request = { outputs, sizes: { N: rows } };
  const embedded = compile({ ...request, precision: 64 });
  const onnx = compileOnnx({ ...request, precision: 32, runtime, threads: 1 });
  const initial = initialParameters(model, 1, evaluate);
  const own = new Map(model.parameters.map(({ node, path }) => [node, initial.get(path)!]));
  const random = randomStream(5, 'nets');
  for (const node of embedded.fed) {
    const buffer = embedded.buffer(node);
    if (own.has(node)) buffer.set(own.get(node)!);
    else
      for (let i = 0; i < buffer.length; i++)
        buffer[i] = node.dtype === 'int' ? random.int(4) : random.normal();
    if (onnx.fed.includes(node)) onnx.buffer(node).set(buffer);
  }
  for (const program of [embedded, onnx]) program.run();
  outputs.forEach((node, i) => {
    const what = i === 0 ? 'the loss' : `the gradient of ${[...gradients.keys()][i - 1]!.path}`;
    assertClose(onnx.buffer(node), embedded.buffer(node), what);
  });
  onnx.dispose?.();
}

describe('unrolled loops across turns', function () {
  this.timeout(120_000);

  before(function () {
    runtime = runtimeOrSkip(this as unknown as Mocha.Context);
  });

  it('leave losses and gradients of any recurrent net as they are', () =>
    fc.assert(
      fc.asyncProperty(nets, async net => {
        await assertAlike(textOf(net), net.rows);
      }),
      { numRuns: 40 },
    ));

  it('leave a net of two layers, and one that reads backwards, as they are', async () => {
    const layer = { cell: 'lstm', units: 5, masked: false, backwards: false } as const;
    const net = { rows: 4, turns: 12, size: 3, read: 'last' } as const;
    await assertAlike(textOf({ ...net, layers: [layer, layer] }), 4);
    await assertAlike(
      textOf({ ...net, layers: [{ ...layer, cell: 'gru', backwards: true, masked: true }] }),
      4,
    );
  });

  it('are added up by whoever computes a share of the batch', async () => {
    const layer = { cell: 'lstm', units: 5, masked: false, backwards: false } as const;
    const { model } = await modelOf(textOf({ rows: 4, turns: 6, size: 3, read: 'last', layers: [layer] }));
    const { loss, gradients } = buildGradients(model, model.trainings[0]!);
    const examples = examplesOf({ outputs: [loss, ...gradients.values()], sizes: { N: 4 } });
    // One sum for each parameter and one for the loss, not one for each turn.
    assert.equal(examples?.sums.length, gradients.size + 1);
  });

  it('need time in proportion to the number of turns', () => {
    const seconds = (turns: number): number => {
      const graph = chain(turns);
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 3; i++) {
        const start = process.cpuUsage();
        acrossTurns(graph);
        const { user, system } = process.cpuUsage(start);
        best = Math.min(best, (user + system) / 1e6);
      }
      return best;
    };
    const [short, long] = [seconds(100), seconds(800)];
    // Eight times as many; four times that would be halfway to a square.
    assert.ok(long < 32 * short, `${short} s for 100 turns, ${long} s for 800`);
  });

  it('put the derivatives of all turns together', () => {
    const graph = chain(50);
    const { nodes } = acrossTurns(graph);
    const count = (op: string): number => nodes.filter(node => node.op === op).length;
    assert.ok(nodes.length < graph.nodes.length / 2, `${nodes.length} of ${graph.nodes.length}`);
    assert.equal(count('Sub'), 1);
    assert.equal(count('Tanh'), 50);
  });
});

/** tanh([h, x] W), turn by turn, and what the derivatives by every turn need. */
function chain(turns: number): OnnxGraph {
  const g = new GraphDraft();
  const x = g.input('x', [2, turns, 3]);
  const weights = g.input('w', [7, 4]);
  const one = g.floats([], 1);
  let h = g.input('h', [2, 4]);
  const terms: string[] = [];
  for (let t = 0; t < turns; t++) {
    const present = g.node('Reshape', [g.slice(x, 1, t, t + 1), g.ints(2, 3)]);
    const joined = g.node('Concat', [h, present], { axis: 1 });
    h = g.node('Tanh', [g.gemm(joined, weights)]);
    const slope = g.node('Sub', [one, g.node('Mul', [h, h])]);
    terms.push(g.gemm(joined, slope, { transA: 1 }));
  }
  g.output(h, [2, 4]);
  g.output(g.node('Sum', terms), [7, 4]);
  return g.graph;
}
