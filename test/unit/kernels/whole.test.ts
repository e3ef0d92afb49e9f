import assert from 'node:assert/strict';
import fc from 'fast-check';
import { constantDim } from '../../../src/graph/dimension';
import { knownShape } from '../../../src/graph/shape';
import type { DType, TensorData } from '../../../src/graph/types';
import type { OpName } from '../../../src/ops/registry';
import { compile } from '../../../src/runtime/program';
import { lower } from '../../../src/runtime/value';
import { kernelLibrary } from '../../../src/runtime/webassembly/library';
import { wholeCall } from '../../../src/runtime/webassembly/whole';
import { fresh, input } from '../runtime/support';

interface Operand {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: readonly number[];
}

/** Bytes for one tensor. */
const ROOM = 1 << 16;
const memory = new WebAssembly.Memory({ initial: 5 });
const library = new WebAssembly.Instance(kernelLibrary()!, { env: { memory } }).exports;

const views: Readonly<Record<DType, (start: number, count: number) => TensorData>> = {
  float: (start, count) => new Float32Array(memory.buffer, start, count),
  int: (start, count) => new Int32Array(memory.buffer, start, count),
  bool: (start, count) => new Uint8Array(memory.buffer, start, count),
};

/** The op as the library and as generated JavaScript computes it, both from and into 32-bit buffers. */
function both(
  op: OpName,
  operands: readonly Operand[],
  attributes: object,
): { readonly outcome: number; readonly data: number[]; readonly expected: number[] } {
  const b = fresh();
  const leaves = operands.map(({ shape, dtype }, i) => input(b, shape, dtype, `x${i}`));
  const node = b.apply(op, leaves, attributes);

  const lowered = lower(
    [...leaves, node],
    {},
    n => n !== node,
    n => n.inputs,
  );
  let next = 64;
  const starts = new Map([...leaves, node].map(n => [lowered.of(n), (next += ROOM) - ROOM]));
  new Uint8Array(memory.buffer).fill(7);
  leaves.forEach((leaf, i) => {
    const value = lowered.of(leaf);
    views[value.dtype](starts.get(value)!, value.count).set(operands[i]!.data);
  });
  const root = lowered.of(node);
  const found = wholeCall(root, value => starts.get(value)!);
  assert.ok(found, `no call for ${op}`);
  const before = new Uint8Array(memory.buffer).slice();
  const outcome = (library[found.name] as (...numbers: readonly number[]) => number | undefined)(
    ...found.operands,
  );
  const start = starts.get(root)!;
  const data = views[root.dtype](start, root.count);
  const after = new Uint8Array(memory.buffer).slice();
  after.set(before.subarray(start, start + data.byteLength), start);
  assert.ok(Buffer.from(after).equals(before), `${op} wrote beside its result`);

  const program = compile({ outputs: [node], sizes: {}, precision: 32, kernels: 'javascript' });
  leaves.forEach((leaf, i) => {
    if (program.fed.includes(leaf)) program.buffer(leaf).set(operands[i]!.data);
  });
  const expected = (): number[] => {
    program.run();
    return [...program.buffer(node)];
  };
  return {
    outcome: outcome ?? -1,
    data: [...data],
    expected: outcome === undefined || outcome < 0 ? expected() : [],
  };
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

function assertSame({ data, expected }: ReturnType<typeof both>): void {
  assert.deepEqual(data, expected);
}

describe('whole kernels', () => {
  for (const op of ['argmax', 'argmin'] as const) {
    it(`${op} finds what JavaScript finds, NaN and ties too`, () => {
      const cases = fc
        .tuple(place, kind)
        .chain(([{ sizes, axis }, dtype]) => tensor(sizes, dtype).map(x => ({ x, axis })));
      fc.assert(fc.property(cases, ({ x, axis }) => assertSame(both(op, [x], { axis }))));
    });
  }

  it('cumsum is the same to the bit in both directions', () => {
    const cases = fc
      .tuple(place, kind, fc.boolean())
      .chain(([{ sizes, axis }, dtype, reverse]) => tensor(sizes, dtype).map(x => ({ x, axis, reverse })));
    fc.assert(
      fc.property(cases, ({ x, axis, reverse }) => assertSame(both('cumsum', [x], { axis, reverse }))),
    );
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
      fc.property(cases, ({ operands, axis, reverse }) =>
        assertSame(both('recurrence', operands, { axis, reverse })),
      ),
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
    fc.assert(fc.property(cases, ({ operands, axis }) => assertSame(both('gather', operands, { axis }))));
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
    fc.assert(
      fc.property(cases, ({ operands, attributes }) => assertSame(both('scatter_add', operands, attributes))),
    );
  });

  it('gather and scatter_add give the first position that is outside, having done nothing', () => {
    const x: Operand = { shape: [3], dtype: 'float', data: [1, 2, 3] };
    for (const wrong of [3, -1, 2 ** 31 - 1, -(2 ** 31)]) {
      const positions: Operand = { shape: [3], dtype: 'int', data: [0, wrong, wrong] };
      for (const [op, attributes] of [
        ['gather', { axis: 0 }],
        ['scatter_add', { axis: 0, size: constantDim(3) }],
      ] as const) {
        const { outcome, data } = both(op, [x, positions], attributes);
        assert.equal(outcome, 1);
        assert.deepEqual(data, [...new Float32Array(new Uint8Array(12).fill(7).buffer)]);
      }
    }
  });

  it('are not offered where JavaScript has to do it', () => {
    const b = fresh();
    const x = input(b, [2, 3], 'bool');
    const sums = b.apply('cumsum', [x], { axis: 0, reverse: false });
    assert.deepEqual(knownShape(sums.shape), [2, 3]);
    const lowered = lower(
      [x, sums],
      {},
      n => n === x,
      n => n.inputs,
    );
    assert.equal(
      wholeCall(lowered.of(sums), () => 0),
      undefined,
    );
    assert.equal(
      wholeCall(lowered.of(x), () => 0),
      undefined,
    );
  });
});
