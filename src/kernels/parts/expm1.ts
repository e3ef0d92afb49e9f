import { mulAdd, splat, step } from './lanes';

/**
 * e^x by the reduction of S. L. Moshier's Cephes Math Library 2.2 (1992), `expf`: x = n log 2 + r with
 * |r| <= log(2)/2. Log 2 comes in two parts, the first of so few digits that its product with n is exact.
 */
const LOG_2_HIGH: f32 = 0.693359375;
const LOG_2_LOW: f32 = -2.1219444e-4;

/** n */
export function turnsOf(x: v128): v128 {
  return f32x4.nearest(f32x4.mul(x, splat(Mathf.LOG2E)));
}

/** r */
export function restOf(x: v128, n: v128): v128 {
  return f32x4.sub(f32x4.sub(x, f32x4.mul(n, splat(LOG_2_HIGH))), f32x4.mul(n, splat(LOG_2_LOW)));
}

/** 2^n for whole n from -126 to 127: added to 2^23, n lies in the lowest bits, and is shifted to be an exponent. */
export function powerOfTwo(n: v128): v128 {
  return i32x4.shl(f32x4.add(n, splat(8388608 + 127)), 23);
}

/** e^r - 1 = r + r^2 P(r). P is a minimax fit of our own, with an error below 2^-26 of the result. */
export function expm1OfRest(r: v128): v128 {
  const square = f32x4.mul(r, r);
  // In pairs, which wait less for one another than one long chain.
  const high = step(splat(0.00138825155), r, 0.00836655218);
  const low = step(splat(0.0416672006), r, 0.166665435);
  const p = step(mulAdd(high, square, low), r, 0.49999997);
  return mulAdd(square, p, r);
}

/** e^x - 1 for |x| <= 20, with all digits near 0. */
export function expm1OfSmall(x: v128): v128 {
  const n = turnsOf(x);
  const power = powerOfTwo(n);
  return mulAdd(power, expm1OfRest(restOf(x, n)), f32x4.sub(power, splat(1)));
}
