import { choose, splat, step } from './parts/lanes';

/**
 * e^x after S. L. Moshier, Cephes Math Library 2.2 (1992), `expf`: x = n log 2 + r with |r| <= log(2)/2, and
 * e^r = 1 + r + r^2 P(r). Log 2 comes in two parts, the first of so few digits that its product with n is exact.
 */
const LOG_2_HIGH: f32 = 0.693359375;
const LOG_2_LOW: f32 = -2.1219444e-4;

/** Adding it leaves a float rounded to a whole number in the lowest bits. */
const ROUNDER: f32 = 12582912;
const ROUNDER_BITS: i32 = 0x4b400000;

export function exp(x: v128): v128 {
  // Also right for NaN, which every operation below hands on.
  if (v128.any_true(f32x4.ge(f32x4.abs(x), splat(87)))) return expOfAny(x);
  const shifted = step(x, splat(Mathf.LOG2E), ROUNDER);
  const power = i32x4.add(i32x4.shl(shifted, 23), splat(1));
  return f32x4.mul(f32x4.add(beyondOne(x, shifted), splat(1)), power);
}

/** Results may be infinite, denormal or 0, so 2^n is made of two factors. */
function expOfAny(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, splat(89)), splat(-104));
  const shifted = step(bounded, splat(Mathf.LOG2E), ROUNDER);
  const n = i32x4.sub(shifted, i32x4.splat(ROUNDER_BITS));
  const half = i32x4.shr_s(n, 1);
  const y = f32x4.add(beyondOne(bounded, shifted), splat(1));
  return f32x4.mul(f32x4.mul(y, powerOfTwo(half)), powerOfTwo(i32x4.sub(n, half)));
}

/** e^r - 1 for the r that is left of x. */
function beyondOne(x: v128, shifted: v128): v128 {
  const n = f32x4.sub(shifted, splat(ROUNDER));
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, splat(LOG_2_HIGH))), f32x4.mul(n, splat(LOG_2_LOW)));
  const square = f32x4.mul(r, r);
  // In pairs, which wait less for one another than one long chain.
  const p5 = step(splat(1.98756915e-4), r, 1.3981999507e-3);
  const p3 = step(splat(8.3334519073e-3), r, 4.1665795894e-2);
  const p1 = step(splat(1.6666665459e-1), r, 5.0000001201e-1);
  const p = f32x4.add(f32x4.mul(f32x4.add(f32x4.mul(p5, square), p3), square), p1);
  return f32x4.add(f32x4.mul(square, p), r);
}

/** For -126 <= n <= 127. */
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** 1 / (1 + e^-x), from e^-|x|, which does not overflow: where x < 0 it is e^x / (1 + e^x). */
export function sigmoid(x: v128): v128 {
  const e = exp(v128.or(x, splat(-0.0)));
  const one = splat(1);
  return f32x4.div(choose(f32x4.lt(x, splat(0)), e, one), f32x4.add(one, e));
}
