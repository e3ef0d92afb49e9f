import { addFloats, addInts, copyBytes } from './parts/blocks';

/*
 * Elements at `count` positions, 32-bit ints, along an axis of `size` places with `outer` rows before it. Each function
 * gives -1, or without having done anything the index of the first position that is not in the axis.
 */

/** `out[o, k] = x[o, positions[k]]`, where an element is `run` bytes. */
export function gather(
  x: usize,
  positions: usize,
  out: usize,
  outer: i32,
  size: i32,
  count: i32,
  run: i32,
): i32 {
  const wrong = firstOutside(positions, count, size);
  if (wrong >= 0) return wrong;
  const end = positions + ((<usize>count) << 2);
  const row = <usize>size * run;
  for (; outer > 0; outer--, x += row) {
    if (run === 4) {
      for (let at = positions; at < end; at += 4, out += 4) store<u32>(out, load<u32>(element(x, at, 4)));
    } else {
      for (let at = positions; at < end; at += 4, out += run) copyBytes(out, element(x, at, run), run);
    }
  }
  return -1;
}

/** `out[o, positions[k]] += x[o, k]` from zeros and in the order of k, where an element is `inner` floats. */
export function scatter_add_float(
  x: usize,
  positions: usize,
  out: usize,
  outer: i32,
  size: i32,
  count: i32,
  inner: i32,
): i32 {
  return scatterAdd<f32>(x, positions, out, outer, size, count, inner);
}

/** The same for ints. */
export function scatter_add_int(
  x: usize,
  positions: usize,
  out: usize,
  outer: i32,
  size: i32,
  count: i32,
  inner: i32,
): i32 {
  return scatterAdd<i32>(x, positions, out, outer, size, count, inner);
}

function scatterAdd<T>(
  x: usize,
  positions: usize,
  out: usize,
  outer: i32,
  size: i32,
  count: i32,
  inner: i32,
): i32 {
  const wrong = firstOutside(positions, count, size);
  if (wrong >= 0) return wrong;
  const end = positions + ((<usize>count) << 2);
  const run = inner << 2;
  const row = <usize>size * run;
  memory.fill(out, 0, <usize>outer * row);
  for (; outer > 0; outer--, out += row) {
    for (let at = positions; at < end; at += 4, x += run) {
      if (isFloat<T>()) addFloats(element(out, at, run), x, inner);
      else addInts(element(out, at, run), x, inner);
    }
  }
  return -1;
}

/** The element whose position stands at `at`. */
function element(start: usize, at: usize, run: i32): usize {
  return start + <usize>load<u32>(at) * run;
}

function firstOutside(positions: usize, count: i32, size: i32): i32 {
  for (let k = 0; k < count; k++) {
    // As an unsigned number a negative one is large.
    if (load<u32>(positions + ((<usize>k) << 2)) >= <u32>size) return k;
  }
  return -1;
}
