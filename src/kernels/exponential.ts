import { expm1OfRest, expm1OfSmall, powerOfTwo, restOf, turnsOf } from './parts/expm1';
import { choose, mulAdd, splat, step } from './parts/lanes';
import { logOnePlusUnit } from './parts/series';

/** From here on either way 2^n is no normal float. */
const SAFE: f32 = 87;

export function exp(x: v128): v128 {
  // NaN goes the common way: every operation hands it on.
  if (v128.any_true(f32x4.ge(f32x4.abs(x), splat(SAFE)))) return expOfAny(x);
  const n = turnsOf(x);
  const power = powerOfTwo(n);
  return mulAdd(power, expm1OfRest(restOf(x, n)), power);
}

/** Results may be infinite, denormal or 0, so 2^n is made of two factors. */
function expOfAny(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, splat(89)), splat(-104));
  const n = turnsOf(bounded);
  const half = f32x4.nearest(f32x4.mul(n, splat(0.5)));
  const power = powerOfTwo(half);
  const y = mulAdd(power, expm1OfRest(restOf(bounded, n)), power);
  return f32x4.mul(y, powerOfTwo(f32x4.sub(n, half)));
}

/** 1 / (1 + e^-x), from e^-|x|, which does not overflow: where x < 0 it is e^x / (1 + e^x). */
export function sigmoid(x: v128): v128 {
  const e = exp(v128.or(x, splat(-0.0)));
  const one = splat(1);
  return f32x4.div(choose(f32x4.lt(x, splat(0)), e, one), f32x4.add(one, e));
}

/** E / (E + 2) for E = e^2x - 1. Beyond 9.02 the nearest float is 1. */
export function tanh(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, splat(9.02)), splat(-9.02));
  const e = expm1OfSmall(f32x4.add(bounded, bounded));
  return f32x4.div(e, f32x4.add(e, splat(2)));
}

/** x above 0, alpha (e^x - 1) below. Below -18 the nearest float to e^x - 1 is -1. */
export function elu(x: v128, alpha: v128): v128 {
  const zero = splat(0);
  const below = expm1OfSmall(f32x4.pmax(f32x4.pmin(x, zero), splat(-18)));
  return choose(f32x4.gt(x, zero), x, f32x4.mul(alpha, below));
}

/** log(1 + e^x) = max(x, 0) + log(1 + e^-|x|), which does not overflow. */
export function softplus(x: v128): v128 {
  const e = exp(v128.or(x, splat(-0.0)));
  return f32x4.add(f32x4.pmax(x, splat(0)), logOnePlusUnit(e));
}

/**
 * erf |x| = 1 - e^-t for t = |x| P(|x|), with the sign of x. P is a minimax fit of our own up to 3.95, beyond which the
 * nearest float is 1; the error is below 2^-27 of the result.
 */
export function erf(x: v128): v128 {
  const size = f32x4.pmin(f32x4.abs(x), splat(3.95));
  const square = f32x4.mul(size, size);
  const p7 = step(splat(-9.25549193e-6), size, 1.17634059e-4);
  const p5 = step(splat(-6.32809883e-4), size, 1.66697544e-3);
  const p3 = step(splat(-1.60340496e-4), size, -1.91530958e-2);
  const p1 = step(splat(1.02777839e-1), size, 6.36619389e-1);
  const p = mulAdd(mulAdd(mulAdd(p7, square, p5), square, p3), square, p1);
  const t = f32x4.mul(size, step(p, size, 1.12837923));
  const e = expm1OfSmall(f32x4.neg(t));
  // e is negative or 0.
  return v128.xor(e, v128.andnot(splat(-0.0), x));
}
