/**
 * The x of least norm among those that make |A x - b| smallest, for a square A [n, n] of any rank; A is overwritten. By
 * the complete orthogonal decomposition A P = Q [T 0; 0 0] Z (G. Golub, C. Van Loan, "Matrix Computations", 5.5): QR with
 * column pivoting finds the rank, and a second QR folds the surplus columns away.
 */
export function leastNorm(
  a: Float64Array,
  b: Float64Array,
  n: number,
  epsilon: number,
): { readonly x: Float64Array; readonly rank: number } {
  const order = Array.from({ length: n }, (_, i) => i);
  const rhs = b.slice();
  const rank = pivotedQr(a, rhs, order, n, epsilon);
  // Rows of [R11 R12] span the row space: with [R11 R12]' = V S, the least-norm y solves S' (V' y) = Q' b.
  const v = new Float64Array(n * rank);
  for (let i = 0; i < rank; i++) for (let j = i; j < n; j++) v[j * rank + i] = a[i * n + j]!;
  const s = gramSchmidt(v, n, rank);
  const z = new Float64Array(rank);
  for (let i = 0; i < rank; i++) {
    let sum = rhs[i]!;
    for (let k = 0; k < i; k++) sum -= s[k * rank + i]! * z[k]!;
    z[i] = sum / s[i * rank + i]!;
  }
  const x = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = 0; i < rank; i++) sum += v[j * rank + i]! * z[i]!;
    x[order[j]!] = sum;
  }
  return { x, rank };
}

/** Householder QR with column pivoting: `a` becomes R, `b` Q' b; the rank is where the columns left are rounding error. */
function pivotedQr(a: Float64Array, b: Float64Array, order: number[], n: number, epsilon: number): number {
  let first = 0;
  for (let k = 0; k < n; k++) {
    const { column, length } = longestColumn(a, n, k);
    if (k === 0) first = length;
    if (length <= n * epsilon * first) return k;
    swapColumns(a, n, k, column);
    [order[k], order[column]] = [order[column]!, order[k]!];
    const alpha = a[k * n + k]! > 0 ? -length : length;
    const w = new Float64Array(n - k);
    for (let i = k; i < n; i++) w[i - k] = a[i * n + k]!;
    w[0]! -= alpha;
    const square = w.reduce((sum, x) => sum + x * x, 0);
    if (square === 0) continue;
    const reflect = (values: Float64Array, stride: number, at: number): void => {
      let sum = 0;
      for (let i = 0; i < w.length; i++) sum += w[i]! * values[(k + i) * stride + at]!;
      const factor = (2 * sum) / square;
      for (let i = 0; i < w.length; i++) values[(k + i) * stride + at]! -= factor * w[i]!;
    };
    for (let j = k; j < n; j++) reflect(a, n, j);
    reflect(b, 1, 0);
  }
  return n;
}

function longestColumn(a: Float64Array, n: number, k: number): { column: number; length: number } {
  let [column, best] = [k, -1];
  for (let j = k; j < n; j++) {
    let square = 0;
    for (let i = k; i < n; i++) square += a[i * n + j]! ** 2;
    if (square > best) [column, best] = [j, square];
  }
  return { column, length: Math.sqrt(Math.max(0, best)) };
}

function swapColumns(a: Float64Array, n: number, j: number, k: number): void {
  if (j === k) return;
  for (let i = 0; i < n; i++) [a[i * n + j], a[i * n + k]] = [a[i * n + k]!, a[i * n + j]!];
}

/** Modified Gram-Schmidt, each vector made orthogonal twice: `v` [n, m] becomes orthonormal columns, and V S the old `v`. */
function gramSchmidt(v: Float64Array, n: number, m: number): Float64Array {
  const s = new Float64Array(m * m);
  for (let j = 0; j < m; j++) {
    for (let turn = 0; turn < 2; turn++) {
      for (let i = 0; i < j; i++) {
        let sum = 0;
        for (let r = 0; r < n; r++) sum += v[r * m + i]! * v[r * m + j]!;
        s[i * m + j]! += sum;
        for (let r = 0; r < n; r++) v[r * m + j]! -= sum * v[r * m + i]!;
      }
    }
    let square = 0;
    for (let r = 0; r < n; r++) square += v[r * m + j]! ** 2;
    const length = Math.sqrt(square);
    s[j * m + j] = length;
    for (let r = 0; r < n; r++) v[r * m + j]! /= length;
  }
  return s;
}
