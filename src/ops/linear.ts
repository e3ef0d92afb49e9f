import { addDims, constantDim, constantValue, type Dim, printDim, subtractDims } from '../graph/dimension';
import { elementCount, printShape } from '../graph/shape';
import type { DType, Shape } from '../graph/types';
import { type Inference, type LinearOp, OpError, type TensorType } from './definition';
import { known, requireAxes, requireAxis, requireDType, withoutAxes } from './infer';

export type LinearName =
  | 'reshape'
  | 'transpose'
  | 'broadcast'
  | 'sum'
  | 'concat'
  | 'slice'
  | 'unslice'
  | 'gather'
  | 'scatter_add'
  | 'cumsum'
  | 'tril';

export interface ReshapeAttributes {
  readonly shape: Shape;
}

/** `permutation[i]` is the operand's axis that becomes axis i. */
export interface TransposeAttributes {
  readonly permutation: readonly number[];
}

/** `axes` are the positions in `shape` of the axes that are new. */
export interface BroadcastAttributes {
  readonly shape: Shape;
  readonly axes: readonly number[];
}

/** Axes that are dropped, ascending. */
export interface AxesAttributes {
  readonly axes: readonly number[];
}

export interface AxisAttributes {
  readonly axis: number;
}

/** Element i of an axis is element `start + i * step` of the larger tensor; `shape` is the result's. */
export interface SliceAttributes {
  readonly start: readonly Dim[];
  readonly step: readonly number[];
  readonly shape: Shape;
}

export interface ScatterAddAttributes {
  readonly axis: number;
  readonly size: Dim;
}

/** With `reverse`, the sum of an element and all after it. */
export interface CumsumAttributes {
  readonly axis: number;
  readonly reverse: boolean;
}

/** Keeps row i, column j of the last two axes where j - i <= k. */
export interface TrilAttributes {
  readonly k: number;
}

/** A sum of bools counts them. */
const summed = (x: TensorType): DType => (x.dtype === 'bool' ? 'int' : x.dtype);

const axisList = (axes: readonly number[]): string =>
  axes.length === 1 ? `axis ${axes[0]}` : `axes ${axes.join(', ')}`;

export const linearOps = {
  reshape: {
    kind: 'linear',
    infer: ([x], { shape }: ReshapeAttributes, inference: Inference) => {
      const what = `${printShape(x!.shape)} reshaped to ${printShape(shape)}, number of elements`;
      inference.requireEqual(elementCount(x!.shape), elementCount(shape), what);
      return { dtype: x!.dtype, shape };
    },
    transpose: (ct, [x], _, b) => b.reshape(ct, x!.shape),
    rule: (_, { operands }) => `g in the shape of ${operands[0]}`,
  },

  transpose: {
    kind: 'linear',
    infer: ([x], { permutation }: TransposeAttributes) => {
      const { dtype, shape } = x!;
      const sorted = [...permutation].sort((p, q) => p - q);
      if (permutation.length !== shape.length || sorted.some((axis, i) => axis !== i)) {
        throw new OpError(
          'rank',
          `transpose: [${permutation.join(', ')}] does not order the axes of ${printShape(shape)}`,
        );
      }
      return { dtype, shape: permutation.map(axis => shape[axis]!) };
    },
    transpose: (ct, _, __, b, { permutation }: TransposeAttributes) =>
      b.transpose(
        ct,
        permutation.map((_axis, i) => permutation.indexOf(i)),
      ),
    rule: (_, __, { permutation }: TransposeAttributes) =>
      permutation.length === 2 ? 'gᵀ' : 'g with its axes back in order',
  },

  broadcast: {
    kind: 'linear',
    infer: ([x], { shape, axes }: BroadcastAttributes, inference: Inference) => {
      const what = `${printShape(x!.shape)} repeated to ${printShape(shape)}`;
      requireAxes({ dtype: x!.dtype, shape }, axes, 'broadcast');
      const kept = withoutAxes(shape, axes);
      if (kept.length !== x!.shape.length) throw new OpError('rank', `${what}: axes are missing`);
      kept.forEach((dim, i) => {
        inference.requireEqual(x!.shape[i]!, dim, what);
      });
      return { dtype: x!.dtype, shape };
    },
    transpose: (ct, _, __, b, { axes }: BroadcastAttributes) => b.sum(ct, axes),
    rule: (_, __, { axes }: BroadcastAttributes) => `g summed over ${axisList(axes)}`,
  },

  sum: {
    kind: 'linear',
    infer: ([x], { axes }: AxesAttributes) => {
      requireAxes(x!, axes, 'sum');
      return { dtype: summed(x!), shape: withoutAxes(x!.shape, axes) };
    },
    transpose: (ct, [x], _, b, { axes }: AxesAttributes) => b.broadcast(ct, x!.shape, axes),
    rule: (_, __, { axes }: AxesAttributes) => `g repeated along ${axisList(axes)}`,
  },

  concat: {
    kind: 'linear',
    infer: (inputs, { axis }: AxisAttributes, inference: Inference) => {
      const [first] = inputs;
      requireAxis(first!, axis, 'concat');
      let shape = first!.shape;
      for (const input of inputs.slice(1)) {
        const what = `concat of ${printShape(first!.shape)} and ${printShape(input.shape)} along axis ${axis}`;
        if (input.shape.length !== shape.length) throw new OpError('rank', `${what}: ranks differ`);
        if (input.dtype !== first!.dtype) throw new OpError('dtype', `${what}: kinds differ`);
        shape = shape.map((dim, i) => {
          const other = input.shape[i]!;
          if (i === axis) return addDims(dim, other);
          inference.requireEqual(dim, other, what);
          return known(dim, other);
        });
      }
      return { dtype: first!.dtype, shape };
    },
    transpose: (ct, inputs, index, b, { axis }: AxisAttributes) => {
      const before = inputs.slice(0, index).map(x => x.shape[axis]!);
      const zero = constantDim(0);
      const start = ct.shape.map((_, i) => (i === axis ? before.reduce(addDims, zero) : zero));
      const shape = ct.shape.map((dim, i) => (i === axis ? inputs[index]!.shape[axis]! : dim));
      return b.slice(
        ct,
        start,
        ct.shape.map(() => 1),
        shape,
      );
    },
    rule: (_, __, { axis }: AxisAttributes) => `its own part of g along axis ${axis}`,
  },

  slice: {
    kind: 'linear',
    infer: ([x], attributes: SliceAttributes) => {
      requireInside(x!.shape, attributes.shape, attributes, 'slice');
      return { dtype: x!.dtype, shape: attributes.shape };
    },
    transpose: (ct, [x], _, b, { start, step }: SliceAttributes) => b.unslice(ct, start, step, x!.shape),
    rule: () => 'g where it was taken from, 0 elsewhere',
  },

  unslice: {
    kind: 'linear',
    infer: ([x], attributes: SliceAttributes) => {
      requireInside(attributes.shape, x!.shape, attributes, 'unslice');
      return { dtype: x!.dtype, shape: attributes.shape };
    },
    transpose: (ct, [x], _, b, { start, step }: SliceAttributes) => b.slice(ct, start, step, x!.shape),
    rule: () => 'the part of g where it was put',
  },

  gather: {
    kind: 'linear',
    infer: ([x, positions], { axis }: AxisAttributes) => {
      requireAxis(x!, axis, 'gather');
      requireDType(positions!, ['int'], "gather's positions");
      const { shape } = x!;
      return {
        dtype: x!.dtype,
        shape: [...shape.slice(0, axis), ...positions!.shape, ...shape.slice(axis + 1)],
      };
    },
    transpose: (ct, [x, positions], _, b, { axis }: AxisAttributes) =>
      b.scatterAdd(ct, positions!, axis, x!.shape[axis]!),
    rule: (_, { operands }) => `g added up at the positions ${operands[1]}`,
  },

  scatter_add: {
    kind: 'linear',
    infer: ([x, positions], { axis, size }: ScatterAddAttributes, inference: Inference) => {
      requireDType(positions!, ['int'], "scatter_add's positions");
      const after = axis + positions!.shape.length;
      if (x!.shape.length < after) {
        throw new OpError('rank', `scatter_add: ${printShape(x!.shape)} has no axis ${after - 1}`);
      }
      positions!.shape.forEach((dim, i) => {
        inference.requireEqual(x!.shape[axis + i]!, dim, 'scatter_add, values and positions');
      });
      return {
        dtype: summed(x!),
        shape: [...x!.shape.slice(0, axis), size, ...x!.shape.slice(after)],
      };
    },
    transpose: (ct, [, positions], _, b, { axis }: ScatterAddAttributes) => b.gather(ct, positions!, axis),
    rule: (_, { operands }) => `g at the positions ${operands[1]}`,
  },

  cumsum: {
    kind: 'linear',
    infer: ([x], { axis }: CumsumAttributes) => {
      requireAxis(x!, axis, 'cumsum');
      return { dtype: summed(x!), shape: x!.shape };
    },
    transpose: (ct, _, __, b, { axis, reverse }: CumsumAttributes) =>
      b.apply('cumsum', [ct], { axis, reverse: !reverse } satisfies CumsumAttributes),
    rule: (_, __, { axis, reverse }: CumsumAttributes) =>
      `g summed along axis ${axis} from ${reverse ? 'the start' : 'the end'}`,
  },

  tril: {
    kind: 'linear',
    infer: ([x]) => {
      if (x!.shape.length < 2) throw new OpError('rank', `tril takes a matrix, not ${printShape(x!.shape)}`);
      return { dtype: x!.dtype, shape: x!.shape };
    },
    transpose: (ct, _, __, b, attributes: TrilAttributes) => b.apply('tril', [ct], attributes),
    rule: (_, __, { k }: TrilAttributes) => (k === 0 ? 'tril(g)' : `tril(g, ${k})`),
  },
} satisfies Record<LinearName, LinearOp<object>>;

/** The positions `start + i * step` of the `small` shape lie inside the `large` one, as far as sizes are known. */
function requireInside(large: Shape, small: Shape, { start, step }: SliceAttributes, what: string): void {
  const rank = large.length;
  if (small.length !== rank || start.length !== rank || step.length !== rank) {
    throw new OpError('rank', `${what}: ${printShape(small)} in ${printShape(large)}, ranks differ`);
  }
  large.forEach((size, axis) => {
    const [count, first] = [constantValue(small[axis]!), constantValue(start[axis]!)];
    if (count === 0) return;
    // The last position counted from the end tells even where the size itself is open, as in x[1:].
    const last = count === undefined || first === undefined ? undefined : first + (count - 1) * step[axis]!;
    const end = last === undefined ? undefined : constantValue(subtractDims(size, constantDim(last)));
    if (
      (first !== undefined && first < 0) ||
      (last !== undefined && last < 0) ||
      (end !== undefined && end < 1)
    ) {
      throw new OpError('index', `${what}: position ${last} is outside an axis of size ${printDim(size)}`);
    }
  });
}
