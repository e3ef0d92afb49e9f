import type { DType } from '../graph/types';
import { type ColumnData, narrow } from './column';

/** How a binary format writes a number: `u1` is one unsigned byte, `f2` a float of two bytes, `b1` a bool. */
export type NumberFormat = 'b1' | 'u1' | 'u2' | 'u4' | 'u8' | 'i1' | 'i2' | 'i4' | 'i8' | 'f2' | 'f4' | 'f8';

interface Decoder {
  readonly bytes: number;
  readonly dtype: DType;
  /** The type that holds every number of the format; for the others the numbers decide. */
  readonly type?: new (
    length: number,
  ) => ColumnData;
  read(view: DataView, at: number, little: boolean): number;
}

const decoders: Readonly<Record<NumberFormat, Decoder>> = {
  b1: { bytes: 1, dtype: 'bool', type: Uint8Array, read: (v, at) => (v.getUint8(at) === 0 ? 0 : 1) },
  u1: { bytes: 1, dtype: 'int', type: Uint8Array, read: (v, at) => v.getUint8(at) },
  i1: { bytes: 1, dtype: 'int', type: Int16Array, read: (v, at) => v.getInt8(at) },
  u2: { bytes: 2, dtype: 'int', type: Int32Array, read: (v, at, little) => v.getUint16(at, little) },
  i2: { bytes: 2, dtype: 'int', type: Int16Array, read: (v, at, little) => v.getInt16(at, little) },
  u4: { bytes: 4, dtype: 'int', read: (v, at, little) => v.getUint32(at, little) },
  i4: { bytes: 4, dtype: 'int', type: Int32Array, read: (v, at, little) => v.getInt32(at, little) },
  u8: { bytes: 8, dtype: 'int', read: (v, at, little) => Number(v.getBigUint64(at, little)) },
  i8: { bytes: 8, dtype: 'int', read: (v, at, little) => Number(v.getBigInt64(at, little)) },
  f2: {
    bytes: 2,
    dtype: 'float',
    type: Float32Array,
    read: (v, at, little) => half(v.getUint16(at, little)),
  },
  f4: { bytes: 4, dtype: 'float', type: Float32Array, read: (v, at, little) => v.getFloat32(at, little) },
  f8: { bytes: 8, dtype: 'float', read: (v, at, little) => v.getFloat64(at, little) },
};

export function isNumberFormat(name: string): name is NumberFormat {
  return Object.hasOwn(decoders, name);
}

/** Bytes that one number takes. */
export function widthOf(format: NumberFormat): number {
  return decoders[format].bytes;
}

/** Numbers of one column, and the dtype they have in a model: whole numbers beyond 32 bits are floats. */
export interface Numbers {
  readonly dtype: DType;
  readonly data: ColumnData;
}

/** The `count` numbers that lie at `offsetOf(0)`, `offsetOf(1)`, ... (in numbers, not bytes) of `bytes`. */
export function decodeNumbers(
  bytes: Uint8Array,
  format: NumberFormat,
  little: boolean,
  count: number,
  offsetOf: (i: number) => number = i => i,
): Numbers {
  const { bytes: width, dtype, type, read } = decoders[format];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (i: number): number => read(view, offsetOf(i) * width, little);
  if (!type) {
    const data = narrow(each(count, at), count);
    const whole = !(data instanceof Float32Array || data instanceof Float64Array);
    return { dtype: dtype === 'int' && !whole && count > 0 ? 'float' : dtype, data };
  }
  const data = new type(count);
  for (let i = 0; i < count; i++) data[i] = at(i);
  return { dtype, data };
}

function* each(count: number, at: (i: number) => number): Generator<number> {
  for (let i = 0; i < count; i++) yield at(i);
}

/** A float of IEEE 754's 16 bits. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
