import { constantValue, type Dim } from '../graph/dimension';
import { equalShapes, printShape } from '../graph/shape';
import type { DType, Shape } from '../graph/types';
import { type Inference, OpError, type TensorType } from './definition';

/** Checks that the type rules of the ops share. `what` names the op in messages. */

export function requireDType(input: TensorType, allowed: readonly DType[], what: string): void {
  if (allowed.includes(input.dtype)) return;
  throw new OpError('dtype', `${what} takes ${allowed.join(' or ')}, not ${input.dtype}`);
}

export function sameDType(inputs: readonly TensorType[], what: string): DType {
  const { dtype } = inputs[0]!;
  for (const input of inputs) {
    if (input.dtype !== dtype) {
      throw new OpError('dtype', `${what} takes operands of one kind, not ${dtype} and ${input.dtype}`);
    }
  }
  return dtype;
}

/** The one shape of operands that are already broadcast. Of two sizes that may turn out equal, a known one stays. */
export function commonShape(inputs: readonly TensorType[], inference: Inference, what: string): Shape {
  let { shape } = inputs[0]!;
  for (const { shape: other } of inputs) {
    if (equalShapes(shape, other)) continue;
    const both = `${printShape(shape)} ${what} ${printShape(other)}`;
    if (shape.length !== other.length) {
      throw new OpError(
        'shape-mismatch',
        `${what}: ${printShape(shape)} and ${printShape(other)} differ in rank`,
      );
    }
    shape = shape.map((dim, axis) => {
      inference.requireEqual(dim, other[axis]!, both);
      return known(dim, other[axis]!);
    });
  }
  return shape;
}

/** Axes counted from 0, ascending and without repetition. */
export function requireAxes(input: TensorType, axes: readonly number[], what: string): void {
  const ascending = axes.every((axis, i) => i === 0 || axes[i - 1]! < axis);
  if (ascending && axes.every(axis => inRange(axis, input.shape.length))) return;
  throw new OpError('rank', `${what}: ${printShape(input.shape)} has no axes [${axes.join(', ')}]`);
}

export function requireAxis(input: TensorType, axis: number, what: string): void {
  if (inRange(axis, input.shape.length)) return;
  throw new OpError('rank', `${what}: ${printShape(input.shape)} has no axis ${axis}`);
}

export function withoutAxes(shape: Shape, axes: readonly number[]): Shape {
  return shape.filter((_, axis) => !axes.includes(axis));
}

export function known(a: Dim, b: Dim): Dim {
  return constantValue(b) !== undefined ? b : a;
}

function inRange(axis: number, rank: number): boolean {
  return Number.isInteger(axis) && axis >= 0 && axis < rank;
}
