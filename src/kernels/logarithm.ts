import { choose, splat, step } from './parts/lanes';

/**
 * log x after S. L. Moshier, Cephes Math Library 2.2 (1992), `logf`: x = 2^n m with sqrt(1/2) <= m < sqrt(2), and for
 * f = m - 1, log m = f - f^2/2 + f^3 P(f).
 */
const LOG_2_HIGH: f32 = 0.693359375;
const LOG_2_LOW: f32 = -2.1219444e-4;

const SQRT_HALF_BITS: i32 = 0x3f3504f3;
const SMALLEST_NORMAL_BITS: i32 = 0x00800000;
const INFINITY_BITS: i32 = 0x7f800000;

export function log(x: v128): v128 {
  // As unsigned numbers, negative floats lie beyond infinity.
  const place = i32x4.sub(x, i32x4.splat(SMALLEST_NORMAL_BITS));
  const span = i32x4.splat(INFINITY_BITS - SMALLEST_NORMAL_BITS);
  if (v128.any_true(i32x4.ge_u(place, span))) return logOfAny(x);
  return logOfNormal(x, splat(0));
}

function logOfAny(x: v128): v128 {
  const small = f32x4.lt(x, splat(1.17549435e-38));
  const scaled = choose(small, f32x4.mul(x, splat(8388608)), x);
  const finite = logOfNormal(scaled, v128.and(small, splat(-23)));
  // Infinity and NaN are their own logarithms.
  const positive = choose(f32x4.lt(x, splat(Infinity)), finite, x);
  const nonNegative = choose(f32x4.eq(x, splat(0)), splat(-Infinity), positive);
  return choose(f32x4.lt(x, splat(0)), splat(NaN), nonNegative);
}

/** log(x 2^more) */
function logOfNormal(x: v128, more: v128): v128 {
  const n = i32x4.shr_s(i32x4.sub(x, i32x4.splat(SQRT_HALF_BITS)), 23);
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(n, 23)), splat(1));
  const exponent = f32x4.add(f32x4.convert_i32x4_s(n), more);
  let p = step(splat(7.0376836292e-2), f, -1.151461031e-1);
  p = step(p, f, 1.167699874e-1);
  p = step(p, f, -1.2420140846e-1);
  p = step(p, f, 1.4249322787e-1);
  p = step(p, f, -1.6668057665e-1);
  p = step(p, f, 2.0000714765e-1);
  p = step(p, f, -2.4999993993e-1);
  p = step(p, f, 3.3333331174e-1);
  const square = f32x4.mul(f, f);
  const low = f32x4.add(f32x4.mul(f32x4.mul(p, f), square), f32x4.mul(exponent, splat(LOG_2_LOW)));
  const tail = f32x4.sub(low, f32x4.mul(square, splat(0.5)));
  return f32x4.add(f32x4.add(f, tail), f32x4.mul(exponent, splat(LOG_2_HIGH)));
}
