/** Multiplications between two places to give way. */
const SLICE = 20_000_000;

export interface LeastNorm {
  readonly x: Float64Array;
  readonly rank: number;
}

/**
 * The x of least norm among those that make |A x - b| smallest, for a symmetric A [n, n] of any rank; A is overwritten.
 * By the complete orthogonal decomposition A P = Q [T 0; 0 0] Z (G. Golub, C. Van Loan, "Matrix Computations", 5.5): QR
 * with column pivoting finds the rank, and a second factorisation folds the surplus columns away. Columns lie
 * contiguously, which for a symmetric matrix is the same as rows. Gives way now and then.
 */
export function* leastNorm(
  a: Float64Array,
  b: Float64Array,
  n: number,
  epsilon: number,
): Generator<undefined, LeastNorm> {
  const columns = Array.from({ length: n }, (_, j) => a.subarray(j * n, (j + 1) * n));
  const order = Array.from({ length: n }, (_, j) => j);
  const rhs = b.slice();
  const rank = yield* pivotedQr(columns, rhs, order, epsilon);
  if (rank === n) return { x: substitute(columns, rhs, order), rank };
  // The rows of [R11 R12] span the row space: with an orthonormal basis V of it, [R11 R12]' = V S, and S' (V' y) = Q' b.
  const basis = Array.from({ length: rank }, (_, i) =>
    Float64Array.from({ length: n }, (_, j) => (j < i ? 0 : columns[j]![i]!)),
  );
  const s = yield* orthonormalize(basis);
  const z = new Float64Array(rank);
  for (let i = 0; i < rank; i++) {
    let sum = rhs[i]!;
    for (let k = 0; k < i; k++) sum -= s[i]![k]! * z[k]!;
    z[i] = sum / s[i]![i]!;
  }
  const x = new Float64Array(n);
  basis.forEach((vector, i) => {
    for (let j = 0; j < n; j++) x[order[j]!]! += vector[j]! * z[i]!;
  });
  return { x, rank };
}

/**
 * Householder QR with column pivoting: `columns` become those of R, `b` Q' b, and `order` says which column came where.
 * The rank is where all columns left are rounding error.
 */
function* pivotedQr(
  columns: Float64Array[],
  b: Float64Array,
  order: number[],
  epsilon: number,
): Generator<undefined, number> {
  const n = b.length;
  let first = 0;
  let since = 0;
  for (let k = 0; k < n; k++) {
    const { column, length } = longest(columns, k);
    if (k === 0) first = length;
    if (length <= n * epsilon * first) return k;
    [columns[k], columns[column]] = [columns[column]!, columns[k]!];
    [order[k], order[column]] = [order[column]!, order[k]!];
    const w = columns[k]!.slice(k);
    w[0]! += w[0]! > 0 ? length : -length;
    const square = squareOf(w, 0);
    if (square === 0) continue;
    for (let j = k; j < n; j++) reflect(columns[j]!, w, k, square);
    reflect(b, w, k, square);
    if ((since += 3 * (n - k) ** 2) < SLICE) continue;
    since = 0;
    yield;
  }
  return n;
}

/** R y = Q' b for a full rank, and y in the order of the unknowns. */
function substitute(
  columns: readonly Float64Array[],
  b: Float64Array,
  order: readonly number[],
): Float64Array {
  const x = new Float64Array(b.length);
  for (let k = b.length - 1; k >= 0; k--) {
    const y = b[k]! / columns[k]![k]!;
    for (let i = 0; i < k; i++) b[i]! -= y * columns[k]![i]!;
    x[order[k]!] = y;
  }
  return x;
}

function longest(columns: readonly Float64Array[], k: number): { column: number; length: number } {
  let [column, best] = [k, 0];
  for (let j = k; j < columns.length; j++) {
    const square = squareOf(columns[j]!, k);
    if (square > best) [column, best] = [j, square];
  }
  return { column, length: Math.sqrt(best) };
}

function squareOf(vector: Float64Array, from: number): number {
  let sum = 0;
  for (let i = from; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  return sum;
}

/** Mirrors the entries from `k` on at the plane across `w`. */
function reflect(vector: Float64Array, w: Float64Array, k: number, square: number): void {
  let sum = 0;
  for (let i = 0; i < w.length; i++) sum += w[i]! * vector[k + i]!;
  const factor = (2 * sum) / square;
  for (let i = 0; i < w.length; i++) vector[k + i]! -= factor * w[i]!;
}

/** Modified Gram-Schmidt, each vector made orthogonal twice: vector i was the sum of `result[i][k]` times vector k. */
function* orthonormalize(vectors: readonly Float64Array[]): Generator<undefined, Float64Array[]> {
  const sums: Float64Array[] = [];
  let since = 0;
  for (const [i, vector] of vectors.entries()) {
    const s = new Float64Array(i + 1);
    for (let turn = 0; turn < 2; turn++) {
      for (let k = 0; k < i; k++) {
        const other = vectors[k]!;
        let sum = 0;
        for (let j = 0; j < vector.length; j++) sum += other[j]! * vector[j]!;
        s[k]! += sum;
        for (let j = 0; j < vector.length; j++) vector[j]! -= sum * other[j]!;
      }
    }
    const length = Math.sqrt(squareOf(vector, 0));
    s[i] = length;
    for (let j = 0; j < vector.length; j++) vector[j]! /= length;
    sums.push(s);
    if ((since += 4 * i * vector.length) < SLICE) continue;
    since = 0;
    yield;
  }
  return sums;
}
