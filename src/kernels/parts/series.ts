import { mulAdd, splat, step } from './lanes';

/**
 * low + log(1 + f) for sqrt(1/2) <= 1 + f < sqrt(2), as in fdlibm (Sun Microsystems, 1993), `log`: with
 * s = f / (2 + f), log(1 + f) = 2 atanh s = f - s (f - R), R = s^2 P(s^2). P is a minimax fit of our own; the error is
 * far below rounding.
 */
export function logOnePlus(f: v128, low: v128): v128 {
  const s = f32x4.div(f, f32x4.add(f, splat(2)));
  const z = f32x4.mul(s, s);
  const r = f32x4.mul(z, step(step(splat(0.298715204), z, 0.399775535), z, 0.666667759));
  return f32x4.sub(f, f32x4.sub(f32x4.mul(s, f32x4.sub(f, r)), low));
}

/** The same for 0 <= f <= 1, without `low`. */
export function logOnePlusUnit(f: v128): v128 {
  const s = f32x4.div(f, f32x4.add(f, splat(2)));
  const z = f32x4.mul(s, s);
  const high = step(splat(0.280187786), z, 0.280005366);
  const p = mulAdd(high, f32x4.mul(z, z), step(splat(0.400215983), z, 0.666664124));
  return f32x4.sub(f, f32x4.mul(s, f32x4.sub(f, f32x4.mul(z, p))));
}
