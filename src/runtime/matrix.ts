/** Dense linear algebra on row-major scratch in 64-bit. Operands are overwritten. */

/** Gaussian elimination with partial pivoting: `b` [n, m] becomes the solution. False where `a` [n, n] is singular. */
export function solveInPlace(a: Float64Array, b: Float64Array, n: number, m: number): boolean {
  for (let k = 0; k < n; k++) {
    const pivot = pivotRow(a, n, k);
    if (a[pivot * n + k] === 0) return false;
    if (pivot !== k) {
      swapRows(a, n, k, pivot);
      swapRows(b, m, k, pivot);
    }
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k]! / a[k * n + k]!;
      if (factor === 0) continue;
      for (let j = k + 1; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!;
      for (let j = 0; j < m; j++) b[i * m + j]! -= factor * b[k * m + j]!;
    }
  }
  backSubstitute(a, b, n, n, m);
  return true;
}

export function determinant(a: Float64Array, n: number): number {
  let result = 1;
  for (let k = 0; k < n; k++) {
    const pivot = pivotRow(a, n, k);
    if (a[pivot * n + k] === 0) return 0;
    if (pivot !== k) {
      swapRows(a, n, k, pivot);
      result = -result;
    }
    result *= a[k * n + k]!;
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k]! / a[k * n + k]!;
      for (let j = k + 1; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!;
    }
  }
  return result;
}

/**
 * Householder QR: the first `columns` rows of `b` [rows, m] become X that minimises |A X - B|. False where A
 * [rows, columns] has not full column rank.
 */
export function leastSquares(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  columns: number,
  m: number,
): boolean {
  if (rows < columns) return false;
  for (let k = 0; k < columns; k++) {
    let before = 0;
    for (let i = 0; i < rows; i++) before = Math.hypot(before, a[i * columns + k]!);
    let length = 0;
    for (let i = k; i < rows; i++) length = Math.hypot(length, a[i * columns + k]!);
    // What is left of the column is rounding error: it lies in the span of those before it.
    if (length <= before * rows * Number.EPSILON) return false;
    const alpha = a[k * columns + k]! > 0 ? -length : length;
    const head = a[k * columns + k]! - alpha;
    const scale = -1 / (alpha * head);
    a[k * columns + k] = head;
    for (let j = k + 1; j < columns; j++) reflect(a, a, rows, columns, columns, k, j, scale);
    for (let j = 0; j < m; j++) reflect(a, b, rows, columns, m, k, j, scale);
    a[k * columns + k] = alpha;
  }
  backSubstitute(a, b, columns, columns, m);
  return true;
}

/** Reflects column `j` of `x` at the vector in column `k` of `a`, from row `k` on. */
function reflect(
  a: Float64Array,
  x: Float64Array,
  rows: number,
  stride: number,
  width: number,
  k: number,
  j: number,
  scale: number,
): void {
  let dot = 0;
  for (let i = k; i < rows; i++) dot += a[i * stride + k]! * x[i * width + j]!;
  dot *= scale;
  for (let i = k; i < rows; i++) x[i * width + j]! -= dot * a[i * stride + k]!;
}

/** Solves with the upper triangle of `a`, whose rows are `stride` apart. */
function backSubstitute(a: Float64Array, b: Float64Array, n: number, stride: number, m: number): void {
  for (let i = n - 1; i >= 0; i--) {
    for (let j = 0; j < m; j++) {
      let sum = b[i * m + j]!;
      for (let k = i + 1; k < n; k++) sum -= a[i * stride + k]! * b[k * m + j]!;
      b[i * m + j] = sum / a[i * stride + i]!;
    }
  }
}

function pivotRow(a: Float64Array, n: number, k: number): number {
  let best = k;
  for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]!) > Math.abs(a[best * n + k]!)) best = i;
  return best;
}

function swapRows(a: Float64Array, width: number, i: number, j: number): void {
  for (let k = 0; k < width; k++) {
    const kept = a[i * width + k]!;
    a[i * width + k] = a[j * width + k]!;
    a[j * width + k] = kept;
  }
}
