import assert from 'node:assert/strict';
import fc from 'fast-check';
import { constantDim } from '../../../src/graph/dimension';
import type { DType } from '../../../src/graph/types';
import type { OpName } from '../../../src/ops/registry';
import { compile } from '../../../src/runtime/program';
import { kernelLibrary } from '../../../src/runtime/webassembly/library';
import { fresh, input } from '../runtime/support';

interface Operand {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: readonly number[];
}

/** The op as the library and as generated JavaScript computes it, both from and into 32-bit buffers. */
function both(op: OpName, operands: readonly Operand[], attributes: object): void {
  const b = fresh();
  const leaves = operands.map(({ shape, dtype }, i) => input(b, shape, dtype, `x${i}`));
  const node = b.apply(op, leaves, attributes);
  const [data, expected] = (['webassembly', 'javascript'] as const).map(kernels => {
    const program = compile({ outputs: [node], sizes: {}, precision: 32, kernels });
    assert.equal(program.kernels![kernels], 1, `${op} runs as something else than ${kernels}`);
    leaves.forEach((leaf, i) => {
      program.buffer(leaf).set(operands[i]!.data);
    });
    program.buffer(node).fill(7);
    program.run();
    return [...program.buffer(node)];
  });
  assert.deepEqual(data, expected);
}

const size = fc.integer({ min: 1, max: 6 });
const shape = fc.array(size, { minLength: 1, maxLength: 3 });
const place = fc.tuple(shape, fc.nat()).map(([sizes, n]) => ({ sizes, axis: n % sizes.length }));
const number = fc.oneof(
  { arbitrary: fc.integer({ min: -8, max: 8 }).map(i => i / 4), weight: 6 },
  { arbitrary: fc.float(), weight: 2 },
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
);
const whole = fc.oneof(
  { arbitrary: fc.integer({ min: -3, max: 3 }), weight: 3 },
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
);

const count = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

const tensor = (sizes: readonly number[], dtype: DType): fc.Arbitrary<Operand> => {
  const element = { float: number, int: whole, bool: fc.nat(1) }[dtype];
  const data = fc.array<number>(element, { minLength: count(sizes), maxLength: count(sizes) });
  return data.map(elements => ({ shape: sizes, dtype, data: elements }));
};

const kind = fc.constantFrom<DType>('float', 'int');

describe('whole kernels', () => {
  for (const op of ['argmax', 'argmin'] as const) {
    it(`${op} finds what JavaScript finds, NaN and ties too`, () => {
      const cases = fc
        .tuple(place, kind)
        .chain(([{ sizes, axis }, dtype]) => tensor(sizes, dtype).map(x => ({ x, axis })));
      fc.assert(fc.property(cases, ({ x, axis }) => both(op, [x], { axis })));
    });
  }

  it('cumsum is the same to the bit in both directions', () => {
    const cases = fc
      .tuple(place, kind, fc.boolean())
      .chain(([{ sizes, axis }, dtype, reverse]) => tensor(sizes, dtype).map(x => ({ x, axis, reverse })));
    fc.assert(fc.property(cases, ({ x, axis, reverse }) => both('cumsum', [x], { axis, reverse })));
  });

  it('recurrence is the same to the bit in both directions', () => {
    const cases = fc
      .tuple(place, fc.boolean())
      .chain(([{ sizes, axis }, reverse]) =>
        fc
          .tuple(tensor(sizes, 'float'), tensor(sizes, 'float'))
          .map(operands => ({ operands, axis, reverse })),
      );
    fc.assert(
      fc.property(cases, ({ operands, axis, reverse }) => both('recurrence', operands, { axis, reverse })),
    );
  });

  const positioned = (limit: number): fc.Arbitrary<Operand> =>
    fc
      .array(fc.nat(limit - 1), { minLength: 1, maxLength: 6 })
      .map(data => ({ shape: [data.length], dtype: 'int' as const, data }));

  it('gather takes elements of any kind and size', () => {
    const cases = fc
      .tuple(place, fc.constantFrom<DType>('float', 'int', 'bool'), fc.constantFrom(1, 1, 3, 70))
      .chain(([{ sizes, axis }, dtype, wide]) => {
        const full = axis === sizes.length - 1 ? sizes : sizes.with(-1, sizes.at(-1)! * wide);
        const data = Array.from({ length: count(full) }, (_, i) => i % (dtype === 'bool' ? 2 : 251));
        return positioned(sizes[axis]!).map(positions => ({
          operands: [{ shape: full, dtype, data }, positions],
          axis,
        }));
      });
    fc.assert(fc.property(cases, ({ operands, axis }) => both('gather', operands, { axis })));
  });

  it('scatter_add adds in the order of the positions, to the bit', () => {
    const cases = fc.tuple(place, kind, size).chain(([{ sizes, axis }, dtype, length]) =>
      positioned(length).chain(positions =>
        tensor(sizes.with(axis, positions.shape[0]!), dtype).map(x => ({
          operands: [x, positions],
          attributes: { axis, size: constantDim(length) },
        })),
      ),
    );
    fc.assert(fc.property(cases, ({ operands, attributes }) => both('scatter_add', operands, attributes)));
  });

  it('gather and scatter_add give the index of the first position that is outside, having done nothing', () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const library = new WebAssembly.Instance(kernelLibrary()!, { env: { memory } }).exports;
    const [x, positions, out] = [64, 128, 192];
    for (const wrong of [3, -1, 2 ** 31 - 1, -(2 ** 31)]) {
      new Int32Array(memory.buffer, positions, 3).set([0, wrong, wrong]);
      for (const name of ['gather', 'scatter_add_float', 'scatter_add_int']) {
        const bytes = new Uint8Array(memory.buffer, out, 64).fill(7);
        const run = library[name] as (...numbers: readonly number[]) => number;
        assert.equal(run(x, positions, out, 1, 3, 3, name === 'gather' ? 4 : 1), 1);
        assert.ok(bytes.every(byte => byte === 7));
      }
    }
  });
});
