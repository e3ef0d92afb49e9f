import type { DType } from '../../graph/types';
import type { CastAttributes } from '../../ops/elementwise';
import type { TrilAttributes } from '../../ops/linear';
import type { EluAttributes } from '../../ops/unary';
import type { Value } from '../value';
import { floatConstant, intConstant, type Simd, vector, words } from './instructions';
import { type Code, V128, type ValueType } from './module';

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

/** Lanes do not do this; JavaScript does. */
export class Unsupported extends Error {}

/** The call of a function of the kernel library; undefined where the library does not have it. */
export type LibraryCall = (
  name: string,
  parameters: readonly ValueType[],
  results: readonly ValueType[],
) => Code | undefined;

/** Takes the code of a mask: lanes in which lanes cannot go on, so that JavaScript has to. */
export type GiveUp = (mask: Code) => void;

type Lanes = (
  operands: readonly Operand[],
  value: Value,
  library: LibraryCall,
  giveUp: GiveUp,
) => Code | undefined;

export const MINIMUM_INT = -0x80000000;

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
    const parameters = operands.map(() => V128 as ValueType);
    const call = library(name, parameters, [V128]);
    return call && [...operands.flatMap(({ code }) => code), ...call];
  };

/** Of floats; ints have no vector division, and a divisor of 0 stops the run. */
const division =
  (name: string): Lanes =>
  (operands, value, library, giveUp) =>
    value.dtype === 'float' ? fromLibrary(name)(operands, value, library, giveUp) : undefined;

const power: Lanes = (operands, value, library, giveUp) => {
  const [x, p] = operands;
  if (p!.literal === 1) return x!.code;
  if (p!.literal === 2) return [...x!.code, ...x!.code, ...vector('f32Mul')];
  if (p!.literal === -1) return [...floatConstant(1), ...x!.code, ...vector('f32Div')];
  return fromLibrary('pow')(operands, value, library, giveUp);
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

const cast: Lanes = ([x], { attributes }, _, giveUp) => {
  const { dtype } = attributes as CastAttributes;
  if (dtype === x!.dtype) return x!.code;
  if (dtype === 'float') {
    return x!.dtype === 'bool'
      ? [...x!.code, ...floatConstant(1), ...vector('and')]
      : [...x!.code, ...vector('f32Convert')];
  }
  if (dtype === 'bool')
    return [...x!.code, ...intConstant(0), ...vector(x!.dtype === 'float' ? 'f32Ne' : 'i32Ne')];
  if (x!.dtype === 'bool') return counted(x!);
  // A float beyond 32 bits wraps around in JavaScript, which no instruction does.
  const inside = [...x!.code, ...vector('f32Abs'), ...floatConstant(-MINIMUM_INT), ...vector('f32Lt')];
  giveUp([...inside, ...vector('not')]);
  return [...x!.code, ...vector('i32TruncSat')];
};

/** A place in an axis, as an int. */
const position: Lanes = ([x], { attributes }, _, giveUp) => {
  const { size, wrap } = attributes as { readonly size: number; readonly wrap: boolean };
  const { dtype, code } = x!;
  const low = wrap ? -size : 0;
  const fits =
    dtype === 'float'
      ? [
          ...[...code, ...floatConstant(low), ...vector('f32Ge')],
          ...[...code, ...floatConstant(size), ...vector('f32Lt'), ...vector('and')],
          ...[...code, ...vector('f32Floor'), ...code, ...vector('f32Eq'), ...vector('and')],
        ]
      : [
          ...[...code, ...intConstant(low), ...vector('i32Ge')],
          ...[...code, ...intConstant(size), ...vector('i32Lt'), ...vector('and')],
        ];
  giveUp([...fits, ...vector('not')]);
  const place = dtype === 'float' ? [...code, ...vector('i32TruncSat')] : code;
  if (!wrap) return place;
  const negative = [...place, ...intConstant(0), ...vector('i32Lt')];
  return [...place, ...negative, ...intConstant(size), ...vector('and'), ...vector('i32Add')];
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
  xlogy: fromLibrary('xlogy'),
  floor_divide: division('floor_divide'),
  modulo: division('modulo'),

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
  elu([x], value, library, giveUp) {
    const { alpha } = value.attributes as EluAttributes;
    return fromLibrary('elu')([x!, { dtype: 'float', code: floatConstant(alpha) }], value, library, giveUp);
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
  position,
  tril: ([x, i, j], { attributes }) => [
    ...x!.code,
    ...[...j!.code, ...i!.code, ...vector('i32Sub'), ...intConstant((attributes as TrilAttributes).k)],
    ...vector('i32Le'),
    ...vector('and'),
  ],
};

/** Puts `value` at four positions on the stack; undefined for what lanes cannot do, which JavaScript does instead. */
export function laneCode(
  value: Value,
  operands: readonly Operand[],
  library: LibraryCall,
  giveUp: GiveUp,
): Code | undefined {
  return Object.hasOwn(table, value.op) ? table[value.op]!(operands, value, library, giveUp) : undefined;
}

/** All bits of the first `count` lanes. */
export function laneMask(count: number): Code {
  const word = (lane: number): number => (lane < count ? -1 : 0);
  return words(word(0), word(1), word(2), word(3));
}
