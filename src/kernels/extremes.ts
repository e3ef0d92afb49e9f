import { choose } from './parts/lanes';

/*
 * The first position of the largest or smallest along an axis of `size` places, at least one, with `outer` rows before it
 * and `inner` elements after it; of the first NaN where there is one. The results are 32-bit ints.
 */

export function argmax_float(x: usize, out: usize, outer: i32, size: i32, inner: i32): void {
  for (; outer > 0; outer--, x += <usize>size * inner * 4) {
    let j = 0;
    for (; j + 4 <= inner; j += 4, out += 16) v128.store(out, fourPositions(x + j * 4, size, inner * 4, 0));
    for (; j < inner; j++, out += 4) store<i32>(out, position(x + j * 4, size, inner * 4, 1));
  }
}

export function argmin_float(x: usize, out: usize, outer: i32, size: i32, inner: i32): void {
  for (; outer > 0; outer--, x += <usize>size * inner * 4) {
    let j = 0;
    for (; j + 4 <= inner; j += 4, out += 16)
      v128.store(out, fourPositions(x + j * 4, size, inner * 4, i32.MIN_VALUE));
    for (; j < inner; j++, out += 4) store<i32>(out, position(x + j * 4, size, inner * 4, -1));
  }
}

export function argmax_int(x: usize, out: usize, outer: i32, size: i32, inner: i32): void {
  extremeInts(x, out, outer, size, inner, 0);
}

/** The complement of an int is in the opposite order. */
export function argmin_int(x: usize, out: usize, outer: i32, size: i32, inner: i32): void {
  extremeInts(x, out, outer, size, inner, -1);
}

/** Along one line of floats `step` bytes apart; of the smallest when `sign` is -1. */
function position(at: usize, size: i32, step: i32, sign: f32): i32 {
  let best: f32 = load<f32>(at) * sign;
  let place = 0;
  for (let k = 1; k < size; k++) {
    at += step;
    const x = load<f32>(at) * sign;
    if (x > best || (F32.isNaN(x) && !F32.isNaN(best))) {
      best = x;
      place = k;
    }
  }
  return place;
}

/** Along four lines side by side; `flip` has the sign bit to find the smallest. */
function fourPositions(at: usize, size: i32, step: i32, flip: i32): v128 {
  const sign = i32x4.splat(flip);
  let best = v128.xor(v128.load(at), sign);
  let place = i32x4.splat(0);
  for (let k = 1; k < size; k++) {
    at += step;
    const x = v128.xor(v128.load(at), sign);
    const firstNaN = v128.and(f32x4.ne(x, x), f32x4.eq(best, best));
    const better = v128.or(f32x4.gt(x, best), firstNaN);
    best = choose(better, x, best);
    place = choose(better, i32x4.splat(k), place);
  }
  return place;
}

function extremeInts(x: usize, out: usize, outer: i32, size: i32, inner: i32, flip: i32): void {
  const step = inner * 4;
  for (; outer > 0; outer--, x += <usize>size * step) {
    for (let j = 0; j < inner; j++, out += 4) {
      let at = x + j * 4;
      let best = load<i32>(at) ^ flip;
      let place = 0;
      for (let k = 1; k < size; k++) {
        at += step;
        const element = load<i32>(at) ^ flip;
        if (element > best) {
          best = element;
          place = k;
        }
      }
      store<i32>(out, place);
    }
  }
}
