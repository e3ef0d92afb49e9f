import assert from 'node:assert/strict';
import { reverse } from '../../../src/autodiff/reverse';
import { constantDim, symbolDim } from '../../../src/graph/dimension';
import { RunError } from '../../../src/graph/evaluate';
import { ancestors, Graph } from '../../../src/graph/graph';
import type { Node } from '../../../src/graph/node';
import { shapeOf } from '../../../src/graph/shape';
import type { DType } from '../../../src/graph/types';
import { Builder } from '../../../src/ops/builder';
import { evaluate } from '../../../src/runtime/evaluate';
import { firstNotFinite } from '../../../src/runtime/finite';
import { MemoryError } from '../../../src/runtime/memory';
import { compile } from '../../../src/runtime/program';
import { SizeError } from '../../../src/runtime/sizes';
import { WorkError } from '../../../src/runtime/workLimit';
import { fresh, input, run, tensor } from './support';

describe('failures', () => {
  const failing = (
    make: (b: Builder, x: Node) => Node,
    data: number[],
    dtype: DType,
    message: RegExp,
  ): void => {
    const b = fresh();
    const x = input(b, [data.length], dtype);
    const node = make(b, x);
    assert.throws(
      () => evaluate([b.identity(node)], new Map([[x, tensor([data.length], data, dtype)]]), {}),
      (error: unknown) => error instanceof RunError && error.node === node && message.test(error.message),
    );
  };

  it('name the node and the number', () => {
    failing(
      (b, x) => b.gather(b.tensor([1, 2, 3], shapeOf([3])), x, 0),
      [0, 3],
      'int',
      /position 3 .* size 3/,
    );
    failing(
      (b, x) => b.scatterAdd(b.tensor([1, 2], shapeOf([2])), x, 0, constantDim(3)),
      [0, -1],
      'int',
      /-1/,
    );
    failing((b, x) => b.elementwise('floor_divide', [b.constant(7, 'int'), x]), [2, 0], 'int', /by zero/);
    failing((b, x) => b.elementwise('modulo', [b.constant(7, 'int'), x]), [2, 0], 'int', /by zero/);
    const position = { size: constantDim(3), wrap: true, what: 'class' };
    failing(
      (b, x) => b.apply('position', [x], position),
      [1, 1.5],
      'float',
      /class 1.5 is not a whole number/,
    );
    failing(
      (b, x) => b.apply('position', [x], position),
      [1, 3],
      'float',
      /class 3 is out of range: there are 3/,
    );
    failing((b, x) => b.apply('position', [x], position), [-4], 'int', /class -4/);
    failing(
      (b, x) => b.apply('solve', [b.reshape(x, shapeOf([2, 2])), b.tensor([1, 1], shapeOf([2, 1]))]),
      [1, 2, 2, 4],
      'float',
      /the matrix is singular$/,
    );
    const zeros = new Array(121).fill(0);
    const determinant = (b: Builder, x: Node): Node => {
      const A = b.reshape(x, shapeOf([11, 11]));
      const gradient = reverse(b, b.apply('det', [A])).of(A)!;
      return ancestors([gradient]).find(({ op }) => op === 'solve')!;
    };
    failing(determinant, zeros, 'float', /gradient of det .* as in det\(A \+ 1e-6 \* eye\(n\)\)$/);
  });

  it('leave the program usable', () => {
    const b = fresh();
    const x = input(b, [1], 'int');
    const y = b.gather(b.tensor([5, 6], shapeOf([2])), x, 0);
    const program = compile({ outputs: [y], sizes: {}, precision: 32 });
    program.buffer(x)[0] = 9;
    assert.throws(() => program.run(), RunError);
    program.buffer(x)[0] = 1;
    program.run();
    assert.equal(program.buffer(y)[0], 6);
  });

  it('count negative positions from the end', () => {
    const attributes = { size: constantDim(3), wrap: true, what: 'index' };
    assert.deepEqual(run('position', [tensor([2], [-1, 2], 'int')], attributes), [2, 2]);
  });
});

describe('sizes', () => {
  it('that do not agree are reported with both numbers, before anything runs', () => {
    const b = new Builder(new Graph(), { span: { start: 3, end: 8 }, derivation: { kind: 'source' } });
    const shaped = (name: string, symbol: string): Node =>
      b.apply('input', [], { name, shape: [symbolDim(symbol)], dtype: 'float' });
    const sum = b.add(shaped('x', 'N'), shaped('y', 'M'));
    const request = { outputs: [sum], precision: 64 as const, constraints: b.graph.constraints };
    assert.throws(
      () => compile({ ...request, sizes: { N: 2, M: 3 } }),
      (error: unknown) =>
        error instanceof SizeError && /3 and 2/.test(error.message) && error.span?.start === 3,
    );
    // Without the graph's constraints, too, code for such sizes is never made.
    assert.throws(() => compile({ ...request, constraints: [], sizes: { N: 2, M: 3 } }), SizeError);
    compile({ ...request, sizes: { N: 2, M: 2 } });
  });

  it('feed the size of an axis into the computation', () => {
    const b = fresh();
    const x = b.apply('input', [], { name: 'x', shape: [symbolDim('N')], dtype: 'float' });
    const mean = b.div(b.sumAll(x), b.toFloat(b.size(symbolDim('N'))));
    for (const data of [
      [1, 3],
      [1, 2, 6],
    ]) {
      const [result] = evaluate([mean], new Map([[x, tensor([data.length], data)]]), { N: data.length });
      assert.equal(result!.data[0], data.length === 2 ? 2 : 3);
    }
  });

  it('handle empty tensors', () => {
    const b = fresh();
    const x = input(b, [0, 3]);
    const outputs = [b.sum(b.exp(x), [0]), b.sumAll(x), b.tanh(x), b.contract(x, x, 'ni', 'nj', 'ij')];
    const results = evaluate(outputs, new Map([[x, tensor([0, 3], [])]]), {});
    assert.deepEqual(
      results.map(t => t.data.length),
      [3, 1, 0, 9],
    );
    assert.deepEqual([...results[3]!.data], new Array(9).fill(0));
  });
});

describe('work', () => {
  it('without end in one kernel is refused, though what it folds in takes no memory', () => {
    const b = fresh();
    const x = input(b, []);
    const table = b.broadcastTo(x, shapeOf([900_000, 900_000]));
    const total = b.sumAll(b.exp(table));
    assert.throws(
      () => compile({ outputs: [b.add(total, x)], sizes: {}, precision: 32 }),
      (error: unknown) => error instanceof WorkError && error.node === total && error.operations === 8.1e11,
    );
    assert.ok(
      compile({
        outputs: [b.sumAll(b.exp(b.broadcastTo(x, shapeOf([9000, 9000]))))],
        sizes: {},
        precision: 32,
      }),
    );
  });
});

describe('memory', () => {
  it('is refused before it is taken, naming the largest value', () => {
    const b = fresh();
    const x = input(b, [1000]);
    const outer = b.contract(x, x, 'i', 'j', 'ij');
    const loss = b.add(b.sumAll(outer), b.sumAll(b.sum(outer, [0])));
    assert.throws(
      () => compile({ outputs: [loss, outer], sizes: {}, precision: 64, memoryLimit: 1_000_000 }),
      (error: unknown) => error instanceof MemoryError && error.node === outer && error.nodeBytes === 8e6,
    );
    assert.ok(compile({ outputs: [loss], sizes: {}, precision: 64 }).bytes >= 8e6);
  });

  it('is refused for sizes beyond any machine', () => {
    const b = fresh();
    const x = input(b, [100000, 100000]);
    assert.throws(() => compile({ outputs: [b.exp(x)], sizes: {}, precision: 64 }), MemoryError);
  });

  it('is reused along a chain', () => {
    const b = fresh();
    const x = input(b, [1000]);
    let y = x;
    for (let i = 0; i < 50; i++) y = b.apply('cumsum', [y], { axis: 0, reverse: false });
    const { bytes } = compile({ outputs: [b.sumAll(y)], sizes: {}, precision: 64 });
    assert.ok(bytes <= 4 * 8000, `${bytes} bytes`);
  });
});

describe('evaluate', () => {
  it('takes what is fed as given, leaf or not', () => {
    const b = fresh();
    const x = input(b, [2]);
    const y = b.exp(x);
    const z = b.mul(y, b.constant(3));
    assert.deepEqual([...evaluate([z, y], new Map([[y, tensor([2], [1, 2])]]), {})[0]!.data], [3, 6]);
    assert.throws(
      () => evaluate([z], new Map(), {}),
      (e: unknown) => e instanceof RunError && e.node === x,
    );
    const wrong = new Map([[x, tensor([3], [1, 2, 3])]]);
    assert.throws(() => evaluate([z], wrong, {}), /another shape/);
  });

  it('gives tensors that later evaluations leave alone', () => {
    const b = fresh();
    const x = input(b, [1]);
    const y = b.neg(x);
    const [first] = evaluate([y], new Map([[x, tensor([1], [1])]]), {});
    evaluate([y], new Map([[x, tensor([1], [2])]]), {});
    assert.deepEqual(first, tensor([1], [-1]));
  });
});

describe('finite', () => {
  it('finds the first node that holds no number', () => {
    const b = fresh();
    const x = input(b, [2]);
    const root = b.log(x);
    const loss = b.sumAll(b.mul(root, b.constant(0)));
    const request = { outputs: [loss], sizes: {}, precision: 32 as const };
    const find = (data: number[]): Node | undefined =>
      firstNotFinite(request, program => program.buffer(x).set(data));
    assert.equal(find([1, 0]), root);
    assert.equal(find([Number.NaN, 1]), x);
    assert.equal(find([1, 2]), undefined);
  });
});

describe('precision', () => {
  it('rounds to 32-bit where values are kept, and sees one rounding everywhere', () => {
    const b = fresh();
    const x = input(b, [4]);
    const y = b.mul(x, b.constant(0.1));
    const top = b.max(y, [0]);
    const hits = b.sumAll(b.toFloat(b.equal(y, b.spread(top, y, [0]))));
    const program = compile({ outputs: [hits], sizes: {}, precision: 32 });
    program.buffer(x).set([1, 3, 3, 2]);
    program.run();
    assert.deepEqual(program.buffer(hits), Float32Array.of(2));
  });
});
