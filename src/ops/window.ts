import {
  addDims,
  constantDim,
  constantValue,
  type Dim,
  floorDivideDims,
  printDim,
  subtractDims,
} from '../graph/dimension';
import { printShape } from '../graph/shape';
import type { Shape } from '../graph/types';
import { type Inference, type LinearOp, OpError, type TensorType } from './definition';

export type WindowName = 'window' | 'unwindow';

/**
 * Windows that slide over the last axes, one entry an axis: element u of window o is element
 * `o * stride + u * dilation` of the axis.
 */
export interface WindowAttributes {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
}

/** `shape` is the result's: that of the tensor that the windows slid over. */
export interface UnwindowAttributes extends WindowAttributes {
  readonly shape: Shape;
}

/** How much of an axis one window covers. */
export function windowSpan(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
}

/** How many windows fit in an axis: floor((size - span) / stride) + 1, as in PyTorch. */
export function windowCount(size: Dim, kernel: number, stride: number, dilation: number): Dim {
  const room = subtractDims(size, constantDim(windowSpan(kernel, dilation)));
  return addDims(floorDivideDims(room, constantDim(stride))!, constantDim(1));
}

/** `[.., H, W]` seen through windows: `[.., OH, OW, kh, kw]`. */
function windowed(shape: Shape, { kernel, stride, dilation }: WindowAttributes): Shape {
  const before = shape.length - kernel.length;
  if (before < 0) {
    throw new OpError('rank', `window: ${printShape(shape)} has fewer than ${kernel.length} axes`);
  }
  const counts = kernel.map((k, i) => {
    const size = shape[before + i]!;
    const span = windowSpan(k, dilation[i]!);
    if ((constantValue(size) ?? span) < span) {
      throw new OpError('shape-mismatch', `window: ${span} does not fit in an axis of ${printDim(size)}`);
    }
    return windowCount(size, k, stride[i]!, dilation[i]!);
  });
  return [...shape.slice(0, before), ...counts, ...kernel.map(constantDim)];
}

/** Each other's transposes: looking through overlapping windows, and adding windows up where they overlap. */
export const windowOps = {
  window: {
    kind: 'linear',
    infer: ([x]: readonly TensorType[], attributes: WindowAttributes) => ({
      dtype: x!.dtype,
      shape: windowed(x!.shape, attributes),
    }),
    transpose: (ct, [x], _, b, { kernel, stride, dilation }: WindowAttributes) =>
      b.apply('unwindow', [ct], { kernel, stride, dilation, shape: x!.shape } satisfies UnwindowAttributes),
    rule: () => 'g added up where the windows overlap',
  },

  unwindow: {
    kind: 'linear',
    infer: ([x]: readonly TensorType[], attributes: UnwindowAttributes, inference: Inference) => {
      const { shape } = attributes;
      const expected = windowed(shape, attributes);
      const what = `unwindow of ${printShape(x!.shape)} into ${printShape(shape)}`;
      if (expected.length !== x!.shape.length) throw new OpError('rank', `${what}: ranks differ`);
      expected.forEach((dim, axis) => {
        inference.requireEqual(x!.shape[axis]!, dim, what);
      });
      return { dtype: x!.dtype === 'bool' ? 'int' : x!.dtype, shape };
    },
    transpose: (ct, _, __, b, { kernel, stride, dilation }: UnwindowAttributes) =>
      b.apply('window', [ct], { kernel, stride, dilation } satisfies WindowAttributes),
    rule: () => 'g seen through the same windows',
  },
} satisfies Record<WindowName, LinearOp<object>>;
