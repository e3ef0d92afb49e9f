import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  decodeSafetensors,
  encodeSafetensors,
  SafetensorsError,
  type StoredTensor,
} from '../../../src/interop/safetensors';

/** A file by its parts, as another program may have written it. */
function file(header: unknown, data: readonly number[] = [], length?: number): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

describe('safetensors', () => {
  it('reads what it has written, bit for bit', () => {
    const numbers = fc.float64Array({ maxLength: 12 });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), numbers, { maxKeys: 5 }), entries => {
        const tensors = new Map<string, StoredTensor>(
          Object.entries(entries)
            .filter(([name]) => name !== '__metadata__')
            .map(([name, data]) => [name, { shape: [data.length], data }]),
        );
        assert.deepEqual(decodeSafetensors(encodeSafetensors(tensors, { nabla: '1' })), tensors);
      }),
    );
  });

  it('writes the format as it is defined', () => {
    const bytes = encodeSafetensors(new Map([['w', { shape: [1, 2], data: Float64Array.of(1, -2) }]]));
    const view = new DataView(bytes.buffer);
    const length = Number(view.getBigUint64(0, true));
    assert.equal(length % 8, 0, 'numbers are aligned');
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as unknown;
    assert.deepEqual(header, { w: { dtype: 'F64', shape: [1, 2], data_offsets: [0, 16] } });
    assert.deepEqual([view.getFloat64(8 + length, true), view.getFloat64(16 + length, true)], [1, -2]);
    assert.equal(bytes.length, 8 + length + 16);
  });

  for (const [dtype, data, expected] of [
    ['F32', [0, 0, 128, 63], 1],
    ['F16', [0, 60], 1],
    ['F16', [1, 0], 2 ** -24],
    ['F16', [0, 252], Number.NEGATIVE_INFINITY],
    ['BF16', [128, 63], 1],
    ['I64', [255, 255, 255, 255, 255, 255, 255, 255], -1],
    ['I32', [254, 255, 255, 255], -2],
    ['U8', [200], 200],
    ['BOOL', [1], 1],
  ] as const) {
    it(`reads ${dtype} ${expected}`, () => {
      const tensors = decodeSafetensors(
        file({ x: { dtype, shape: [], data_offsets: [0, data.length] } }, data),
      );
      assert.deepEqual(tensors.get('x'), { shape: [], data: Float64Array.of(expected) });
    });
  }

  const entry = (change: object) =>
    file({ x: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...change } }, [0, 0, 0, 0]);
  for (const [name, bytes, message] of [
    ['a file that is too short', Uint8Array.of(1, 2), /shorter than 8 bytes/],
    ['a header beyond the end', file('{}', [], 1e6), /beyond the end of the file/],
    ['a header of an absurd length', file('{}', [], 2 ** 53), /beyond the end of the file/],
    ['a header that is no JSON', file('nonsense'), /not JSON/],
    ['a header that is a list', file([1]), /not an object/],
    ['an unknown type', entry({ dtype: 'F8_E4M3' }), /type F8_E4M3/],
    ['a shape that is none', entry({ shape: [-1] }), /shape of x/],
    ['sizes that do not fit', entry({ shape: [2] }), /needs 8 bytes/],
    ['numbers beyond the end', entry({ shape: [2], data_offsets: [0, 8] }), /needs 8 bytes/],
    ['no place', entry({ data_offsets: [0] }), /where it is/],
  ] as const) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => decodeSafetensors(bytes),
        (error: unknown) => {
          return error instanceof SafetensorsError && message.test(error.message);
        },
      );
    });
  }
});
