import { countOf } from '../../graph/shape';
import type { DType } from '../../graph/types';
import type { ElementType } from './model';

/** A tensor of the model whose own shape broadcasts, as NumPy's does, to the shape of the value that it stands for. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
}

export const ELEMENT_TYPES: Readonly<Record<DType, ElementType>> = {
  float: 'float',
  int: 'int32',
  bool: 'bool',
};

/** The same as the operator `Cast` counts them. */
export const CAST = { float: 1, int: 6, bool: 9 } as const;

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** NumPy's common shape of shapes that are known to fit. */
export function commonShape(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map(shape => shape.length));
  return Array.from({ length: rank }, (_, i) =>
    shapes.reduce((size, shape) => {
      const own = shape[i - rank + shape.length] ?? 1;
      return own === 1 ? size : own;
    }, 1),
  );
}

/** Whether a tensor holds one number. */
export function isSingle({ shape }: Tensor): boolean {
  return countOf(shape) === 1;
}
