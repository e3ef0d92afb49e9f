/** Four floats as two pairs of doubles and back. */

export function lowHalf(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

export function highHalf(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
}

export function joined(low: v128, high: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

/** The lower 32 bits of each of the four. */
export function lowWords(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6);
}
