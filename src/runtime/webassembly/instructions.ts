import { type Code, signed, unsigned } from './module';

/** Instructions on vectors of 128 bits, by their number after the prefix 0xfd. */
export const simd = {
  load: 0x00,
  load32Splat: 0x09,
  store: 0x0b,
  constant: 0x0c,
  shuffle: 0x0d,
  i32Splat: 0x11,
  f32Splat: 0x13,
  i32Eq: 0x37,
  i32Ne: 0x38,
  i32Lt: 0x39,
  i32Gt: 0x3b,
  i32Le: 0x3d,
  i32Ge: 0x3f,
  f32Eq: 0x41,
  f32Ne: 0x42,
  f32Lt: 0x43,
  f32Gt: 0x44,
  f32Le: 0x45,
  f32Ge: 0x46,
  not: 0x4d,
  and: 0x4e,
  andNot: 0x4f,
  or: 0x50,
  xor: 0x51,
  select: 0x52,
  anyTrue: 0x53,
  load8Lane: 0x54,
  load32Lane: 0x56,
  store8Lane: 0x58,
  store16Lane: 0x59,
  store32Lane: 0x5a,
  store64Lane: 0x5b,
  load32Zero: 0x5c,
  i8Narrow: 0x65,
  f32Ceil: 0x67,
  f32Floor: 0x68,
  f32Trunc: 0x69,
  f32Nearest: 0x6a,
  i16Narrow: 0x85,
  i16ExtendLow: 0x89,
  i32Abs: 0xa0,
  i32Neg: 0xa1,
  i32ExtendLow: 0xa9,
  i32Add: 0xae,
  i32Sub: 0xb1,
  i32Mul: 0xb5,
  i32Min: 0xb6,
  i32Max: 0xb8,
  f32Abs: 0xe0,
  f32Neg: 0xe1,
  f32Sqrt: 0xe3,
  f32Add: 0xe4,
  f32Sub: 0xe5,
  f32Mul: 0xe6,
  f32Div: 0xe7,
  f32Min: 0xe8,
  f32Max: 0xe9,
  f32PMin: 0xea,
  f32PMax: 0xeb,
  i32TruncSat: 0xf8,
  f32Convert: 0xfa,
} as const;
export type Simd = keyof typeof simd;

const opcodes = Object.fromEntries(
  Object.entries(simd).map(([name, number]) => [name, [0xfd, ...unsigned(number)]]),
) as unknown as Readonly<Record<Simd, Code>>;

/** One vector instruction without immediates. */
export const vector = (name: Simd): Code => opcodes[name];

/** One that reads or writes `offset` bytes after the address on the stack. Nothing is known of its alignment. */
export const memoryAccess = (name: Simd, offset: number): Code => [...vector(name), 0, ...unsigned(offset)];

/** Made once for each local: function bodies are full of them. */
const made = (opcode: number): ((local: number) => Code) => {
  const known: Code[] = [];
  return local => (known[local] ??= [opcode, ...unsigned(local)]);
};
export const localGet = made(0x20);
export const localSet = made(0x21);
export const i32Constant = (value: number): Code => [0x41, ...signed(value)];
export const call = (index: number): Code => [0x10, ...unsigned(index)];
export const I32_ADD = 0x6a;
export const I32_LESS = 0x49;

/** Fills `bytes` with zeros from `start` on. */
export function clear(start: number, bytes: number): Code {
  return [...i32Constant(start), ...i32Constant(0), ...i32Constant(bytes), 0xfc, 0x0b, 0];
}

/** The byte at the address on the stack, `offset` bytes on. */
export const i32Load8 = (offset: number): Code => [0x2d, 0, ...unsigned(offset)];

/** A vector constant from four 32-bit words. */
export function words(a: number, b: number, c: number, d: number): Code {
  return [...vector('constant'), ...new Uint8Array(Int32Array.of(a, b, c, d).buffer)];
}

export function floatConstant(value: number): Code {
  const [bits] = new Int32Array(Float32Array.of(value).buffer);
  return words(bits!, bits!, bits!, bits!);
}

export function intConstant(value: number): Code {
  return words(value, value, value, value);
}

/** Four words out of the eight of two vectors. */
export function shuffle(a: number, b: number, c: number, d: number): Code {
  const bytes = [a, b, c, d].flatMap(word => [0, 1, 2, 3].map(byte => 4 * word + byte));
  return [...vector('shuffle'), ...bytes];
}

/** `local += step` in 32-bit integers. */
export function bump(local: number, step: number): Code {
  return [...localGet(local), ...i32Constant(step), I32_ADD, ...localSet(local)];
}
