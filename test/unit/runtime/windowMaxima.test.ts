import assert from 'node:assert/strict';
import fc from 'fast-check';
import { reverse } from '../../../src/autodiff/reverse';
import type { Node } from '../../../src/graph/node';
import { compile, type Program } from '../../../src/runtime/program';
import { lowered } from '../language/lower/models';

interface Pool {
  readonly size: number;
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly padding: number;
}

interface Pooled {
  readonly x: Node;
  readonly g: Node;
  readonly maxima: Node;
  /** Of the sum of g times the maxima. */
  readonly gradient: Node;
}

const IMAGES = 3;

async function pooled({ size, kernel, stride, padding }: Pool): Promise<Pooled> {
  const [height, width] = kernel.map(k => windowCount(size, k, stride, padding));
  const { model } = await lowered(`
input x : [1, ${IMAGES}, ${size}, ${size}]
input g : [1, ${IMAGES}, ${height}, ${width}]
maxima = max_pool2d(x, [${kernel}], stride = ${stride}, padding = ${padding})
loss = sum(g * maxima)
`);
  const [x, g, maxima, loss] = model.names.map(({ node }) => node) as [Node, Node, Node, Node];
  return { x, g, maxima, gradient: reverse(model.builder, loss).of(x)! };
}

function windowCount(size: number, kernel: number, stride: number, padding: number): number {
  return Math.floor((size + 2 * padding - kernel) / stride) + 1;
}

/** Window after window, element after element. */
function expected(
  { size, kernel, stride, padding }: Pool,
  x: readonly number[],
  g: readonly number[],
): { readonly maxima: number[]; readonly gradient: number[] } {
  const maxima: number[] = [];
  const gradient = x.map(() => 0);
  const [height, width] = kernel.map(k => windowCount(size, k, stride, padding)) as [number, number];
  for (let image = 0; image < IMAGES; image++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        let best = Number.NEGATIVE_INFINITY;
        let where = -1;
        for (let u = 0; u < kernel[0]; u++) {
          for (let v = 0; v < kernel[1]; v++) {
            const [i, j] = [row * stride + u - padding, column * stride + v - padding];
            if (i < 0 || j < 0 || i >= size || j >= size) continue;
            const place = (image * size + i) * size + j;
            if (where < 0 || x[place]! > best || (Number.isNaN(x[place]) && !Number.isNaN(best))) {
              [best, where] = [x[place]!, place];
            }
          }
        }
        gradient[where]! += g[maxima.length]!;
        maxima.push(best);
      }
    }
  }
  return { maxima, gradient };
}

const pools = fc.record({
  size: fc.integer({ min: 4, max: 11 }),
  kernel: fc.tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 2, max: 4 })),
  stride: fc.integer({ min: 1, max: 3 }),
  padding: fc.nat(1),
});

/** Few numbers, so that many are equal. */
const element = fc.oneof(
  { arbitrary: fc.integer({ min: -2, max: 2 }), weight: 30 },
  { arbitrary: fc.constant(Number.NaN), weight: 1 },
);
const pixels = fc.array(element, { minLength: IMAGES * 121, maxLength: IMAGES * 121 });

function run(program: Program, feeds: readonly (readonly [Node, readonly number[]])[]): void {
  for (const [node, data] of feeds) program.buffer(node).set(data);
  program.run();
}

describe('maxima of windows', () => {
  for (const [kernels, precision] of [
    ['webassembly', 32],
    ['javascript', 32],
    ['javascript', 64],
  ] as const) {
    it(`and their gradients are the first of each window, as ${kernels} in ${precision} bits`, async () => {
      await fc.assert(
        fc.asyncProperty(pools, pixels, async (pool, data) => {
          const { x, g, maxima, gradient } = await pooled(pool);
          const program = compile({ outputs: [maxima, gradient], sizes: {}, precision, kernels });
          const image = data.slice(0, IMAGES * pool.size ** 2);
          const weights = Array.from(program.buffer(g), (_, i) => (i % 7) + 1);
          run(program, [
            [x, image],
            [g, weights],
          ]);
          const right = expected(pool, image, weights);
          assert.deepEqual(
            Array.from(program.buffer(maxima), y => y + 0),
            right.maxima,
          );
          assert.deepEqual(
            Array.from(program.buffer(gradient), y => y + 0),
            right.gradient,
          );
        }),
        { numRuns: 40 },
      );
    });
  }

  it('do not need room for all windows', async () => {
    const pool = { size: 40, kernel: [5, 5], stride: 1, padding: 0 } as const;
    const { x, maxima } = await pooled(pool);
    const program = compile({ outputs: [maxima], sizes: {}, precision: 32 });
    const used = program.buffer(x).byteLength + program.buffer(maxima).byteLength;
    assert.ok(program.bytes < 1.1 * used, `${program.bytes} bytes for ${used} of images and maxima`);
  });
});
