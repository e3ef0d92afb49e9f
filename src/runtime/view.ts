import { stridesOf } from '../graph/shape';
import type { WindowAttributes } from '../ops/window';
import { type Affine, combine, fixed, plus, scaled } from './affine';
import type { Value } from './value';

/** Ops that only move elements: reading an element of the result is reading one of the operand's. */
export type ViewName =
  | 'identity'
  | 'stop_gradient'
  | 'reshape'
  | 'transpose'
  | 'broadcast'
  | 'slice'
  | 'window';

type Coordinates = readonly Affine[];

/** Coordinates in the operand of a view; undefined when they are not linear in the counters. */
export const viewOperand = {
  identity: (_, at) => at,
  stop_gradient: (_, at) => at,
  reshape: (value, at) => reshaped(at, value.shape, value.inputs[0]!.shape),
  transpose: (value, at) => {
    const { permutation } = value.attributes as { permutation: readonly number[] };
    const source = new Array<Affine>(at.length);
    permutation.forEach((axis, i) => {
      source[axis] = at[i]!;
    });
    return source;
  },
  broadcast: (value, at) => {
    const { axes } = value.attributes as { axes: readonly number[] };
    return at.filter((_, axis) => !axes.includes(axis));
  },
  slice: (value, at) => {
    const { start, step } = value.attributes as { start: readonly number[]; step: readonly number[] };
    return at.map((coordinate, axis) => scaled(coordinate, step[axis]!, start[axis]!));
  },
  window: (value, at) => {
    const { kernel, stride, dilation } = value.attributes as WindowAttributes;
    const inside = at.length - kernel.length;
    const before = inside - kernel.length;
    const windows = kernel.map((_, i) =>
      plus(scaled(at[before + i]!, stride[i]!), scaled(at[inside + i]!, dilation[i]!)),
    );
    return [...at.slice(0, before), ...windows];
  },
} satisfies Record<ViewName, (value: Value, at: Coordinates) => Coordinates | undefined>;

/** Whether the result is its operand's storage under another shape. */
export function isAlias(value: Value): boolean {
  return !value.fed && !value.copied && keepsOrder(value);
}

/** Whether the result is its operand, shape and all. */
export function isRenaming(value: Value): boolean {
  return isAlias(value) && String(value.shape) === String(value.inputs[0]!.shape);
}

/** Whether element i of the result is element i of the operand, both counted row by row. */
export function keepsOrder(value: Value): boolean {
  switch (value.op) {
    case 'identity':
    case 'stop_gradient':
    case 'reshape':
      return true;
    case 'broadcast':
    case 'slice':
      return value.count === value.inputs[0]!.count && !reverses(value);
    case 'transpose': {
      const { permutation } = value.attributes as { permutation: readonly number[] };
      const moved = permutation.filter(axis => value.inputs[0]!.shape[axis] !== 1);
      return moved.every((axis, i) => i === 0 || moved[i - 1]! < axis);
    }
    default:
      return false;
  }
}

/** The value whose buffer holds `value`. */
export function storageOf(value: Value): Value {
  let root = value;
  while (isAlias(root)) root = root.inputs[0]!;
  return root;
}

function reverses(value: Value): boolean {
  const { step } = value.attributes as { step?: readonly number[] };
  return step?.some((s, axis) => s < 0 && value.shape[axis]! > 1) ?? false;
}

/**
 * Coordinates under another shape. Axes are matched in runs of equal products; a run that splits one source axis is
 * linear, one that joins several is only where its coordinate is fixed.
 */
function reshaped(
  at: Coordinates,
  shape: readonly number[],
  source: readonly number[],
): Coordinates | undefined {
  const rank = at[0]?.terms.length ?? 0;
  const result: Affine[] = [];
  let i = 0;
  for (let j = 0; j < source.length; ) {
    if (source[j] === 1) {
      result.push(fixed(0, rank));
      j++;
      continue;
    }
    const from = i;
    let product = 1;
    while (i < shape.length && product < source[j]!) product *= shape[i++]!;
    if (product !== source[j]) return undefined;
    result.push(combine(at.slice(from, i), stridesOf(shape.slice(from, i)), rank));
    j++;
  }
  return result;
}
