/** Rows of the matrix that one sweep over the rest takes off together. */
const BLOCK = 8;

/** Multiplications between two places to give way. */
const SLICE = 20_000_000;

/** The solution, and how small the least pivot is beside the largest: 0 for a singular matrix, whose x is nothing. */
export interface Elimination {
  readonly x: Float64Array;
  readonly pivots: number;
}

/**
 * Gaussian elimination with partial pivoting of A x = b, in blocks of a few columns (G. Golub, C. Van Loan, "Matrix
 * Computations", 3.4). A [n, n], row-major, is overwritten. Gives way with the share of the work that is done.
 */
export function* eliminate(a: Float64Array, b: Float64Array, n: number): Generator<number, Elimination> {
  const x = b.slice();
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  let since = 0;
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(n, from + BLOCK);
    for (let k = from; k < to; k++) {
      const pivot = pivotIn(a, n, k);
      if (pivot !== k) swap(a, x, n, k, pivot);
      const size = Math.abs(a[k * n + k]!);
      least = Math.min(least, size);
      most = Math.max(most, size);
      if (!(size > 0)) return { x, pivots: 0 };
      // Within the block alone; the columns behind it follow in one sweep.
      for (let i = k + 1; i < n; i++) {
        const factor = (a[i * n + k]! /= a[k * n + k]!);
        for (let j = k + 1; j < to; j++) a[i * n + j]! -= factor * a[k * n + j]!;
        x[i]! -= factor * x[k]!;
      }
    }
    sweep(a, n, from, to);
    since += (n - to) ** 2 * (to - from);
    if (since < SLICE || to === n) continue;
    since = 0;
    yield 1 - ((n - to) / n) ** 3;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i]!;
    for (let j = i + 1; j < n; j++) sum -= a[i * n + j]! * x[j]!;
    x[i] = sum / a[i * n + i]!;
  }
  return { x, pivots: n === 0 ? 1 : least / most };
}

/** Takes the block's rows, themselves brought up to date first, off the columns behind the block. */
function sweep(a: Float64Array, n: number, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    for (let k = from; k < i; k++) {
      const factor = a[i * n + k]!;
      for (let j = to; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!;
    }
  }
  if (to - from < BLOCK) return;
  const [r0, r1, r2, r3] = [from * n, (from + 1) * n, (from + 2) * n, (from + 3) * n];
  const [r4, r5, r6, r7] = [(from + 4) * n, (from + 5) * n, (from + 6) * n, (from + 7) * n];
  for (let i = to; i < n; i++) {
    const row = i * n;
    const at = row + from;
    const [f0, f1, f2, f3] = [a[at]!, a[at + 1]!, a[at + 2]!, a[at + 3]!];
    const [f4, f5, f6, f7] = [a[at + 4]!, a[at + 5]!, a[at + 6]!, a[at + 7]!];
    for (let j = to; j < n; j++) {
      const first = f0 * a[r0 + j]! + f1 * a[r1 + j]! + f2 * a[r2 + j]! + f3 * a[r3 + j]!;
      const second = f4 * a[r4 + j]! + f5 * a[r5 + j]! + f6 * a[r6 + j]! + f7 * a[r7 + j]!;
      a[row + j]! -= first + second;
    }
  }
}

function pivotIn(a: Float64Array, n: number, k: number): number {
  let best = k;
  for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]!) > Math.abs(a[best * n + k]!)) best = i;
  return best;
}

function swap(a: Float64Array, x: Float64Array, n: number, p: number, q: number): void {
  for (let j = 0; j < n; j++) {
    const kept = a[p * n + j]!;
    a[p * n + j] = a[q * n + j]!;
    a[q * n + j] = kept;
  }
  const kept = x[p]!;
  x[p] = x[q]!;
  x[q] = kept;
}
