/** Four floats at once. Small enough that the compiler always folds them into their callers. */

export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/** `a * b + c`, rounded twice: a fused one is not part of WebAssembly. */
export function mulAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** One Horner step of a polynomial in `x`. */
export function step(sum: v128, x: v128, coefficient: f32): v128 {
  return f32x4.add(f32x4.mul(sum, x), f32x4.splat(coefficient));
}

/** `a` where the mask is set, `b` elsewhere. */
export function choose(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask);
}
