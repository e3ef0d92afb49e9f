import assert from 'node:assert/strict';
import fc from 'fast-check';
import { reverse } from '../../../../src/autodiff/reverse';
import { constantDim, type Dim } from '../../../../src/graph/dimension';
import type { Node } from '../../../../src/graph/node';
import type { DType } from '../../../../src/graph/types';
import { comparisonOps } from '../../../../src/ops/comparison';
import { elementwiseOps } from '../../../../src/ops/elementwise';
import type { OpName } from '../../../../src/ops/registry';
import { compileOnnx } from '../../../../src/runtime/onnx/program';
import { UnsupportedByOnnx } from '../../../../src/runtime/onnx/unsupported';
import { Scene } from '../../../support/scene';
import { opCases } from '../../ops/cases';
import { randomGraph, recipes } from '../randomGraph';
import { fresh, input } from '../support';
import { assertClose, both, type Feeds, hangsOnRounding, runtimeOrSkip } from './support';

const FLOATS = [-2.5, -1, -0.5, 0, 0.25, 1, 1.5, 3, Infinity, -Infinity, Number.NaN];
const INTS = [-3, -2, -1, 0, 1, 2, 5];

/** Left to the embedded executor. */
const LACKING: ReadonlySet<string> = new Set(['argsort', 'recurrence', 'solve', 'det', 'lstsq']);

const dims = (...sizes: number[]): Dim[] => sizes.map(constantDim);

describe('ONNX Runtime computes as defined', () => {
  for (const [name, op] of Object.entries({ ...elementwiseOps, ...comparisonOps })) {
    if (['and', 'or', 'not', 'where', 'cast'].includes(name)) continue;
    for (const [dtype, values] of [
      ['float', FLOATS],
      ['int', INTS],
    ] as [DType, number[]][]) {
      const whole = !('takes' in op) || op.takes !== 'float';
      const divides = name === 'floor_divide' || name === 'modulo';
      if (dtype === 'int' && (!whole || divides)) continue;
      it(`${name}, every ${dtype} against every other`, function () {
        const runtime = runtimeOrSkip(this);
        const b = fresh();
        const operands = operandsOf(name, values);
        const leaves = operands.map((data, k) => input(b, [data.length], dtype, `x${k}`));
        const node = b.apply(name as OpName, leaves, name === 'elu' ? { alpha: 0.5 } : {});
        const feeds: Feeds = new Map(leaves.map((leaf, k) => [leaf, { data: operands[k]! }]));
        const { embedded, onnx } = both(runtime, { outputs: [node], sizes: {} }, feeds);
        assertClose(onnx.buffer(node), embedded.buffer(node), name);
      });
    }
  }

  for (const [name, cases] of Object.entries(opCases)) {
    it(`${name} with its gradients`, function () {
      const runtime = runtimeOrSkip(this);
      for (const [index, make] of cases.entries()) {
        for (const seed of [1, 2, 3]) {
          const scene = new Scene(seed, name);
          const node = make(scene);
          const outputs = [node, ...gradientsOf(scene, node)];
          const compute = () => both(runtime, { outputs, sizes: {} }, scene.feeds);
          // The gradient of a product of several factors is a recurrence.
          const products = name === 'prod' && scene.graph.nodes.some(each => each.op === 'recurrence');
          if (LACKING.has(name) || products) {
            assert.throws(compute, UnsupportedByOnnx);
            continue;
          }
          const { embedded, onnx } = compute();
          for (const [i, output] of outputs.entries()) {
            const what = `${name} ${index}, seed ${seed}, output ${i}`;
            assert.deepEqual(onnx.shape(output), embedded.shape(output), what);
            assertClose(onnx.buffer(output), embedded.buffer(output), what);
          }
        }
      }
    });
  }

  it('any graph', function () {
    this.timeout(120_000);
    const runtime = runtimeOrSkip(this);
    let compared = 0;
    fc.assert(
      fc.property(recipes, recipe => {
        const { graph, feeds } = randomGraph(recipe);
        const outputs = graph.nodes.slice(-6).filter(node => node.op !== 'argsort');
        if (outputs.length === 0) return;
        try {
          const { embedded, onnx } = both(runtime, { outputs, sizes: {} }, feeds);
          for (const node of outputs) {
            if (hangsOnRounding(node)) continue;
            compared++;
            assertClose(onnx.buffer(node), embedded.buffer(node), `node ${node.id} (${node.op})`, 1e-4);
          }
        } catch (error) {
          if (!(error instanceof UnsupportedByOnnx) || error.op !== 'argsort') throw error;
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(compared > 500, `${compared}`);
  });

  it('a chain of ten thousand nodes', function () {
    const runtime = runtimeOrSkip(this);
    const b = fresh();
    const x = input(b, [3]);
    let y: Node = x;
    for (let i = 0; i < 10_000; i++) y = i % 2 ? b.sin(y) : b.add(y, x);
    const request = { outputs: [y], sizes: {}, precision: 32, threads: 1, runtime } as const;
    const program = compileOnnx(request);
    program.buffer(x).set([0.5, -0.25, 1]);
    program.run();
    let expected = [0.5, -0.25, 1];
    for (let i = 0; i < 10_000; i++) {
      expected = expected.map((v, k) => (i % 2 ? Math.sin(v) : v + [0.5, -0.25, 1][k]!));
    }
    assertClose(program.buffer(y), expected, 'the end of the chain', 1e-3);
  });

  it('slices, windows and scatters of every dtype', function () {
    const runtime = runtimeOrSkip(this);
    for (const dtype of ['float', 'int', 'bool'] as const) {
      const b = fresh();
      const x = input(b, [4, 6], dtype);
      const at = b.tensor([2, 0, 2, 1], dims(4), 'int');
      const outputs = [
        b.slice(x, dims(3, 5), [-1, -2], dims(4, 3)),
        b.unslice(x, dims(7, 1), [-2, 1], dims(9, 8)),
        b.window(x, { kernel: [2, 3], stride: [1, 2], dilation: [1, 1] }),
        b.gather(x, at, 1),
        b.scatterAdd(x, at, 0, constantDim(3)),
        b.sum(x, [0]),
        b.max(x, [1]),
        b.min(x, [0]),
        b.apply('tril', [x], { k: 1 }),
        b.apply('cumsum', [x], { axis: 0, reverse: true }),
        b.where(b.equal(x, b.fill(1, x)), x, b.fill(0, x)),
      ];
      const data = Array.from({ length: 24 }, (_, i) => (dtype === 'bool' ? (i * 7) % 2 : ((i * 7) % 5) - 2));
      const { embedded, onnx } = both(runtime, { outputs, sizes: {} }, new Map([[x, { data }]]));
      for (const node of outputs)
        assertClose(onnx.buffer(node), embedded.buffer(node), `${dtype} ${node.op}`);
    }
  });

  it('the first extreme, NaN taking over, in reductions', function () {
    const runtime = runtimeOrSkip(this);
    const b = fresh();
    const x = input(b, [3, 40]);
    const outputs = [b.max(x, [1]), b.min(x, [1]), b.max(x, [0]), b.min(x, [0, 1])];
    const ties = input(b, [40, 3], 'float', 'ties');
    const positions = [x, ties].flatMap(each => [
      b.apply('argmax', [each], { axis: 0 }),
      b.apply('argmin', [each], { axis: 1 }),
    ]);
    const data = Array.from({ length: 120 }, (_, i) => (i === 57 ? Number.NaN : Math.sin(i)));
    const tied = Array.from({ length: 120 }, (_, i) => (i * 7) % 4);
    const feeds = new Map([
      [x, { data }],
      [ties, { data: tied }],
    ]);
    const { embedded, onnx } = both(runtime, { outputs: [...outputs, ...positions], sizes: {} }, feeds);
    for (const node of [...outputs, ...positions]) {
      assertClose(onnx.buffer(node), embedded.buffer(node), `${node.op} ${node.id}`);
    }
  });
});

/** All pairs of `values`, and a third in turn; only as many operands as the op takes. */
function operandsOf(name: string, values: readonly number[]): number[][] {
  const binary = /sub|add|mul|div|pow|imum|modulo|xlogy|equal|less|greater/.test(name);
  const arity = name === 'clip' ? 3 : binary ? 2 : 1;
  return Array.from({ length: arity }, (_, k) =>
    values.flatMap((_v, i) => values.map((_w, j) => values[k === 0 ? i : (j * k) % values.length]!)),
  );
}

/** Of a weighted sum of `node`, so that each element counts differently. */
function gradientsOf({ b, floats }: Scene, node: Node): Node[] {
  if (node.dtype !== 'float' || floats.length === 0) return [];
  const total = b.sumAll(b.mul(node, b.sin(b.add(node, b.constant(1)))));
  const adjoints = reverse(b, total, { wrt: [...floats] });
  return floats.flatMap(leaf => adjoints.of(leaf) ?? []);
}
