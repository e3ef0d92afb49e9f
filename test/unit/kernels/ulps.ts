/** What one unit in the last place of a 32-bit float near `y` is worth. */
function unit(y: number): number {
  const size = Math.max(Math.abs(y), 2 ** -126);
  return 2 ** (Math.floor(Math.log2(size)) - 23);
}

/**
 * How many units in the last place of a 32-bit float `y` is from `exact`; infinite where one of them, as 32-bit
 * floats, is NaN or infinite and the other is something else.
 */
export function ulps(y: number, exact: number): number {
  const nearest = Math.fround(exact);
  if (y === nearest || (Number.isNaN(y) && Number.isNaN(nearest))) return 0;
  if (!Number.isFinite(y) || !Number.isFinite(nearest)) return Infinity;
  return Math.abs(y - exact) / unit(exact);
}

/** Every `stride`th of all 32-bit floats by their bits: as many of each size and sign. */
export function* floats(stride: number, atOnce: number): Generator<Float32Array> {
  const bits = new Int32Array(atOnce);
  let count = 0;
  for (let next = -(2 ** 31); next < 2 ** 31; next += stride) {
    bits[count++] = next;
    if (count === atOnce) {
      yield new Float32Array(bits.buffer.slice(0));
      count = 0;
    }
  }
  yield new Float32Array(bits.buffer.slice(0, 4 * count));
}

/** `count` floats at equal distances. */
export function between(low: number, high: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
}
