import { highHalf, joined, lowHalf, lowWords } from './halves';
import { choose, splat } from './lanes';

/**
 * x = n pi/2 + r with |r| <= pi/4, in doubles: pi/2 in two parts as in FreeBSD's `e_rem_pio2f.c` (fdlibm, Sun
 * Microsystems, 1993), the first of 25 bits so that its product with n is exact below the limit.
 */
const LIMIT: f32 = 33554432; // 2^25
const HALF_PI_HIGH: f64 = 1.5707963109016418;
const HALF_PI_LOW: f64 = 1.5893254773528197e-8;
const TWO_OVER_PI: f64 = 0.6366197723675814;

/** Adding it leaves a double rounded to a whole number in the lowest bits. */
const ROUNDER: f64 = 6755399441055744;

/** 2/pi in binary, the first 256 digits after the point. */
const DIGITS_0: u64 = 0xa2f9836e4e441529;
const DIGITS_1: u64 = 0xfc2757d1f534ddc0;
const DIGITS_2: u64 = 0xdb6295993c439041;
const DIGITS_3: u64 = 0xfe5163abdebbc561;
/** pi/2 in units of the last digit of `quarters`. */
const HALF_PI_FRACTION: f64 = 3.4061215800865545e-19;

/** n, of which the two lowest bits count. Those of lanes beyond the limit are made one by one. */
export function quadrantOf(x: v128): v128 {
  const n = lowWords(shifted(lowHalf(x)), shifted(highHalf(x)));
  const far = isFar(x);
  if (!v128.any_true(far)) return n;
  const exact = i32x4(
    farQuadrant(f32x4.extract_lane(x, 0)),
    farQuadrant(f32x4.extract_lane(x, 1)),
    farQuadrant(f32x4.extract_lane(x, 2)),
    farQuadrant(f32x4.extract_lane(x, 3)),
  );
  return choose(far, exact, n);
}

/** r; NaN for infinities. */
export function restOf(x: v128): v128 {
  const r = joined(rest(lowHalf(x)), rest(highHalf(x)));
  const far = isFar(x);
  if (!v128.any_true(far)) return r;
  const exact = f32x4(
    farRest(f32x4.extract_lane(x, 0)),
    farRest(f32x4.extract_lane(x, 1)),
    farRest(f32x4.extract_lane(x, 2)),
    farRest(f32x4.extract_lane(x, 3)),
  );
  return choose(far, exact, r);
}

function shifted(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, f64x2.splat(TWO_OVER_PI)), f64x2.splat(ROUNDER));
}

function rest(x: v128): v128 {
  const n = f64x2.sub(shifted(x), f64x2.splat(ROUNDER));
  const high = f64x2.sub(x, f64x2.mul(n, f64x2.splat(HALF_PI_HIGH)));
  return f64x2.sub(high, f64x2.mul(n, f64x2.splat(HALF_PI_LOW)));
}

function isFar(x: v128): v128 {
  return f32x4.ge(f32x4.abs(x), splat(LIMIT));
}

function farQuadrant(x: f32): i32 {
  const n = <i32>((quarters(x) + (1 << 61)) >> 62);
  return x < 0 ? -n : n;
}

function farRest(x: f32): f32 {
  if (Mathf.abs(x) === Infinity) return NaN;
  const r = <f32>(<f64>(<i64>(quarters(x) << 2) >> 2) * HALF_PI_FRACTION);
  return x < 0 ? -r : r;
}

/**
 * |x| 2/pi modulo 4 with 62 digits after the point, for |x| >= 2^25, by M. H. Payne and R. N. Hanek, "Radian reduction
 * for trigonometric functions" (1983): digits of 2/pi that only add whole turns are left out.
 */
function quarters(x: f32): u64 {
  const bits = reinterpret<u32>(x);
  const mantissa = <u64>((bits & 0x007fffff) | 0x00800000);
  // x = mantissa 2^(place + 2)
  const place = <i32>((bits >> 23) & 255) - 152;
  const digits = digitsFrom(place);
  const more = digitsFrom(place + 64) >> 32;
  return ((mantissa * (digits >> 32)) << 32) + mantissa * (digits & 0xffffffff) + ((mantissa * more) >> 32);
}

/** 64 digits of 2/pi after the first `place`. */
function digitsFrom(place: i32): u64 {
  const shift = <u64>(place & 63);
  const first = word(place >> 6);
  return shift === 0 ? first : (first << shift) | (word((place >> 6) + 1) >> (64 - shift));
}

function word(index: i32): u64 {
  if (index === 0) return DIGITS_0;
  if (index === 1) return DIGITS_1;
  return index === 2 ? DIGITS_2 : DIGITS_3;
}
