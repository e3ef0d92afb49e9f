import { highHalf, joined, lowHalf } from './parts/halves';

/*
 * Walks along an axis of `size` places with `outer` rows before it and `inner` elements after it, `backwards` from its
 * end. Sums of floats are kept in 64 bits, as in JavaScript, and rounded where they are stored.
 */

/** Each element added to all before it. */
export function cumsum_float(x: usize, out: usize, outer: i32, size: i32, inner: i32, backwards: i32): void {
  const row = <isize>size * inner * 4;
  const step: isize = backwards ? -inner * 4 : inner * 4;
  const first: isize = backwards ? row + step : 0;
  for (let o = 0; o < outer; o++, x += row, out += row) {
    let j: isize = 0;
    for (; j <= (inner - 4) * 4; j += 16) {
      let low = f64x2.splat(0);
      let high = f64x2.splat(0);
      let at = first + j;
      for (let k = 0; k < size; k++, at += step) {
        const element = v128.load(x + at);
        low = f64x2.add(low, lowHalf(element));
        high = f64x2.add(high, highHalf(element));
        v128.store(out + at, joined(low, high));
      }
    }
    for (; j < inner * 4; j += 4) {
      let sum: f64 = 0;
      let at = first + j;
      for (let k = 0; k < size; k++, at += step) {
        sum += load<f32>(x + at);
        store<f32>(out + at, <f32>sum);
      }
    }
  }
}

/** The same for ints, whose sums wrap around. */
export function cumsum_int(x: usize, out: usize, outer: i32, size: i32, inner: i32, backwards: i32): void {
  const row = <isize>size * inner * 4;
  const step: isize = backwards ? -inner * 4 : inner * 4;
  const first: isize = backwards ? row + step : 0;
  for (let o = 0; o < outer; o++, x += row, out += row) {
    for (let j: isize = 0; j < inner * 4; j += 4) {
      let sum: i32 = 0;
      let at = first + j;
      for (let k = 0; k < size; k++, at += step) {
        sum += load<i32>(x + at);
        store<i32>(out + at, sum);
      }
    }
  }
}

/** h = a h + u, from h = 0 + u at the first place. */
export function recurrence(
  a: usize,
  u: usize,
  out: usize,
  outer: i32,
  size: i32,
  inner: i32,
  backwards: i32,
): void {
  const row = <isize>size * inner * 4;
  const step: isize = backwards ? -inner * 4 : inner * 4;
  const first: isize = backwards ? row + step : 0;
  for (let o = 0; o < outer; o++, a += row, u += row, out += row) {
    let j: isize = 0;
    for (; j <= (inner - 4) * 4; j += 16) {
      let at = first + j;
      // From 0, which makes -0 a 0.
      let low = f64x2.add(f64x2.splat(0), lowHalf(v128.load(u + at)));
      let high = f64x2.add(f64x2.splat(0), highHalf(v128.load(u + at)));
      v128.store(out + at, joined(low, high));
      for (let k = 1; k < size; k++) {
        at += step;
        const factor = v128.load(a + at);
        const term = v128.load(u + at);
        low = f64x2.add(f64x2.mul(lowHalf(factor), low), lowHalf(term));
        high = f64x2.add(f64x2.mul(highHalf(factor), high), highHalf(term));
        v128.store(out + at, joined(low, high));
      }
    }
    for (; j < inner * 4; j += 4) {
      let at = first + j;
      let h: f64 = 0 + <f64>load<f32>(u + at);
      store<f32>(out + at, <f32>h);
      for (let k = 1; k < size; k++) {
        at += step;
        h = <f64>load<f32>(a + at) * h + <f64>load<f32>(u + at);
        store<f32>(out + at, <f32>h);
      }
    }
  }
}
