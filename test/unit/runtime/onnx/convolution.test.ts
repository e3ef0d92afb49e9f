import assert from 'node:assert/strict';
import fc from 'fast-check';
import { reverse } from '../../../../src/autodiff/reverse';
import type { Node } from '../../../../src/graph/node';
import { Builder } from '../../../../src/ops/builder';
import { modelOf } from '../../training/models';
import { assertNear, both, runtimeOrSkip } from './convolution';

const sizes = fc.integer({ min: 1, max: 3 });
const pair = (min: number, max: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
const written = ([a, b]: readonly number[]): string => `[${a}, ${b}]`;

/** The loss, everything that has a gradient, and the input of a model text. */
async function gradientsOf(text: string): Promise<Record<string, Node>> {
  const { model } = await modelOf(text);
  const b = new Builder(model.builder.graph);
  const loss = model.trainings[0]!.objective.node;
  const inputs = model.builder.graph.nodes.filter(node => node.op === 'input' && node.dtype === 'float');
  const wrt = [...model.parameters.map(parameter => parameter.node), ...inputs];
  const adjoints = reverse(b, loss, { wrt });
  return Object.fromEntries([
    ['loss', loss],
    ...wrt.map(node => [`gradient of ${nameOf(node)}`, adjoints.of(node)!]),
  ]);
}

function nameOf({ attributes }: Node): string {
  const { path, name } = attributes as { path?: string; name?: string };
  return path ?? name!;
}

async function check(test: Mocha.Context, text: string, batch: number, ties = false): Promise<void> {
  const runtime = runtimeOrSkip(test);
  const wanted = await gradientsOf(text);
  const { embedded, onnx } = both(runtime, Object.values(wanted), { N: batch }, ties);
  for (const [name, node] of Object.entries(wanted)) {
    assertNear(onnx.buffer(node), embedded.buffer(node), `${name} of\n${text}`);
  }
}

describe('convolutions in ONNX Runtime', () => {
  it('have the values and gradients of their definition, whatever kernel, stride, padding, dilation and groups', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          groups: fc.integer({ min: 1, max: 3 }),
          channels: sizes,
          filters: fc.constantFrom(1, 2, 3, 4, 5, 8, 16),
          kernel: pair(1, 5),
          stride: pair(1, 3),
          padding: pair(0, 3),
          dilation: pair(1, 2),
          size: pair(9, 13),
          batch: sizes,
        }),
        async ({ groups, channels, filters, kernel, stride, padding, dilation, size, batch }) => {
          const text = `
input x : [N, ${groups * channels}, ${written(size).slice(1, -1)}]
h = conv(sin(x), ${groups * filters}, ${written(kernel)}, stride = ${written(stride)}, padding = ${written(padding)}, dilation = ${written(dilation)}, groups = ${groups})
loss = mean(square(h + 1))
train loss { optimizer = sgd(lr = 1) }`;
          await check(this, text, batch);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of sequences too', async function () {
    await fc.assert(
      fc.asyncProperty(
        sizes,
        sizes,
        sizes,
        fc.integer({ min: 0, max: 3 }),
        async (k, stride, dilation, padding) => {
          const text = `
input x : [N, 4, 17]
param W : [6, 2, ${k}] ~ xavier()
h = conv1d(sin(x), W, stride = ${stride}, padding = ${padding}, dilation = ${dilation}, groups = 2)
loss = mean(square(h + 1))
train loss { optimizer = sgd(lr = 1) }`;
          await check(this, text, 3);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('and so have pools, of which the first place that attains the maximum takes all', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          kind: fc.constantFrom('max', 'avg'),
          kernel: pair(1, 3),
          stride: fc.option(pair(1, 3), { nil: undefined }),
          padded: fc.boolean(),
          relu: fc.boolean(),
          size: pair(6, 9),
          ties: fc.boolean(),
        }),
        async ({ kind, kernel, stride, padded, relu, size, ties }) => {
          const padding = padded ? kernel.map(k => Math.floor(k / 2)) : [0, 0];
          const image = relu ? 'relu(x - 0.1)' : 'x * 2';
          const text = `
input x : [N, 2, ${written(size).slice(1, -1)}]
input r : [N, 2, 1, 1]
param s : [] = 0.5
h = ${kind}_pool2d(${image}, ${written(kernel)}, padding = ${written(padding)}${stride ? `, stride = ${written(stride)}` : ''})
loss = s * sum(square(h + r))
train loss { optimizer = sgd(lr = 1) }`;
          await check(this, text, 2, ties);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('train nets whose blocks of channels fill, and do not fill, the vectors of the machine', async function () {
    for (const [channels, filters, more] of [
      [1, 8, 16],
      [3, 32, 64],
      [16, 24, 5],
      [20, 16, 32],
    ]) {
      const text = `
input x : [N, ${channels}, 8, 6]
input y : [N] int
c0 = conv(x, ${filters}, 3, act = relu, padding = 1)
c1 = max_pool2d(conv(c0, ${filters}, 3, act = relu, padding = 1), 2)
c2 = max_pool2d(conv(c1, ${more}, 3, act = relu, padding = 1), 2)
loss = cross_entropy(dense(flatten(c2), 10), y)
train loss { optimizer = sgd(lr = 1) }`;
      await check(this, text, 3);
      await check(this, text, 3, true);
    }
  });

  it('give the gradient to the first of equal places in blocks of channels too', async function () {
    for (const filters of [8, 16, 24]) {
      // Windows of one place make equal results of equal pixels.
      const text = `
input x : [N, 2, 8, 8]
c = max_pool2d(conv(x, ${filters}, 1, act = relu), 2)
loss = mean(square(conv(c, 16, 3, padding = 1) + 1))
train loss { optimizer = sgd(lr = 1) }`;
      await check(this, text, 3, true);
    }
  });

  it('keep an infinity out where relu is off', async function () {
    const text = `
input x : [N, 16, 6, 6]
c = conv(x, 16, 3, act = relu, padding = 1)
loss = sum(sqrt(c))
train loss { optimizer = sgd(lr = 1) }`;
    const wanted = await gradientsOf(text);
    const runtime = runtimeOrSkip(this);
    const { embedded, onnx } = both(runtime, Object.values(wanted), { N: 2 }, false);
    for (const [name, node] of Object.entries(wanted)) {
      assert.ok(embedded.buffer(node).every(Number.isFinite), name);
      // The slope of a root near 0 makes much of the rounding of what it is taken of.
      assertNear(onnx.buffer(node), embedded.buffer(node), name, 1e-3);
    }
  });
});
