import { constantDim, type Dim, multiplyDims } from '../graph/dimension';
import type { Shape } from '../graph/types';

/** How a parameter starts, with all settings known. Values are drawn by `initialize`. */
export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number; readonly seed?: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number; readonly seed?: number }
  | { readonly kind: 'xavier'; readonly fanIn?: number; readonly seed?: number }
  | { readonly kind: 'glorot' | 'he' | 'orthogonal'; readonly seed?: number };

/** Where random numbers come from; one stream a parameter. */
export interface RandomSource {
  uniform(): number;
  normal(): number;
}

/** The inputs that reach one unit: the first size of a matrix, I*kh*kw of a kernel `[O, I, kh, kw]`, else 1. */
export function fanIn(shape: Shape): Dim {
  if (shape.length < 2) return shape[0] ?? constantDim(1);
  if (shape.length === 2) return shape[0]!;
  return shape.slice(1).reduce(multiplyDims, constantDim(1));
}

/** Starting values in row-major order for a parameter of known sizes. */
export function initialize(
  initializer: Initializer,
  sizes: readonly number[],
  random: RandomSource,
): Float64Array {
  const values = new Float64Array(sizes.reduce((a, b) => a * b, 1));
  const fans = fansOf(sizes);
  const normal = (std: number, mean = 0): Float64Array => values.map(() => mean + std * random.normal());
  switch (initializer.kind) {
    case 'constant':
      return values.fill(initializer.value);
    case 'normal':
      return normal(initializer.std, initializer.mean);
    case 'uniform': {
      const { low, high } = initializer;
      return values.map(() => low + (high - low) * random.uniform());
    }
    // The course's form of Glorot's: variance 1 / fan_in.
    case 'xavier':
      return normal(Math.sqrt(1 / (initializer.fanIn ?? fans.in)));
    // X. Glorot, Y. Bengio, 2010: uniform with variance 2 / (fan_in + fan_out).
    case 'glorot': {
      const bound = Math.sqrt(6 / (fans.in + fans.out));
      return values.map(() => bound * (2 * random.uniform() - 1));
    }
    // K. He et al., 2015: normal with variance 2 / fan_in, for ReLU.
    case 'he':
      return normal(Math.sqrt(2 / fans.in));
    // A. Saxe et al., 2013: rows or columns of a random orthogonal matrix.
    case 'orthogonal':
      return orthogonal(sizes, random);
  }
}

function fansOf(sizes: readonly number[]): { in: number; out: number } {
  if (sizes.length < 2) return { in: sizes[0] ?? 1, out: sizes[0] ?? 1 };
  if (sizes.length === 2) return { in: sizes[0]!, out: sizes[1]! };
  const field = sizes.slice(2).reduce((a, b) => a * b, 1);
  return { in: sizes[1]! * field, out: sizes[0]! * field };
}

/** Gram-Schmidt, twice for accuracy, over the shorter side of the matrix `[first, rest]`. */
function orthogonal(sizes: readonly number[], random: RandomSource): Float64Array {
  const rows = sizes[0] ?? 1;
  const columns = sizes.slice(1).reduce((a, b) => a * b, 1);
  const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
  const basis: Float64Array[] = [];
  while (basis.length < count) {
    const vector = new Float64Array(length).map(() => random.normal());
    for (let pass = 0; pass < 2; pass++) {
      for (const other of basis) {
        const along = vector.reduce((sum, v, i) => sum + v * other[i]!, 0);
        for (let i = 0; i < length; i++) vector[i]! -= along * other[i]!;
      }
    }
    const norm = Math.hypot(...vector);
    if (norm > 1e-8) basis.push(vector.map(v => v / norm));
  }
  const values = new Float64Array(rows * columns);
  basis.forEach((vector, i) => {
    vector.forEach((v, j) => {
      values[rows <= columns ? i * columns + j : j * columns + i] = v;
    });
  });
  return values;
}
