import assert from 'node:assert/strict';
import fc from 'fast-check';
import { countOf } from '../../../src/graph/shape';
import type { DType } from '../../../src/graph/types';
import { comparisonOps } from '../../../src/ops/comparison';
import { elementwiseOps } from '../../../src/ops/elementwise';
import type { OpName } from '../../../src/ops/registry';
import { scalarHelpers } from '../../../src/ops/scalar';
import { evaluate } from '../../../src/runtime/evaluate';
import { compile } from '../../../src/runtime/program';
import { interpret } from './reference';
import { fresh, input, run, tensor } from './support';

const matrices = (n: number, m: number) =>
  fc.array(fc.integer({ min: -8, max: 8 }), { minLength: n * m, maxLength: n * m });

describe('ops', () => {
  it('at every position are the scalar function of the table', () => {
    const values = [-2.5, -1, -0.5, 0, 0.25, 1, 1.5, 3, Infinity, -Infinity, Number.NaN];
    const names = Object.keys(scalarHelpers);
    for (const [name, op] of Object.entries({ ...elementwiseOps, ...comparisonOps })) {
      if (['and', 'or', 'not', 'where', 'cast'].includes(name)) continue;
      const arity = /sub|add|mul|div|pow|imum|modulo|xlogy|equal|less|greater/.test(name)
        ? 2
        : name === 'clip'
          ? 3
          : 1;
      const columns = Array.from({ length: arity }, (_, k) =>
        values.flatMap((_v, i) => values.map((_w, j) => values[k === 0 ? i : (j * k) % values.length]!)),
      );
      const attributes = name === 'elu' ? { alpha: 0.5 } : {};
      const args = columns.map((_, k) => `x${k}`);
      const f = new Function(...names, ...args, `return ${op.scalar!(args, attributes as never)}`);
      const expected = columns[0]!.map((_, i) =>
        f(...Object.values(scalarHelpers), ...columns.map(c => c[i])),
      );
      const actual = run(
        name as OpName,
        columns.map(c => tensor([c.length], c)),
        attributes,
      );
      assert.deepEqual(
        actual.map(x => x + 0),
        expected.map(x => x + 0),
        name,
      );
    }
  });

  it('convert between dtypes', () => {
    const cast = (data: number[], from: DType, to: DType): number[] =>
      run('cast', [tensor([data.length], data, from)], { dtype: to });
    assert.deepEqual(cast([-1.7, 1.7, 0, 3], 'float', 'int'), [-1, 1, 0, 3]);
    assert.deepEqual(cast([-1.7, 0, Number.NaN], 'float', 'bool'), [1, 0, 1]);
    assert.deepEqual(cast([1, 0], 'bool', 'float'), [1, 0]);
    assert.deepEqual(cast([5, 0], 'int', 'bool'), [1, 0]);
  });

  it('wrap ints when folded as when stored', () => {
    const b = fresh();
    const x = input(b, [2], 'int');
    const product = b.mul(x, x);
    const sum = b.add(product, b.constant(1, 'int'));
    const feeds = new Map([[x, tensor([2], [70000, 3], 'int')]]);
    const expected = [(70000 ** 2 + 1) | 0, 10];
    assert.deepEqual([...evaluate([sum], feeds, {})[0]!.data], expected);
    assert.deepEqual([...evaluate([sum, product], feeds, {})[0]!.data], expected);
  });

  it('reduce, with NaN taking over and empty lines neutral', () => {
    const x = tensor([2, 3], [1, Number.NaN, 3, -4, 5, 0.5]);
    assert.deepEqual(run('max', [x], { axes: [1] }), [Number.NaN, 5]);
    assert.deepEqual(run('min', [x], { axes: [1] }), [Number.NaN, -4]);
    assert.deepEqual(run('argmax', [x], { axis: 1 }), [1, 1]);
    assert.deepEqual(run('argmin', [x], { axis: 0 }), [1, 0, 1]);
    assert.deepEqual(run('argsort', [tensor([5], [2, Number.NaN, 1, 2, -1])], { axis: 0 }), [4, 2, 0, 3, 1]);
    assert.deepEqual(run('prod', [tensor([2, 2], [2, 3, 4, 5])], { axes: [0] }), [8, 15]);
    assert.deepEqual(run('norm', [tensor([2], [3, 4])], { axes: [0] }), [5]);
    assert.deepEqual(run('sum', [tensor([3], [1, 1, 0], 'bool')], { axes: [0] }), [2]);
    assert.deepEqual(run('sum', [tensor([0, 2], [])], { axes: [0] }), [0, 0]);
    assert.deepEqual(run('all', [tensor([2, 2], [1, 0, 1, 1], 'bool')], { axes: [1] }), [0, 1]);
    assert.deepEqual(run('any', [tensor([2, 2], [0, 0, 0, 1], 'bool')], { axes: [1] }), [0, 1]);
  });

  it('contract whatever the order of labels and the sizes', () => {
    const forms = [
      'ij,jk,ik',
      'ji,jk,ik',
      'ij,kj,ik',
      'ji,kj,ik',
      'ij,jk,ki',
      'bij,bjk,bik',
      'bij,jk,bik',
      'j,jk,k',
      'ij,j,i',
      'i,i,',
      'i,j,ij',
      'ij,ij,',
      'ij,ij,ij',
      'bhid,bhjd,bhij',
      'ab,cab,c',
      'aij,aij,ij',
      ',ij,ij',
    ].map(form => form.split(',') as [string, string, string]);
    const sizes = fc.record(
      Object.fromEntries([...'abcdhijk'].map(l => [l, fc.constantFrom(1, 2, 3, 4, 5, 7, 9, 13)])),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...forms),
        sizes,
        fc.constantFrom('float', 'int'),
        ([left, right, out], size, dtype) => {
          const b = fresh();
          const [l, r] = [left, right].map(own =>
            [...own].map(label => Math.min(size[label]!, own.length > 3 ? 4 : 13)),
          );
          // One label has one size even where the cap above cut it in one operand only.
          [...left].forEach((label, i) => {
            const j = right.indexOf(label);
            if (j >= 0) l![i] = r![j] = Math.min(l![i]!, r![j]!);
          });
          const nodes = [l!, r!].map((shape, i) => input(b, shape, dtype as DType, `x${i}`));
          const feeds = nodes.map((_, k) => {
            const shape = [l!, r!][k]!;
            return {
              shape,
              data: Array.from({ length: countOf(shape) }, (__, i) => ((i * (k + 3)) % 11) - 5),
            };
          });
          const node = b.contract(nodes[0]!, nodes[1]!, left, right, out);
          const wanted = interpret([node], new Map(nodes.map((n, i) => [n, feeds[i]!])), {}).get(node)!;
          for (const precision of [32, 64] as const) {
            const program = compile({ outputs: [node], sizes: {}, precision });
            nodes.forEach((n, i) => {
              program.buffer(n).set(feeds[i]!.data);
            });
            program.run();
            assert.deepEqual(
              [...program.buffer(node)],
              wanted.data.map(x => x + 0),
            );
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('read windows through the image, without storing them', () => {
    const b = fresh();
    const [x, w] = [input(b, [2, 3, 20, 20]), input(b, [4, 3, 5, 5], 'float', 'w')];
    const windows = b.window(x, { kernel: [5, 5], stride: [1, 1], dilation: [1, 1] });
    const y = b.contract(windows, w, 'nchwuv', 'ocuv', 'nohw');
    const pooled = b.sum(b.window(y, { kernel: [2, 2], stride: [2, 2], dilation: [1, 1] }), [4, 5]);
    const shapes = [
      [2, 3, 20, 20],
      [4, 3, 5, 5],
    ];
    const feeds = new Map(
      [x, w].map((node, k) => {
        const data = Array.from({ length: countOf(shapes[k]!) }, (_, i) => ((i * (k + 3)) % 11) - 5);
        return [node, { shape: shapes[k]!, data }];
      }),
    );
    const wanted = interpret([pooled], feeds, {}).get(pooled)!;
    const program = compile({ outputs: [pooled], sizes: {}, precision: 64 });
    for (const [node, { data }] of feeds) program.buffer(node).set(data);
    program.run();
    assert.deepEqual([...program.buffer(pooled)], wanted.data);
    // The image, the kernel, the products and their sums; the windows alone would be 38,400 numbers.
    assert.ok(program.bytes < 8 * (2400 + 300 + 2048 + 512 + 64), `${program.bytes}`);
  });

  it('run long loops, in functions of their own, between short ones', () => {
    const b = fresh();
    const [x, w] = [input(b, [45, 33]), input(b, [33, 31], 'float', 'w')];
    const y = b.contract(x, w, 'ni', 'io', 'no');
    const outputs = [b.sumAll(x), y, b.sum(b.square(y), [0]), b.max(y, [1])];
    const feeds = new Map(
      [x, w].map((node, k) => {
        const shape = [45, 33, 31].slice(k, k + 2);
        return [
          node,
          { shape, data: Array.from({ length: countOf(shape) }, (_, i) => ((i * (k + 3)) % 11) - 5) },
        ];
      }),
    );
    const wanted = interpret(outputs, feeds, {});
    const program = compile({ outputs, sizes: {}, precision: 64 });
    for (const [node, { data }] of feeds) program.buffer(node).set(data);
    program.run();
    for (const node of outputs) assert.deepEqual([...program.buffer(node)], wanted.get(node)!.data);
  });

  it('solve, take determinants and fit, as multiplying back shows', () => {
    fc.assert(
      fc.property(matrices(3, 3), matrices(3, 2), (a, x) => {
        for (let i = 0; i < 3; i++) a[i * 4] = 30;
        const b = Array.from({ length: 6 }, (_, i) =>
          [0, 1, 2].reduce((sum, k) => sum + a[Math.floor(i / 2) * 3 + k]! * x[k * 2 + (i % 2)]!, 0),
        );
        const [A, B] = [tensor([3, 3], a), tensor([3, 2], b)];
        const close = (actual: number[]): void =>
          actual.forEach((v, i) => {
            assert.ok(Math.abs(v - x[i]!) < 1e-10);
          });
        close(run('solve', [A, B]));
        close(run('lstsq', [A, B]));
      }),
    );
    assert.deepEqual(
      run('det', [tensor([2, 2, 2], [1, 2, 3, 4, 2, 0, 0, 3])]).map(v => Math.round(v * 1e9) / 1e9),
      [-2, 6],
    );
    assert.deepEqual(run('det', [tensor([2, 2], [1, 2, 2, 4])]), [0]);
    const line = run('lstsq', [tensor([3, 2], [1, 0, 1, 1, 1, 2]), tensor([3, 1], [1, 3, 5])]);
    line.forEach((v, i) => {
      assert.ok(Math.abs(v - [1, 2][i]!) < 1e-12);
    });
  });

  it('run recurrences from either end', () => {
    const [a, u] = [tensor([3], [Infinity, 2, 3]), tensor([3], [1, 1, 1])];
    assert.deepEqual(run('recurrence', [a, u], { axis: 0, reverse: false }), [1, 3, 10]);
    assert.deepEqual(run('recurrence', [tensor([3], [2, 3, 9]), u], { axis: 0, reverse: true }), [9, 4, 1]);
  });

  it('take finite differences in 64-bit, whatever the program computes in', () => {
    for (const [scheme, tolerance] of [
      ['central', 1e-6],
      ['forward', 1e-4],
    ] as const) {
      const b = fresh();
      const [x, y] = [input(b, [3]), input(b, [3], 'float', 'y')];
      const h = b.mul(x, y);
      const loss = b.sumAll(b.mul(b.exp(h), y));
      const numeric = b.apply('numeric_gradient', [loss, h], { h: 1e-5, scheme });
      const exact = b.mul(b.exp(h), y);
      for (const precision of [32, 64] as const) {
        const program = compile({ outputs: [numeric, exact], sizes: {}, precision });
        program.buffer(x).set([0.5, -1, 1]);
        program.buffer(y).set([1, 2, 0.5]);
        program.run();
        program.buffer(numeric).forEach((v, i) => {
          assert.ok(Math.abs(v - program.buffer(exact)[i]!) < tolerance * 3);
        });
      }
    }
  });

  it('have a numeric gradient of 0 where the loss does not depend', () => {
    const b = fresh();
    const [x, y] = [input(b, [2]), input(b, [2], 'float', 'y')];
    const numeric = b.apply('numeric_gradient', [b.sumAll(y), x], { h: 1e-5, scheme: 'central' });
    const feeds = new Map([
      [x, tensor([2], [1, 2])],
      [y, tensor([2], [1, 2])],
    ]);
    assert.deepEqual([...evaluate([numeric], feeds, {})[0]!.data], [0, 0]);
  });
});
