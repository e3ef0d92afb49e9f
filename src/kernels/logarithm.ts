import { choose, mulAdd, splat } from './parts/lanes';
import { logOnePlus } from './parts/series';

/** Log 2 in two parts, the first of so few digits that its product with an exponent is exact. */
const LOG_2_HIGH: f32 = 0.693359375;
const LOG_2_LOW: f32 = -2.1219444e-4;

const SQRT_HALF_BITS: i32 = 0x3f3504f3;
const SMALLEST_NORMAL_BITS: i32 = 0x00800000;
const INFINITY_BITS: i32 = 0x7f800000;
const SMALLEST_NORMAL: f32 = 1.17549435e-38;

export function log(x: v128): v128 {
  if (v128.any_true(unusual(x))) return logOfAny(x);
  return logOfNormal(x, splat(0));
}

/** What is not positive, normal and finite. As unsigned numbers, negative floats lie beyond infinity. */
function unusual(x: v128): v128 {
  const place = i32x4.sub(x, i32x4.splat(SMALLEST_NORMAL_BITS));
  return i32x4.ge_u(place, i32x4.splat(INFINITY_BITS - SMALLEST_NORMAL_BITS));
}

function logOfAny(x: v128): v128 {
  const small = f32x4.lt(x, splat(SMALLEST_NORMAL));
  const scaled = choose(small, f32x4.mul(x, splat(8388608)), x);
  const finite = logOfNormal(scaled, v128.and(small, splat(-23)));
  // Infinity and NaN are their own logarithms.
  const positive = choose(f32x4.lt(x, splat(Infinity)), finite, x);
  const nonNegative = choose(f32x4.eq(x, splat(0)), splat(-Infinity), positive);
  return choose(f32x4.lt(x, splat(0)), splat(NaN), nonNegative);
}

/** log(x 2^more), from x = 2^n (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2). */
function logOfNormal(x: v128, more: v128): v128 {
  const exponent = i32x4.shr_s(i32x4.sub(x, i32x4.splat(SQRT_HALF_BITS)), 23);
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(exponent, 23)), splat(1));
  const n = f32x4.add(f32x4.convert_i32x4_s(exponent), more);
  return mulAdd(n, splat(LOG_2_HIGH), logOnePlus(f, f32x4.mul(n, splat(LOG_2_LOW))));
}

/** log(1 + x) = log u + c / u for u = 1 + x as rounded, and c what rounding took away. */
export function log1p(x: v128): v128 {
  const u = f32x4.add(x, splat(1));
  if (v128.any_true(unusual(u))) return log1pOfAny(x, u);
  return log1pOfMost(x, u);
}

function log1pOfMost(x: v128, u: v128): v128 {
  const below = f32x4.sub(x, f32x4.sub(u, splat(1)));
  const above = f32x4.sub(splat(1), f32x4.sub(u, x));
  const lost = choose(f32x4.lt(x, splat(1)), below, above);
  return f32x4.add(logOfNormal(u, splat(0)), f32x4.div(lost, u));
}

/** Where u is not positive and finite it is its own rounded sum. */
function log1pOfAny(x: v128, u: v128): v128 {
  return choose(unusual(u), logOfAny(u), log1pOfMost(x, u));
}

/** p log q, and 0 where p is 0 (unless q is NaN). */
export function xlogy(p: v128, q: v128): v128 {
  const zero = v128.and(f32x4.eq(p, splat(0)), f32x4.eq(q, q));
  return v128.andnot(f32x4.mul(p, log(q)), zero);
}
