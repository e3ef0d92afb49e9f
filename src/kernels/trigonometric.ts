import { choose, mulAdd, splat, step } from './parts/lanes';
import { quadrantOf, restOf } from './parts/quadrant';

/** Polynomials after S. L. Moshier, Cephes Math Library 2.2 (1992): `sinf`, `tanf`, `atanf`. */

export function sin(x: v128): v128 {
  return sineAt(restOf(x), quadrantOf(x));
}

/** The sine a quarter turn on. */
export function cos(x: v128): v128 {
  return sineAt(restOf(x), i32x4.add(quadrantOf(x), i32x4.splat(1)));
}

/** sin(n pi/2 + r): odd quadrants take the cosine of r, and the upper two are negative. */
function sineAt(r: v128, n: v128): v128 {
  const z = f32x4.mul(r, r);
  let s = step(splat(-1.9515295891e-4), z, 8.3321608736e-3);
  s = step(s, z, -1.6666654611e-1);
  const sine = mulAdd(f32x4.mul(s, z), r, r);
  let c = step(splat(2.443315711809948e-5), z, -1.388731625493765e-3);
  c = step(c, z, 4.166664568298827e-2);
  const half = f32x4.mul(z, splat(0.5));
  const cosine = f32x4.add(f32x4.sub(f32x4.mul(f32x4.mul(c, z), z), half), splat(1));
  return v128.xor(choose(isOdd(n), cosine, sine), i32x4.shl(i32x4.shr_u(n, 1), 31));
}

/** tan r, and -1 / tan r in odd quadrants. */
export function tan(x: v128): v128 {
  const r = restOf(x);
  const z = f32x4.mul(r, r);
  let p = step(splat(9.38540185543e-3), z, 3.11992232697e-3);
  p = step(p, z, 2.44301354525e-2);
  p = step(p, z, 5.34112807005e-2);
  p = step(p, z, 1.33387994085e-1);
  p = step(p, z, 3.33331568548e-1);
  const y = mulAdd(f32x4.mul(p, z), r, r);
  return choose(isOdd(quadrantOf(x)), f32x4.div(splat(-1), y), y);
}

function isOdd(n: v128): v128 {
  return i32x4.shr_s(i32x4.shl(n, 31), 31);
}

/** By the addition theorem from pi/4 where |x| > tan(pi/8), from pi/2 where |x| > tan(3 pi/8). */
export function atan(x: v128): v128 {
  const size = f32x4.abs(x);
  const one = splat(1);
  const large = f32x4.gt(size, splat(2.414213562373095));
  const middle = v128.andnot(f32x4.gt(size, splat(0.4142135623730951)), large);
  const above = choose(large, splat(-1), choose(middle, f32x4.sub(size, one), size));
  const below = choose(large, size, choose(middle, f32x4.add(size, one), one));
  const r = f32x4.div(above, below);
  const start = choose(large, splat(1.5707963267948966), v128.and(middle, splat(0.7853981633974483)));
  const z = f32x4.mul(r, r);
  let p = step(splat(8.05374449538e-2), z, -1.38776856032e-1);
  p = step(p, z, 1.99777106478e-1);
  p = step(p, z, -3.33329491539e-1);
  // What a float leaves of pi/2, in proportion.
  const low = f32x4.mul(start, splat(-2.7827534e-8));
  const y = f32x4.add(start, f32x4.add(mulAdd(f32x4.mul(p, z), r, r), low));
  return v128.or(y, v128.and(x, splat(-0.0)));
}
