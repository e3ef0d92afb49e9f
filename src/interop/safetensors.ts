/**
 * The safetensors format: 8 bytes of little-endian length, a JSON header of that length that gives every tensor's dtype,
 * shape and place, then the numbers, row-major and little-endian. Read and written by PyTorch, JAX and many others.
 */

export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** A file that is not what it claims to be; the message says what is wrong, without the file's name. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

/** Headers beyond this are refused, as by the reference implementation. */
const HEADER_LIMIT = 100_000_000;

const METADATA = '__metadata__';

/** Writes doubles, so that a number reads back bit for bit. Names are in the order given. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  // Entries, since assigning the name `__proto__` would make no property.
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push([METADATA, metadata]);
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    const begin = end;
    end += 8 * data.length;
    header.push([name, { dtype: 'F64', shape, data_offsets: [begin, end] }]);
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  // Padding the header with blanks aligns the numbers.
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end).fill(0x20, 8, 8 + length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  let at = 8 + length;
  for (const { data } of tensors.values()) {
    for (const value of data) {
      view.setFloat64(at, value, true);
      at += 8;
    }
  }
  return bytes;
}

/** Reads every tensor as doubles. Throws `SafetensorsError`. */
export function decodeSafetensors(bytes: Uint8Array): Map<string, StoredTensor> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, start } = readHeader(bytes, view);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name !== METADATA) tensors.set(name, readTensor(name, entry, view, start));
  }
  return tensors;
}

function readHeader(
  bytes: Uint8Array,
  view: DataView,
): { header: Readonly<Record<string, unknown>>; start: number } {
  if (bytes.length < 8) throw new SafetensorsError('the file is shorter than 8 bytes');
  const length = Number(view.getBigUint64(0, true));
  if (length > HEADER_LIMIT || 8 + length > bytes.length) {
    throw new SafetensorsError(
      'the length of the header is beyond the end of the file; is it a safetensors file?',
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch {
    throw new SafetensorsError('the header is not JSON; is it a safetensors file?');
  }
  return { header: asObject(json, 'the header'), start: 8 + length };
}

function readTensor(name: string, entry: unknown, view: DataView, start: number): StoredTensor {
  const { dtype, shape, data_offsets: offsets } = asObject(entry, name);
  const reader = typeof dtype === 'string' ? readers[dtype] : undefined;
  if (!reader) throw new SafetensorsError(`${name} has the type ${String(dtype)}, which is not read`);
  if (!isSizes(shape)) throw new SafetensorsError(`the shape of ${name} is not a list of sizes`);
  if (!isSizes(offsets) || offsets.length !== 2)
    throw new SafetensorsError(`${name} does not say where it is`);
  const [begin, end] = offsets as [number, number];
  const count = shape.reduce((product, size) => product * size, 1);
  if (end - begin !== count * reader.bytes || start + end > view.byteLength) {
    throw new SafetensorsError(
      `${name} needs ${count * reader.bytes} bytes, and the file does not hold them`,
    );
  }
  const data = new Float64Array(count);
  for (let i = 0; i < count; i++) data[i] = reader.read(view, start + begin + i * reader.bytes);
  return { shape, data };
}

interface Reader {
  readonly bytes: number;
  read(view: DataView, at: number): number;
}

const readers: Readonly<Record<string, Reader>> = {
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, read: (view, at) => half(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => brain(view.getUint16(at, true)) },
  I64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  I32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  I16: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  I8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  U8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  BOOL: { bytes: 1, read: (view, at) => view.getUint8(at) },
};

/** IEEE half precision. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The upper half of a 32-bit float. */
function brain(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(size => Number.isSafeInteger(size) && size >= 0);
}

function asObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new SafetensorsError(`${what} is not an object`);
}
