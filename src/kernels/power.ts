import { highHalf, joined, lowHalf } from './parts/halves';
import { choose, splat } from './parts/lanes';

const SQRT_HALF_BITS: i64 = 0x3fe6a09e667f3bcd;
const ONE_BITS: i64 = 0x3ff0000000000000;

/** Its lowest bits are those of a whole number that is added to it. */
const ROUNDER: f64 = 4503599627370496; // 2^52

/** IEEE 754's `pow`: 1 for 1^p and x^0 whatever the other is, NaN for the broken power of a negative number. */
export function pow(x: v128, p: v128): v128 {
  const size = f32x4.abs(x);
  const infinity = splat(Infinity);
  const one = v128.or(f32x4.eq(p, splat(0)), f32x4.eq(size, splat(1)));
  const power = joined(powerOfSize(lowHalf(size), lowHalf(p)), powerOfSize(highHalf(size), highHalf(p)));
  const y = choose(one, splat(1), power);

  const broken = f32x4.ne(f32x4.nearest(p), p);
  const halved = f32x4.mul(p, splat(0.5));
  const odd = v128.andnot(f32x4.ne(f32x4.nearest(halved), halved), broken);
  const signed = v128.xor(y, v128.and(v128.and(x, odd), splat(-0.0)));
  const negative = v128.and(f32x4.lt(x, splat(0)), f32x4.lt(size, infinity));
  return choose(v128.and(negative, broken), splat(NaN), signed);
}

/** 2^(p log2 x) for two x >= 0, in doubles, so that the error of the logarithm stays small when p is large. */
function powerOfSize(x: v128, p: v128): v128 {
  const special = choose(f64x2.eq(x, f64x2.splat(0)), f64x2.splat(-Infinity), x);
  const ordinary = v128.and(f64x2.gt(x, f64x2.splat(0)), f64x2.lt(x, f64x2.splat(Infinity)));
  const t = f64x2.mul(p, choose(ordinary, log2(x), special));
  return exp2(f64x2.pmax(f64x2.pmin(t, f64x2.splat(160)), f64x2.splat(-200)));
}

/**
 * x = 2^n m with sqrt(1/2) <= m < sqrt(2); log m = 2 atanh s = 2 s + s z P(z) for s = (m - 1) / (m + 1), z = s^2. P is a
 * minimax fit of our own, with an error of 2^-37 of the result.
 */
function log2(x: v128): v128 {
  const exponent = i64x2.shr_u(i64x2.add(x, i64x2.splat(ONE_BITS - SQRT_HALF_BITS)), 52);
  const m = i64x2.add(i64x2.sub(x, i64x2.shl(exponent, 52)), i64x2.splat(ONE_BITS));
  const n = f64x2.sub(v128.or(exponent, f64x2.splat(ROUNDER)), f64x2.splat(ROUNDER + 1023));
  const f = f64x2.sub(m, f64x2.splat(1));
  const s = f64x2.div(f, f64x2.add(f, f64x2.splat(2)));
  const z = f64x2.mul(s, s);
  let q = double(f64x2.splat(0.23582085909596534), z, 0.2853731660620731);
  q = double(q, z, 0.40000334978463076);
  q = double(q, z, 0.6666666564685249);
  q = double(q, z, 2);
  return f64x2.add(n, f64x2.mul(f64x2.mul(s, q), f64x2.splat(Math.LOG2E)));
}

/** 2^n 2^r with |r| <= 1/2; the polynomial is a minimax fit of our own, with an error of 2^-29. */
function exp2(x: v128): v128 {
  const n = f64x2.nearest(x);
  const r = f64x2.sub(x, n);
  let y = double(f64x2.splat(0.00015345696761345854), r, 0.0013400063444096338);
  y = double(y, r, 0.009618490396558115);
  y = double(y, r, 0.05550328450448212);
  y = double(y, r, 0.24022646867794833);
  y = double(y, r, 0.6931472058870769);
  y = double(y, r, 1.0000000005585992);
  return f64x2.mul(y, i64x2.shl(f64x2.add(n, f64x2.splat(ROUNDER + 1023)), 52));
}

/** One Horner step. */
function double(sum: v128, x: v128, coefficient: f64): v128 {
  return f64x2.add(f64x2.mul(sum, x), f64x2.splat(coefficient));
}
