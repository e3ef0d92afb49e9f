import {
  compareDims,
  constantDim,
  constantValue,
  type Dim,
  equalDims,
  evaluateDim,
  isOne,
  multiplyDims,
  printDim,
  substituteDim,
} from './dimension';
import type { Shape, Sizes } from './types';

export const scalarShape: Shape = [];

export function shapeOf(sizes: readonly number[]): Shape {
  return sizes.map(constantDim);
}

export function printShape(shape: Shape): string {
  return `[${shape.map(printDim).join(', ')}]`;
}

export function equalShapes(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!equalDims(a[i]!, b[i]!)) return false;
  return true;
}

/** False only when the shapes differ whatever the sizes of the symbols. */
export function compatibleShapes(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (compareDims(a[i]!, b[i]!) === 'different') return false;
  return true;
}

/** The number of elements, as a dimension. */
export function elementCount(shape: Shape): Dim {
  return shape.reduce(multiplyDims, constantDim(1));
}

/** Sizes as numbers when all are known without symbols, else undefined. */
export function knownShape(shape: Shape): number[] | undefined {
  const sizes: number[] = [];
  for (const dim of shape) {
    const value = constantValue(dim);
    if (value === undefined) return undefined;
    sizes.push(value);
  }
  return sizes;
}

/** Sizes as numbers for given symbols; throws when a symbol is missing, which is a mistake of the caller. */
export function concreteShape(shape: Shape, sizes: Sizes): number[] {
  return shape.map(dim => {
    const value = evaluateDim(dim, sizes);
    if (value === undefined) throw new Error(`size of ${printDim(dim)} is not known`);
    return value;
  });
}

/** How many elements a shape has for given symbols, which must all be there. */
export function countIn(shape: Shape, sizes: Sizes): number {
  let count = 1;
  for (const dim of shape) {
    const size = evaluateDim(dim, sizes);
    if (size === undefined) throw new Error(`size of ${printDim(dim)} is not known`);
    count *= size;
  }
  return count;
}

export function substituteShape(shape: Shape, sizes: Sizes): Shape {
  return shape.map(dim => substituteDim(dim, sizes));
}

/**
 * NumPy's broadcasting of two shapes, aligned at the last axis. `axis` of a failure counts from the end (-1 is the
 * last). Two sizes that may turn out equal give the left one and are reported in `open`.
 */
export function broadcastShapes(
  a: Shape,
  b: Shape,
): { shape: Shape; open: readonly (readonly [Dim, Dim])[] } | { failedAxis: number } {
  const rank = Math.max(a.length, b.length);
  const shape = new Array<Dim>(rank);
  const open: [Dim, Dim][] = [];
  for (let axis = -1; axis >= -rank; axis--) {
    const left = a[a.length + axis];
    const right = b[b.length + axis];
    const place = rank + axis;
    if (!left || !right) shape[place] = (left ?? right)!;
    else if (isOne(left)) shape[place] = right;
    else if (isOne(right)) shape[place] = left;
    else {
      const verdict = compareDims(left, right);
      if (verdict === 'different') return { failedAxis: axis };
      if (verdict === 'open') open.push([left, right]);
      // A known size says more than a symbol that must turn out to equal it.
      shape[place] = constantValue(right) !== undefined ? right : left;
    }
  }
  return { shape, open };
}

/** Row-major strides in elements. */
export function stridesOf(sizes: readonly number[]): number[] {
  const strides = new Array<number>(sizes.length);
  let step = 1;
  for (let i = sizes.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= sizes[i]!;
  }
  return strides;
}

export function countOf(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1);
}
