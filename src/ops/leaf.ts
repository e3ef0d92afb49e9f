import type { Dim } from '../graph/dimension';
import type { Node } from '../graph/node';
import type { DType, Shape } from '../graph/types';
import type { ConstantOp, LeafOp } from './definition';

/** A placeholder that is fed before each run. */
export interface InputAttributes {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A trainable tensor, always float. `path` is its unique name, such as `h.W`. */
export interface ParameterAttributes {
  readonly path: string;
  readonly shape: Shape;
}

/** A tensor kept beside the parameters and not trained, such as a running mean. */
export interface BufferAttributes {
  readonly path: string;
  readonly shape: Shape;
}

/** Truth values drawn at random, true with probability 1 - p; fed, anew at every step of a training. */
export interface RandomMaskAttributes {
  /** Unique in the model: with seed and step it is the key of the random numbers. */
  readonly path: string;
  readonly p: number;
  readonly shape: Shape;
}

/** Columns of a data table, all rows of it: `[rows, columns]`, or `[rows]` when `single`. */
export interface DataAttributes {
  readonly table: string;
  readonly columns: readonly number[];
  readonly single: boolean;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Row numbers of one part of the cut of the data: `[rows]` int. Fed, since the cut depends on the seed. */
export interface RowsAttributes {
  readonly part: 'train' | 'test';
  readonly shape: Shape;
}

/** Known numbers in row-major order. */
export interface ConstantAttributes {
  readonly data: readonly number[];
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The size of an axis, as an int scalar. */
export interface SizeAttributes {
  readonly dim: Dim;
}

/** 0, 1, 2, ... along `axis`. */
export interface IotaAttributes {
  readonly shape: Shape;
  readonly axis: number;
}

/** Finite differences of a scalar (operand 0) in one float node (operand 1); a constant to differentiation. */
export interface NumericGradientAttributes {
  readonly h: number;
  readonly scheme: 'central' | 'forward';
}

export type LeafName =
  | 'input'
  | 'parameter'
  | 'buffer'
  | 'random_mask'
  | 'data'
  | 'rows'
  | 'constant'
  | 'size'
  | 'iota'
  | 'numeric_gradient';

const typed: Pick<LeafOp<{ shape: Shape; dtype: DType }>, 'kind' | 'infer'> = {
  kind: 'leaf',
  infer: (_, { shape, dtype }) => ({ shape, dtype }),
};

export const leafOps = {
  input: typed as LeafOp<InputAttributes>,
  data: typed as LeafOp<DataAttributes>,
  constant: typed as LeafOp<ConstantAttributes>,
  parameter: {
    kind: 'leaf',
    infer: (_, { shape }) => ({ shape, dtype: 'float' }),
  } as LeafOp<ParameterAttributes>,
  buffer: { kind: 'leaf', infer: (_, { shape }) => ({ shape, dtype: 'float' }) } as LeafOp<BufferAttributes>,
  random_mask: {
    kind: 'leaf',
    infer: (_, { shape }) => ({ shape, dtype: 'bool' }),
  } as LeafOp<RandomMaskAttributes>,
  rows: { kind: 'leaf', infer: (_, { shape }) => ({ shape, dtype: 'int' }) } as LeafOp<RowsAttributes>,
  size: { kind: 'leaf', infer: () => ({ shape: [], dtype: 'int' }) } as LeafOp<SizeAttributes>,
  iota: { kind: 'leaf', infer: (_, { shape }) => ({ shape, dtype: 'int' }) } as LeafOp<IotaAttributes>,
  numeric_gradient: {
    kind: 'nondifferentiable',
    infer: ([, wrt]) => ({ shape: wrt!.shape, dtype: 'float' }),
  } as ConstantOp<NumericGradientAttributes>,
} satisfies Record<LeafName, unknown>;

export function attributesOf<A>(node: Node): A {
  return node.attributes as A;
}
