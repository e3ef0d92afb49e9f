/**
 * A whole number that depends linearly on the counters of a loop nest: `base + terms[0] * i0 + terms[1] * i1 ...`.
 * Coordinates of elements and offsets into buffers are kept in this form, so that transposes, slices and broadcasts
 * cost nothing: they only rewrite the index of whoever reads through them.
 */
export interface Affine {
  readonly base: number;
  /** One coefficient a loop axis; axes beyond the end have none. */
  readonly terms: readonly number[];
}

/** The counter of one axis out of `rank`. */
export function counter(axis: number, rank: number): Affine {
  const terms = new Array<number>(rank).fill(0);
  if (axis < rank) terms[axis] = 1;
  return { base: 0, terms };
}

export function fixed(value: number, rank: number): Affine {
  return { base: value, terms: new Array<number>(rank).fill(0) };
}

/** `offset + scale * a`. */
export function scaled(a: Affine, scale: number, offset = 0): Affine {
  return { base: a.base * scale + offset, terms: a.terms.map(t => t * scale) };
}

export function plus(a: Affine, b: Affine): Affine {
  const rank = Math.max(a.terms.length, b.terms.length);
  const terms = Array.from({ length: rank }, (_, axis) => (a.terms[axis] ?? 0) + (b.terms[axis] ?? 0));
  return { base: a.base + b.base, terms };
}

/** The position in row-major storage: the sum of `strides[i] * coordinates[i]`, from `offset` on. */
export function combine(
  coordinates: readonly Affine[],
  strides: readonly number[],
  rank: number,
  offset = 0,
): Affine {
  let base = offset;
  const terms = new Array<number>(rank).fill(0);
  for (let i = 0; i < coordinates.length; i++) {
    const { base: from, terms: own } = coordinates[i]!;
    const stride = strides[i]!;
    base += from * stride;
    const known = Math.min(rank, own.length);
    for (let axis = 0; axis < known; axis++) terms[axis]! += own[axis]! * stride;
  }
  return { base, terms };
}

/** Equal for equal forms over the same loops. */
export function keyOf(a: Affine): string {
  let last = a.terms.length;
  while (last > 0 && a.terms[last - 1] === 0) last--;
  return `${a.base}:${a.terms.slice(0, last).join(',')}`;
}
