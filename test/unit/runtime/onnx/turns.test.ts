import assert from 'node:assert/strict';
import type { OnnxGraph } from '../../../../src/runtime/onnx/model';
import type { OnnxRuntime } from '../../../../src/runtime/onnx/runtime';
import { batched } from '../../../../src/runtime/onnx/turns/batch';
import { type Rule, rewrite } from '../../../../src/runtime/onnx/turns/editing';
import {
  functionsOfPieces,
  sliceOfConcat,
  sliceOfPad,
  sumOfPads,
  withoutZeros,
} from '../../../../src/runtime/onnx/turns/pieces';
import {
  columnsOfProduct,
  earlyFactors,
  joinedFactors,
  sharedWeights,
  splitProducts,
  sumsOfProducts,
  uprightWeights,
} from '../../../../src/runtime/onnx/turns/products';
import { splits } from '../../../../src/runtime/onnx/turns/splits';
import { assertSame, GraphDraft } from './graphs';
import { runtimeOrSkip } from './support';

let runtime: OnnxRuntime;

/** How often each operator stands in a graph that computes the same, but for copies that give outputs their names. */
function counted(draft: GraphDraft, change: (graph: OnnxGraph) => OnnxGraph): Record<string, number> {
  const changed = change(draft.graph);
  assertSame(runtime, draft.graph, changed);
  return countsOf(changed);
}

function countsOf({ nodes }: OnnxGraph): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op } of nodes) if (op !== 'Identity') counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}

const by =
  (...rules: Rule[]) =>
  (graph: OnnxGraph): OnnxGraph =>
    rewrite(graph, rules);

/** What `draft` looks like afterwards is what it looked like before. */
function assertKept(draft: GraphDraft, change: (graph: OnnxGraph) => OnnxGraph): void {
  assert.deepEqual(counted(draft, change), countsOf(draft.graph));
}

describe('passes over unrolled loops', () => {
  before(function () {
    runtime = runtimeOrSkip(this as unknown as Mocha.Context);
  });

  it('cut a slice of tensors side by side out of the one that holds it', () => {
    const g = new GraphDraft();
    const joined = g.node('Concat', [g.input('a', [2, 3]), g.input('b', [2, 5])], { axis: 1 });
    g.output(g.slice(joined, 1, 4, 7), [2, 3]);
    assert.deepEqual(counted(g, by(sliceOfConcat)), { Slice: 1 });

    const across = new GraphDraft();
    const whole = across.node('Concat', [across.input('a', [2, 3]), across.input('b', [2, 5])], { axis: 1 });
    across.output(across.slice(whole, 1, 2, 7), [2, 5]);
    across.output(across.slice(whole, 0, 1, 2), [1, 8]);
    assertKept(across, by(sliceOfConcat));
  });

  it('cut a slice out of what was padded, and know where the zeros are', () => {
    const padded = (start: number, end: number): GraphDraft => {
      const g = new GraphDraft();
      const pad = g.node('Pad', [g.input('a', [2, 3]), g.ints(0, 2, 0, 4)]);
      g.output(g.node('Add', [g.slice(pad, 1, start, end), g.input('b', [2, end - start])]), [
        2,
        end - start,
      ]);
      return g;
    };
    assert.deepEqual(counted(padded(2, 5), by(sliceOfPad, withoutZeros)), { Add: 1 });
    assert.deepEqual(counted(padded(5, 9), by(sliceOfPad, withoutZeros)), {});
    assertKept(padded(1, 4), by(sliceOfPad, withoutZeros));
  });

  it('leave padded whole numbers, and what is padded with something else, alone', () => {
    const g = new GraphDraft();
    const pad = g.node('Pad', [g.input('a', [2, 3], 'int32'), g.ints(0, 2, 0, 4)]);
    g.output(g.slice(pad, 1, 5, 9), [2, 4], 'int32');
    const ones = g.node('Pad', [g.input('b', [2, 3]), g.ints(0, 2, 0, 4), g.floats([], 1)]);
    g.output(g.slice(ones, 1, 5, 9), [2, 4]);
    assertKept(g, by(sliceOfPad));
  });

  it('put padded tensors that fill each other side by side', () => {
    const sum = (first: readonly number[], second: readonly number[]): GraphDraft => {
      const g = new GraphDraft();
      const pads = [
        g.node('Pad', [g.input('a', [2, 3]), g.ints(...second)]),
        g.node('Pad', [g.input('b', [2, 4]), g.ints(...first)]),
      ];
      g.output(g.node('Add', pads), [2, 7]);
      return g;
    };
    assert.deepEqual(counted(sum([0, 0, 0, 3], [0, 4, 0, 0]), by(sumOfPads)), { Concat: 1 });
    assertKept(sum([0, 3, 0, 0], [0, 4, 0, 0]), by(sumOfPads));
  });

  it('do not take padded tensors that broadcast for neighbours', () => {
    const g = new GraphDraft();
    const pads = [
      g.node('Pad', [g.input('a', [1, 3]), g.ints(0, 0, 0, 4)]),
      g.node('Pad', [g.input('b', [2, 4]), g.ints(0, 3, 0, 0)]),
    ];
    g.output(g.node('Add', pads), [2, 7]);
    assertKept(g, by(sumOfPads));
  });

  it('keep a zero that makes a tensor larger', () => {
    const g = new GraphDraft();
    const zero = g.node('Expand', [g.floats([], 0), g.ints(3, 2)]);
    g.output(g.node('Add', [g.input('a', [2]), zero]), [3, 2]);
    g.output(g.node('Add', [g.input('b', [3, 2]), zero]), [3, 2]);
    assert.deepEqual(counted(g, by(withoutZeros)), { Expand: 1, Add: 1 });
  });

  it('take one function of neighbouring pieces, unless somebody reads a piece itself', () => {
    const gates = (read: boolean): GraphDraft => {
      const g = new GraphDraft();
      const x = g.input('x', [2, 9]);
      const pieces = [0, 2, 5].map((start, i) => g.slice(x, 1, start, [2, 5, 9][i]!));
      g.output(g.node('Sigmoid', [pieces[0]!]), [2, 2]);
      g.output(g.node('Sigmoid', [pieces[1]!]), [2, 3]);
      g.output(g.node('Tanh', [pieces[2]!]), [2, 4]);
      if (read) g.output(g.node('Neg', [pieces[0]!]), [2, 2]);
      return g;
    };
    const pass = (graph: OnnxGraph): OnnxGraph => rewrite(graph, [functionsOfPieces(graph)]);
    assert.equal(counted(gates(false), pass).Sigmoid, 1);
    assertKept(gates(true), pass);
  });

  it('multiply by the columns alone that somebody reads', () => {
    const sliced = (transB: number, ends: readonly (readonly [number, number])[]): GraphDraft => {
      const g = new GraphDraft();
      const weights = g.input('w', transB ? [6, 3] : [3, 6]);
      const product = g.gemm(g.input('a', [2, 3]), weights, { transB });
      for (const [start, end] of ends) g.output(g.slice(product, 1, start, end), [2, end - start]);
      return g;
    };
    const pass = (graph: OnnxGraph): OnnxGraph => rewrite(graph, [columnsOfProduct(graph)]);
    for (const transB of [0, 1]) {
      assert.equal(counted(sliced(transB, [[0, 4]]), pass).Gemm, 1);
      assert.equal(counted(sliced(transB, [[0, 4], [4, 6]]), pass).Gemm, 2); // biome-ignore format: pairs
      assertKept(sliced(transB, [[0, 4], [3, 6]]), pass); // biome-ignore format: pairs
    }
  });

  it('multiply what is known from the start apart from what the turn before computes', () => {
    const loop = (turns: number, bias: boolean): GraphDraft => {
      const g = new GraphDraft();
      const weights = g.input('w', [5, 3]);
      const b = g.input('b', [3]);
      let h = g.input('h', [2, 3]);
      for (let t = 0; t < turns; t++) {
        const joined = g.node('Concat', [h, g.input(`x${t}`, [2, 2])], { axis: 1 });
        h = g.node('Tanh', [
          g.node('Gemm', [joined, weights, ...(bias ? [b] : [''])], { transA: 0, transB: 0 }),
        ]);
      }
      g.output(h, [2, 3]);
      return g;
    };
    const pass = (graph: OnnxGraph): OnnxGraph => {
      const weights = sharedWeights(graph, 4);
      return rewrite(graph, [splitProducts(weights)], weights);
    };
    for (const bias of [false, true]) {
      const counts = counted(loop(4, bias), pass);
      assert.deepEqual([counts.Gemm, counts.Concat], [8, undefined]);
      assertKept(loop(3, bias), pass);
    }
    const joint = (graph: OnnxGraph): OnnxGraph => batched(pass(graph), 4);
    assert.equal(counted(loop(5, true), joint).Gemm, 7);
  });

  it('turn weights round once for all turns', () => {
    const g = new GraphDraft();
    const weights = g.input('w', [3, 4]);
    for (let t = 0; t < 4; t++) g.output(g.gemm(g.input(`x${t}`, [2, 4]), weights, { transB: 1 }), [2, 3]);
    const pass = (graph: OnnxGraph): OnnxGraph => rewrite(graph, [uprightWeights(graph, 4)]);
    assert.deepEqual(counted(g, pass), { Transpose: 1, Gemm: 4 });
  });

  it('multiply factors that are known early with each other', () => {
    const g = new GraphDraft();
    const late = g.node('Tanh', [g.node('Tanh', [g.input('a', [2, 3])])]);
    const early = g.node('Neg', [g.input('b', [2, 3])]);
    g.output(g.node('Mul', [g.node('Mul', [early, late]), g.input('c', [2, 3])]), [2, 3]);
    const { nodes } = rewrite(g.graph, [earlyFactors]);
    counted(g, by(earlyFactors));
    assert.ok(nodes.some(({ op, inputs }) => op === 'Mul' && inputs.includes('c') && inputs.includes(early)));

    const wide = new GraphDraft();
    const small = wide.node('Tanh', [wide.node('Tanh', [wide.input('a', [2, 1])])]);
    const product = wide.node('Mul', [small, wide.node('Neg', [wide.input('b', [2, 3])])]);
    wide.output(wide.node('Mul', [product, wide.input('c', [2, 3])]), [2, 3]);
    assertKept(wide, by(earlyFactors));
  });

  it('multiply products side by side at once', () => {
    const g = new GraphDraft();
    const terms = [2, 3].map(size => {
      const late = g.node('Tanh', [g.node('Tanh', [g.input(`a${size}`, [2, size])])]);
      return g.node('Mul', [late, g.input(`b${size}`, [2, size])]);
    });
    g.output(g.node('Concat', terms, { axis: 1 }), [2, 5]);
    assert.deepEqual(counted(g, by(joinedFactors)), { Tanh: 4, Concat: 2, Mul: 1 });
  });

  it('take a sum of products over all rows at once, each kind for itself', () => {
    const g = new GraphDraft();
    const terms: string[] = [];
    for (let t = 0; t < 4; t++) {
      terms.push(g.gemm(g.input(`a${t}`, [2, 3]), g.input(`b${t}`, [2, 5]), { transA: 1 }));
      const scaled = { transA: 1, alpha: { float: 2 } };
      terms.push(g.gemm(g.input(`p${t}`, [2, 3]), g.input(`q${t}`, [2, 5]), scaled));
    }
    g.output(g.node('Sum', terms), [3, 5]);
    assert.deepEqual(counted(g, by(sumsOfProducts(4))), { Concat: 2, Gemm: 5, Sum: 1 });

    const rows = new GraphDraft();
    const ones = rows.floats([3], 1, 1, 1);
    const sums = [0, 1, 2, 3].map(t => rows.node('MatMul', [ones, rows.input(`a${t}`, [3, 2])]));
    rows.output(rows.node('Sum', sums), [2]);
    assert.deepEqual(counted(rows, by(sumsOfProducts(4))), { Concat: 1, MatMul: 1 });

    const matrix = new GraphDraft();
    const filled = matrix.floats([2, 3], 1, 1, 1, 1, 1, 1);
    const products = [0, 1, 2, 3].map(t => matrix.node('MatMul', [filled, matrix.input(`a${t}`, [3, 2])]));
    matrix.output(matrix.node('Sum', products), [2, 2]);
    assertKept(matrix, by(sumsOfProducts(4)));
  });

  it('cut a tensor once where several slices of it are asked for', () => {
    const sliced = (...ends: readonly (readonly [number, number])[]): GraphDraft => {
      const g = new GraphDraft();
      const x = g.input('x', [2, 9], 'bool');
      for (const [start, end] of ends) g.output(g.slice(x, 1, start, end), [2, end - start], 'bool');
      return g;
    };
    assert.deepEqual(counted(sliced([4, 9], [1, 4]), splits), { Split: 1 });
    assertKept(sliced([0, 4], [3, 6]), splits);
    assertKept(sliced([4, 6]), splits);
  });

  it('compute nodes that do the same to different rows as one', () => {
    const g = new GraphDraft();
    const [scale, bias] = [g.input('s', [3]), g.input('b', [1, 3])];
    for (let t = 0; t < 4; t++) {
      const scaled = g.node('Mul', [g.input(`x${t}`, [2, 3]), scale]);
      const shifted = g.node('Add', [bias, scaled]);
      g.output(g.node('Cast', [g.node('Greater', [shifted, scaled])], { to: 1 }), [2, 3]);
    }
    const counts = counted(g, graph => batched(graph, 4));
    assert.deepEqual([counts.Mul, counts.Add, counts.Greater, counts.Cast], [1, 1, 1, 1]);
  });

  it('do not mix types, shapes or attributes', () => {
    const g = new GraphDraft();
    for (let t = 0; t < 2; t++) {
      g.output(g.node('Cast', [g.input(`i${t}`, [2, 3], 'int32')], { to: 1 }), [2, 3]);
      g.output(g.node('Cast', [g.input(`b${t}`, [2, 3], 'bool')], { to: 1 }), [2, 3]);
      g.output(g.node('Tanh', [g.input(`s${t}`, [3, 2])]), [3, 2]);
      g.output(g.node('Tanh', [g.input(`r${t}`, [2, 3])]), [2, 3]);
    }
    assertKept(g, graph => batched(graph, 4));
  });

  it('take one row for one row', () => {
    const g = new GraphDraft();
    const weights = g.input('w', [3, 3]);
    for (let t = 0; t < 4; t++) {
      const product = g.node('Gemm', [g.input(`x${t}`, [1, 3]), weights, g.input(`c${t}`, [1, 3])], {
        transA: 0,
        transB: 0,
      });
      g.output(g.node('Mul', [g.node('Tanh', [product]), g.input(`y${t}`, [1, 3])]), [1, 3]);
    }
    const counts = counted(g, graph => batched(graph, 4));
    assert.deepEqual([counts.Gemm, counts.Tanh, counts.Mul], [1, 1, 1]);
  });
});
