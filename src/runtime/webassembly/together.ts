import { type Affine, keyOf } from '../affine';
import type { Expression, LoopKernel, Result } from '../javascript/expression';
import { widthOf } from '../storage';

/** Kernels over the same positions, which one nest computes: at each position the first result, then `others` in order. */
export interface JointKernel extends LoopKernel {
  readonly others: readonly Result[];
}

/**
 * Fewer positions stay in the nearest cache from one kernel to the next. Beyond, as when moments and parameter of an
 * optimiser are updated one after the other, each reads again from far away what the one before has just read.
 */
const FEWEST_POSITIONS = 4096;
/** What so many compute for two vectors side by side stays in registers. */
const MOST_KERNELS = 4;

/**
 * Those of `kernels` from the one at `from` on, which run in this order, that one nest can compute. `startOf` gives the first
 * byte of an array: arrays of different types lie in the same memory.
 */
export function together(
  kernels: readonly (LoopKernel | undefined)[],
  from: number,
  startOf: (array: string) => number | undefined,
): readonly LoopKernel[] {
  const group: LoopKernel[] = [];
  for (const next of kernels.slice(from, from + MOST_KERNELS)) {
    if (!next || next.core || positions(next) < FEWEST_POSITIONS) break;
    if (group.some(other => !sameLoops(other, next) || disturb(other, next, startOf))) break;
    group.push(next);
  }
  return group;
}

/** One nest for `kernels`, none of which disturbs another. What one stores and a later one reads is not loaded again. */
export function joined(kernels: readonly LoopKernel[]): JointKernel {
  const known = new Map<string, Expression>();
  const results = kernels.map(({ result, store }): Result => {
    const own = { result: forwarded(result, known), store };
    known.set(placeOf(store), own.result);
    return own;
  });
  const [first, ...others] = results;
  return { ...kernels[0]!, ...first!, others };
}

/** Whether one writes, at a position, what the other reads or writes at another position. */
function disturb(a: LoopKernel, b: LoopKernel, startOf: (array: string) => number | undefined): boolean {
  const bytesOf = ({ array, dtype, at }: Access): [number, number] => {
    const [first, last] = spanOf(at, a.extents);
    const [start = Number.NaN, width] = [startOf(array), widthOf(dtype, 32)];
    return [start + first * width, start + (last + 1) * width];
  };
  const apart = (access: Access, store: Access): boolean => {
    if (placeOf(access) === placeOf(store)) return true;
    const [from, to] = bytesOf(access);
    const [start, end] = bytesOf(store);
    return to <= start || end <= from;
  };
  const own = [a.store, ...loadsOf(a.result)];
  const other = [b.store, ...loadsOf(b.result)];
  return !(own.every(access => apart(access, b.store)) && other.every(access => apart(access, a.store)));
}

type Access = LoopKernel['store'];

/** Equal for accesses that meet the same element at every position. */
function placeOf({ array, at }: Pick<Access, 'array' | 'at'>): string {
  return `${array} ${keyOf(at)}`;
}

/** The first and the last element that is met. */
function spanOf(at: Affine, extents: readonly number[]): [number, number] {
  let [first, last] = [at.base, at.base];
  extents.forEach((extent, axis) => {
    const reach = (at.terms[axis] ?? 0) * (extent - 1);
    if (reach < 0) first += reach;
    else last += reach;
  });
  return [first, last];
}

function loadsOf(result: Expression): Access[] {
  const loads: Access[] = [];
  const seen = new Set<Expression>();
  const visit = (expression: Expression): void => {
    if (seen.has(expression)) return;
    seen.add(expression);
    if (expression.kind === 'load') loads.push(expression);
    else if (expression.kind === 'scalar') expression.operands.forEach(visit);
  };
  visit(result);
  return loads;
}

/** `result` with what is loaded from a known place replaced by what has been stored there. */
function forwarded(result: Expression, known: ReadonlyMap<string, Expression>): Expression {
  const renewed = new Map<Expression, Expression>();
  const renew = (expression: Expression): Expression => {
    let own = renewed.get(expression);
    if (!own) {
      own = expression;
      if (expression.kind === 'load') own = known.get(placeOf(expression)) ?? expression;
      else if (expression.kind === 'scalar')
        own = { ...expression, operands: expression.operands.map(renew) };
      renewed.set(expression, own);
    }
    return own;
  };
  return renew(result);
}

function sameLoops(a: LoopKernel, b: LoopKernel): boolean {
  return a.kept === b.kept && `${a.extents}` === `${b.extents}`;
}

function positions({ extents }: LoopKernel): number {
  return extents.reduce((product, extent) => product * extent, 1);
}
