import type { Node } from '../graph/node';
import type { DType } from '../graph/types';
import { type BinaryName, binaryOps } from './binary';
import type { ElementwiseOp, Inference, Partial, TensorType } from './definition';
import { commonShape, requireDType, sameDType } from './infer';
import { type UnaryName, unaryOps } from './unary';

export type ElementwiseName =
  | UnaryName
  | BinaryName
  | 'identity'
  | 'stop_gradient'
  | 'cast'
  | 'where'
  | 'clip';

export interface CastAttributes {
  readonly dtype: DType;
}

const same = ([x]: readonly TensorType[]): TensorType => ({ dtype: x!.dtype, shape: x!.shape });

export const elementwiseOps = {
  ...unaryOps,
  ...binaryOps,

  identity: {
    kind: 'elementwise',
    takes: 'any',
    infer: same,
    scalar: ([x]) => x!,
    partials: () => [1],
  },

  stop_gradient: {
    kind: 'elementwise',
    takes: 'any',
    infer: same,
    scalar: ([x]) => x!,
    partials: () => [null],
  },

  /** To int truncates towards zero. The derivative is zero or does not exist: an int or bool stands on one side. */
  cast: {
    kind: 'elementwise',
    takes: 'any',
    infer: ([x], { dtype }: CastAttributes) => ({ dtype, shape: x!.shape }),
    scalar: ([x], { dtype }: CastAttributes) =>
      dtype === 'int' ? `Math.trunc(${x})` : dtype === 'bool' ? `(${x} !== 0 ? 1 : 0)` : x!,
    partials: () => [null],
    sign: ({ dtype }: CastAttributes) => dtype,
  },

  where: {
    kind: 'elementwise',
    takes: 'any',
    infer: (inputs, _, inference: Inference) => {
      const [condition, a, b] = inputs as readonly [TensorType, TensorType, TensorType];
      requireDType(condition, ['bool'], "where's condition");
      return { dtype: sameDType([a, b], 'where'), shape: commonShape(inputs, inference, 'where') };
    },
    scalar: ([c, a, b]) => `(${c} ? ${a} : ${b})`,
    partials: ([c], _, b) => [null, c!, () => b.not(c!)],
  },

  /** min(max(x, lo), hi), so that hi wins where the bounds cross. */
  clip: {
    kind: 'elementwise',
    takes: 'number',
    infer: (inputs, _, inference: Inference) => ({
      dtype: sameDType(inputs, 'clip'),
      shape: commonShape(inputs, inference, 'clip'),
    }),
    scalar: ([x, lo, hi]) => `Math.min(Math.max(${x}, ${lo}), ${hi})`,
    partials: (inputs, _, b): Partial[] => {
      const [x, lo, hi] = inputs as readonly [Node, Node, Node];
      return [
        () => b.and(b.greaterEqual(x, lo), b.lessEqual(x, hi)),
        () => b.and(b.less(x, lo), b.less(lo, hi)),
        () => b.or(b.greater(x, hi), b.less(hi, lo)),
      ];
    },
  },
} satisfies Record<ElementwiseName, ElementwiseOp<object>>;
