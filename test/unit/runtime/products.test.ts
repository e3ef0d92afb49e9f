import assert from 'node:assert/strict';
import fc from 'fast-check';
import { evaluate } from '../../../src/runtime/evaluate';
import type { LoopKernel } from '../../../src/runtime/javascript/expression';
import { productOf } from '../../../src/runtime/javascript/product';
import { lowerRequest } from '../../../src/runtime/loweredRequest';
import { fresh, input, tensor } from './support';

/** Sums of products from 0 in the order of the reduced label, as `contract` has it. */
function expected(
  [left, right, out]: readonly [string, string, string],
  sizes: Readonly<Record<string, number>>,
  a: readonly number[],
  b: readonly number[],
): number[] {
  const labels = [...out, ...[...left].filter(label => !out.includes(label))];
  const at = (word: string, place: Readonly<Record<string, number>>): number =>
    [...word].reduce((index, label) => index * sizes[label]! + place[label]!, 0);
  const results = new Array<number>([...out].reduce((count, label) => count * sizes[label]!, 1)).fill(0);
  const walk = (i: number, place: Record<string, number>): void => {
    if (i === labels.length) {
      results[at(out, place)]! += a[at(left, place)]! * b[at(right, place)]!;
      return;
    }
    for (let x = 0; x < sizes[labels[i]!]!; x++) walk(i + 1, { ...place, [labels[i]!]: x });
  };
  walk(0, {});
  return results;
}

describe('products of matrices in 64 bits', () => {
  const words = [
    ['ik', 'kj', 'ij'],
    ['ki', 'kj', 'ij'],
    ['ik', 'jk', 'ij'],
    ['ki', 'jk', 'ij'],
    ['ik', 'kj', 'ji'],
    ['sik', 'skj', 'sij'],
    ['isk', 'skj', 'sij'],
    ['sik', 'kj', 'sij'],
    ['sik', 'sjk', 'sji'],
  ] as const;

  it('have the bits of the sum in its order, whatever way the operands lie', () => {
    const size = fc.integer({ min: 1, max: 19 });
    fc.assert(
      fc.property(
        fc.constantFrom(...words),
        fc.record({ i: size, j: size, k: size, s: size }),
        fc.infiniteStream(fc.double({ noDefaultInfinity: true, noNaN: true, min: -9, max: 9 })),
        (labels, sizes, numbers) => {
          const [left, right, out] = labels;
          const shapes = [left, right].map(word => [...word].map(label => sizes[label as 'i']));
          const data = shapes.map(shape =>
            Array.from(
              { length: shape.reduce((count, n) => count * n, 1) },
              () => numbers.next().value as number,
            ),
          );
          const b = fresh();
          const operands = shapes.map((shape, i) => input(b, shape, 'float', 'xy'[i]!));
          const product = b.contract(operands[0]!, operands[1]!, left, right, out);
          const feeds = new Map(operands.map((node, i) => [node, tensor(shapes[i]!, data[i]!)]));
          const [result, shifted] = evaluate([product, b.relu(b.add(product, b.constant(1)))], feeds, {});
          const sums = expected(labels, sizes, data[0]!, data[1]!);
          assert.deepEqual([...result!.data], sums);
          assert.deepEqual(
            [...shifted!.data],
            sums.map(sum => Math.max(sum + 1, 0)),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are left to the loops where copies of the operands would take much memory', () => {
    const isCopied = (rows: number): boolean => {
      const load = (array: string, terms: number[]) =>
        ({ kind: 'load', array, dtype: 'float', at: { base: 0, terms } }) as const;
      const b = fresh();
      const [x, w] = [input(b, [rows, 64]), input(b, [64, 8], 'float', 'w')];
      const { values } = lowerRequest({ outputs: [b.contract(x, w, 'ik', 'kj', 'ij')], sizes: {} }).lowered;
      const value = values.at(-1)!;
      const operands = [load('x', [64, 0, 1]), load('w', [0, 1, 8])];
      const kernel: LoopKernel = {
        extents: [rows, 8, 64],
        kept: 2,
        core: { value, body: { kind: 'scalar', value, operands, text: ([a, c]) => `${a} * ${c}` } },
        result: { kind: 'core' },
        store: { array: 'y', dtype: 'float', at: { base: 0, terms: [8, 1, 0] } },
      };
      return productOf(kernel, 'products') !== undefined;
    };
    assert.deepEqual([isCopied(100), isCopied(100_000), isCopied(1_000_000)], [true, true, false]);
  });
});
