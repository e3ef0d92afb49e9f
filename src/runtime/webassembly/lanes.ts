import type { DType } from '../../graph/types';
import type { CastAttributes } from '../../ops/elementwise';
import type { TrilAttributes } from '../../ops/linear';
import type { EluAttributes } from '../../ops/unary';
import type { Value } from '../value';
import { floatConstant, intConstant, type Simd, vector, words } from './instructions';
import type { Code } from './module';

/**
 * An operand of four lanes. Floats and ints have 32 bits a lane; a bool is a mask, all bits of the lane or none, so
 * that a comparison chooses without being converted.
 */
export interface Operand {
  readonly dtype: DType;
  /** Puts it on the stack; may be repeated. */
  readonly code: Code;
  /** Known for a constant. */
  readonly literal?: number | undefined;
}

/** The call of a function of the kernel library on vectors; undefined where the library does not have it. */
export type LibraryCall = (name: string, operands: number) => Code | undefined;

type Lanes = (operands: readonly Operand[], value: Value, library: LibraryCall) => Code | undefined;

const MINIMUM_INT = -0x80000000;

/** Bools as 0 and 1, for arithmetic and order. */
const counted = ({ dtype, code }: Operand): Code =>
  dtype === 'bool' ? [...code, ...intConstant(1), ...vector('and')] : [...code];

/** One instruction for floats and one for ints. */
const arithmetic =
  (float: Simd, int: Simd | undefined): Lanes =>
  operands => {
    const name = operands[0]!.dtype === 'float' ? float : int;
    return name && [...operands.flatMap(counted), ...vector(name)];
  };

/** What leaves an int as it is. */
const rounding =
  (float: Simd): Lanes =>
  ([x]) =>
    x!.dtype === 'float' ? [...x!.code, ...vector(float)] : counted(x!);

const mask =
  (name: Simd): Lanes =>
  operands => [...operands.flatMap(({ code }) => code), ...vector(name)];

const fromLibrary =
  (name: string): Lanes =>
  (operands, _, library) => {
    const call = library(name, operands.length);
    return call && [...operands.flatMap(({ code }) => code), ...call];
  };

const power: Lanes = (operands, value, library) => {
  const [x, p] = operands;
  if (p!.literal === 1) return x!.code;
  if (p!.literal === 2) return [...x!.code, ...x!.code, ...vector('f32Mul')];
  if (p!.literal === -1) return [...floatConstant(1), ...x!.code, ...vector('f32Div')];
  return fromLibrary('pow')(operands, value, library);
};

/** 1 with the sign of x, but x itself where it is 0 or NaN. */
const sign: Lanes = ([x]) => {
  const { dtype, code } = x!;
  if (dtype !== 'float') {
    const zero = intConstant(0);
    return [
      ...[...code, ...zero, ...vector('i32Lt')],
      ...[...code, ...zero, ...vector('i32Gt')],
      ...vector('i32Sub'),
    ];
  }
  const one = [...code, ...intConstant(MINIMUM_INT), ...vector('and'), ...floatConstant(1), ...vector('or')];
  const signed = [...code, ...vector('f32Abs'), ...floatConstant(0), ...vector('f32Gt')];
  return [...one, ...code, ...signed, ...vector('select')];
};

const cast: Lanes = ([x], { attributes }) => {
  const { dtype } = attributes as CastAttributes;
  if (dtype === x!.dtype) return x!.code;
  if (dtype === 'float') {
    return x!.dtype === 'bool'
      ? [...x!.code, ...floatConstant(1), ...vector('and')]
      : [...x!.code, ...vector('f32Convert')];
  }
  if (dtype === 'bool')
    return [...x!.code, ...intConstant(0), ...vector(x!.dtype === 'float' ? 'f32Ne' : 'i32Ne')];
  // A float beyond 32 bits wraps around in JavaScript, which no instruction does.
  return x!.dtype === 'bool' ? counted(x!) : undefined;
};

const table: Readonly<Record<string, Lanes>> = {
  add: arithmetic('f32Add', 'i32Add'),
  sub: arithmetic('f32Sub', 'i32Sub'),
  mul: arithmetic('f32Mul', 'i32Mul'),
  // The product in the core of a contraction.
  contract: arithmetic('f32Mul', 'i32Mul'),
  div: arithmetic('f32Div', undefined),
  maximum: arithmetic('f32Max', 'i32Max'),
  minimum: arithmetic('f32Min', 'i32Min'),
  pow: power,
  xlogy(operands, value, library) {
    const [p, q] = operands;
    const log = fromLibrary('log')([q!], value, library);
    const zero = [...p!.code, ...floatConstant(0), ...vector('f32Eq')];
    const known = [...q!.code, ...q!.code, ...vector('f32Eq')];
    const product = log && [...p!.code, ...log, ...vector('f32Mul')];
    return (
      product && [...floatConstant(0), ...product, ...zero, ...known, ...vector('and'), ...vector('select')]
    );
  },

  exp: fromLibrary('exp'),
  log: fromLibrary('log'),
  log1p: fromLibrary('log1p'),
  sin: fromLibrary('sin'),
  cos: fromLibrary('cos'),
  tan: fromLibrary('tan'),
  atan: fromLibrary('atan'),
  tanh: fromLibrary('tanh'),
  sigmoid: fromLibrary('sigmoid'),
  softplus: fromLibrary('softplus'),
  erf: fromLibrary('erf'),
  elu([x], { attributes }, library) {
    const call = library('elu', 2);
    return call && [...x!.code, ...floatConstant((attributes as EluAttributes).alpha), ...call];
  },
  sqrt: mask('f32Sqrt'),
  neg: arithmetic('f32Neg', 'i32Neg'),
  square: ([x]) => [...counted(x!), ...counted(x!), ...vector(x!.dtype === 'float' ? 'f32Mul' : 'i32Mul')],
  abs: arithmetic('f32Abs', 'i32Abs'),
  sign,
  // The pseudo-maximum is one instruction and, in this order, keeps NaN.
  relu: ([x]) =>
    x!.dtype === 'float'
      ? [...x!.code, ...floatConstant(0), ...vector('f32PMax')]
      : [...counted(x!), ...intConstant(0), ...vector('i32Max')],
  floor: rounding('f32Floor'),
  round: rounding('f32Nearest'),

  equal: arithmetic('f32Eq', 'i32Eq'),
  not_equal: arithmetic('f32Ne', 'i32Ne'),
  less: arithmetic('f32Lt', 'i32Lt'),
  less_equal: arithmetic('f32Le', 'i32Le'),
  greater: arithmetic('f32Gt', 'i32Gt'),
  greater_equal: arithmetic('f32Ge', 'i32Ge'),
  and: mask('and'),
  or: mask('or'),
  not: mask('not'),
  isnan: ([x]) => (x!.dtype === 'float' ? [...x!.code, ...x!.code, ...vector('f32Ne')] : intConstant(0)),

  cast,
  where: ([c, a, b]) => [...a!.code, ...b!.code, ...c!.code, ...vector('select')],
  clip: ([x, low, high]) => {
    const [max, min] =
      x!.dtype === 'float' ? (['f32Max', 'f32Min'] as const) : (['i32Max', 'i32Min'] as const);
    return [...counted(x!), ...counted(low!), ...vector(max), ...counted(high!), ...vector(min)];
  },
  iota: ([i]) => i!.code,
  tril: ([x, i, j], { attributes }) => [
    ...x!.code,
    ...[...j!.code, ...i!.code, ...vector('i32Sub'), ...intConstant((attributes as TrilAttributes).k)],
    ...vector('i32Le'),
    ...vector('and'),
  ],
};

/** Puts `value` at four positions on the stack; undefined for what lanes cannot do, which JavaScript does instead. */
export function laneCode(value: Value, operands: readonly Operand[], library: LibraryCall): Code | undefined {
  return Object.hasOwn(table, value.op) ? table[value.op]!(operands, value, library) : undefined;
}

/** An accumulator of four lanes. */
export interface LaneReduction {
  /** What taking in does not change anything. */
  readonly initial: Code;
  /** Combines two vectors on the stack. */
  readonly take: Code;
  /** Each element is squared first, and the root taken in the end. */
  readonly squared: boolean;
  /** Whether long chains lose digits, so that they are better summed in blocks. */
  readonly rounds: boolean;
}

/** How the lanes of `core` are combined; of `dtype` are the elements that it takes in. */
export function laneReduction(core: Value, dtype: DType): LaneReduction | undefined {
  const made = (initial: Code, take: Simd, more: Partial<LaneReduction> = {}): LaneReduction => ({
    initial,
    take: vector(take),
    squared: false,
    rounds: false,
    ...more,
  });
  const float = dtype === 'float';
  switch (core.op) {
    case 'sum':
    case 'contract':
      return float ? made(floatConstant(0), 'f32Add', { rounds: true }) : made(intConstant(0), 'i32Add');
    case 'norm':
      return float ? made(floatConstant(0), 'f32Add', { squared: true, rounds: true }) : undefined;
    case 'prod':
      return float ? made(floatConstant(1), 'f32Mul') : made(intConstant(1), 'i32Mul');
    case 'max':
      if (dtype === 'bool') return made(intConstant(0), 'or');
      return float ? made(floatConstant(-Infinity), 'f32Max') : made(intConstant(MINIMUM_INT), 'i32Max');
    case 'min':
      if (dtype === 'bool') return made(intConstant(-1), 'and');
      return float ? made(floatConstant(Infinity), 'f32Min') : made(intConstant(0x7fffffff), 'i32Min');
    case 'all':
      return made(intConstant(-1), 'and');
    case 'any':
      return made(intConstant(0), 'or');
    default:
      return undefined;
  }
}

/** All bits of the first `count` lanes. */
export function laneMask(count: number): Code {
  const word = (lane: number): number => (lane < count ? -1 : 0);
  return words(word(0), word(1), word(2), word(3));
}
