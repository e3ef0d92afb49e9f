import type { Dim } from './dimension';

export type DType = 'float' | 'int' | 'bool';

/** Sizes of the axes, outermost first; `[]` is a scalar. */
export type Shape = readonly Dim[];

/** The storage of one tensor, row-major. Bools are 0 or 1. */
export type TensorData = Float64Array | Float32Array | Int32Array | Uint8Array;

/** A value with its sizes known. */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Sizes of the symbols, by name: `{ N: 32 }`. */
export type Sizes = Readonly<Record<string, number>>;
