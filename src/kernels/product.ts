/*
 * Matrices of 64-bit floats. Every sum begins with 0 and goes in the order of its terms, as in JavaScript, so that the bits
 * are the same; vectors hold neighbours of a row. Strides are in bytes.
 */

/** out[i, j] = sum over k of left[i, k] right[k, j]. The rows of `right` and of `out` are contiguous. */
export function product_f64(
  left: usize,
  right: usize,
  out: usize,
  rows: i32,
  columns: i32,
  inner: i32,
  leftRow: usize,
  leftInner: usize,
  rightInner: usize,
): void {
  const row = <usize>columns * 8;
  let i = 0;
  for (; i <= rows - 4; i += 4, left += 4 * leftRow, out += 4 * row) {
    let j = 0;
    for (; j <= columns - 4; j += 4) {
      fourByFour(left, right + j * 8, out + j * 8, inner, leftRow, leftInner, rightInner, row);
    }
    for (; j < columns; j++) {
      for (let r = 0; r < 4; r++) {
        single(left + r * leftRow, right + j * 8, out + r * row + j * 8, inner, leftInner, rightInner);
      }
    }
  }
  for (; i < rows; i++, left += leftRow, out += row) {
    let j = 0;
    for (; j <= columns - 4; j += 4) {
      oneByFour(left, right + j * 8, out + j * 8, inner, leftInner, rightInner);
    }
    for (; j < columns; j++) single(left, right + j * 8, out + j * 8, inner, leftInner, rightInner);
  }
}

/** out[k, j] = from[k, j], the rows of `out` contiguous. */
export function gathered_f64(
  from: usize,
  out: usize,
  rows: i32,
  columns: i32,
  rowStride: usize,
  columnStride: usize,
): void {
  for (let k = 0; k < rows; k++, from += rowStride) {
    let at = from;
    for (let j = 0; j < columns; j++, at += columnStride, out += 8) store<f64>(out, load<f64>(at));
  }
}

function fourByFour(
  left: usize,
  right: usize,
  out: usize,
  inner: i32,
  leftRow: usize,
  leftInner: usize,
  rightInner: usize,
  row: usize,
): void {
  let a0 = f64x2.splat(0);
  let a1 = f64x2.splat(0);
  let b0 = f64x2.splat(0);
  let b1 = f64x2.splat(0);
  let c0 = f64x2.splat(0);
  let c1 = f64x2.splat(0);
  let d0 = f64x2.splat(0);
  let d1 = f64x2.splat(0);
  for (let k = 0; k < inner; k++, left += leftInner, right += rightInner) {
    const x0 = v128.load(right);
    const x1 = v128.load(right, 16);
    const a = v128.load_splat<f64>(left);
    a0 = f64x2.add(a0, f64x2.mul(a, x0));
    a1 = f64x2.add(a1, f64x2.mul(a, x1));
    const b = v128.load_splat<f64>(left + leftRow);
    b0 = f64x2.add(b0, f64x2.mul(b, x0));
    b1 = f64x2.add(b1, f64x2.mul(b, x1));
    const c = v128.load_splat<f64>(left + 2 * leftRow);
    c0 = f64x2.add(c0, f64x2.mul(c, x0));
    c1 = f64x2.add(c1, f64x2.mul(c, x1));
    const d = v128.load_splat<f64>(left + 3 * leftRow);
    d0 = f64x2.add(d0, f64x2.mul(d, x0));
    d1 = f64x2.add(d1, f64x2.mul(d, x1));
  }
  v128.store(out, a0);
  v128.store(out, a1, 16);
  v128.store(out + row, b0);
  v128.store(out + row, b1, 16);
  v128.store(out + 2 * row, c0);
  v128.store(out + 2 * row, c1, 16);
  v128.store(out + 3 * row, d0);
  v128.store(out + 3 * row, d1, 16);
}

function oneByFour(
  left: usize,
  right: usize,
  out: usize,
  inner: i32,
  leftInner: usize,
  rightInner: usize,
): void {
  let a0 = f64x2.splat(0);
  let a1 = f64x2.splat(0);
  for (let k = 0; k < inner; k++, left += leftInner, right += rightInner) {
    const a = v128.load_splat<f64>(left);
    a0 = f64x2.add(a0, f64x2.mul(a, v128.load(right)));
    a1 = f64x2.add(a1, f64x2.mul(a, v128.load(right, 16)));
  }
  v128.store(out, a0);
  v128.store(out, a1, 16);
}

function single(
  left: usize,
  right: usize,
  out: usize,
  inner: i32,
  leftInner: usize,
  rightInner: usize,
): void {
  let sum: f64 = 0;
  for (let k = 0; k < inner; k++, left += leftInner, right += rightInner) {
    sum += load<f64>(left) * load<f64>(right);
  }
  store<f64>(out, sum);
}
