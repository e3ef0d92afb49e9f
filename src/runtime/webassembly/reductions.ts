import type { DType } from '../../graph/types';
import type { Value } from '../value';
import type { Body } from './body';
import { floatConstant, intConstant, localGet, type Simd, shuffle, vector } from './instructions';
import { MINIMUM_INT } from './lanes';
import type { Code } from './module';
import { LANES, type Schedule } from './schedule';

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

/** Longer chains of 32-bit additions lose digits: what has been summed up is put aside after every so many. */
const LONGEST_CHAIN = 1024;
const BLOCK = 256;

/** After how many turns of which reduced axis sums are put aside; undefined where the chains are short. */
export function flushedAxis(
  { reduced, along, tiles, chains }: Schedule,
  extents: readonly number[],
): { readonly axis: number; readonly every: number } | undefined {
  const additions = (axis: number): number => extents[axis]! / (axis === along ? LANES * chains : 1);
  if (reduced.reduce((product, axis) => product * additions(axis), 1) <= LONGEST_CHAIN) return undefined;
  let inside = 1;
  for (const axis of reduced.toReversed()) {
    if (inside * additions(axis) > BLOCK && extents[axis]! > tiles[axis]!) {
      const aTurn = (additions(axis) / extents[axis]!) * tiles[axis]! * inside;
      return { axis, every: Math.max(1, Math.floor(BLOCK / aTurn)) };
    }
    inside *= additions(axis);
  }
  return undefined;
}

/** Lane i of the result combines the lanes of vector i, of up to four. */
export function acrossLanes(body: Body, locals: readonly number[], reduction: LaneReduction): Code {
  const { take } = reduction;
  const [a, b, c, d] = [0, 1, 2, 3].map(i => localGet(locals[i] ?? locals[0]!)) as [Code, Code, Code, Code];
  if (locals.length === 1) {
    const half = localGet(body.fresh([...a, ...a, ...a, ...shuffle(2, 3, 0, 1), ...take]).local);
    return [...half, ...half, ...half, ...shuffle(1, 0, 3, 2), ...take];
  }
  const pair = (x: Code, y: Code): Code => [
    ...[...x, ...y, ...shuffle(0, 4, 1, 5)],
    ...[...x, ...y, ...shuffle(2, 6, 3, 7)],
    ...take,
  ];
  const first = localGet(body.fresh(pair(a, b)).local);
  const second = locals.length > 2 ? localGet(body.fresh(pair(c, d)).local) : first;
  return [
    ...[...first, ...second, ...shuffle(0, 1, 4, 5)],
    ...[...first, ...second, ...shuffle(2, 3, 6, 7)],
    ...take,
  ];
}
