import { constantValue, type Dim } from '../graph/dimension';
import type { Node } from '../graph/node';
import { elementCount } from '../graph/shape';
import type { Shape } from '../graph/types';
import { Builder } from '../ops/builder';
import { moveAxis } from './batchRules';
import { forward } from './forward';
import { derivedFrom } from './provenance';
import { reverse } from './reverse';
import { vectorize } from './vectorize';

/**
 * Derivatives made of forward and reverse mode. All are ordinary nodes and can be differentiated again; each is
 * undefined where `y` does not depend on `x`.
 */

/**
 * dy/dx in the shape [*y.shape, *x.shape], by rows (reverse mode from each element of `y`) or by columns (forward mode
 * along each element of `x`), whichever are fewer unless told; all of them in one sweep.
 */
export function jacobian(b: Builder, y: Node, x: Node, by?: 'rows' | 'columns'): Node | undefined {
  if (by) return by === 'rows' ? byRows(b, y, x) : byColumns(b, y, x);
  if (y.shape.length === 0) return reverse(b, y, { wrt: [x] }).of(x);
  if (x.shape.length === 0) return forward(b, [y], new Map([[x, b.constant(1)]]))[0] ?? undefined;
  return fewer(elementCount(x.shape), elementCount(y.shape)) ? byColumns(b, y, x) : byRows(b, y, x);
}

/** d²L/dw² of a scalar, in the shape [*w.shape, *w.shape]. */
export function hessian(b: Builder, loss: Node, w: Node): Node | undefined {
  const gradient = reverse(b, loss, { wrt: [w] }).of(w);
  return gradient && jacobian(b, gradient, w);
}

/** The Hessian times `v`, which has the shape of `w`, without the Hessian: the gradient's derivative along `v`. */
export function hvp(b: Builder, loss: Node, w: Node, v: Node): Node | undefined {
  const gradient = reverse(b, loss, { wrt: [w] }).of(w);
  return gradient && (forward(b, [gradient], new Map([[w, v]]))[0] ?? undefined);
}

/** Forward mode along each unit direction of `x`. */
function byColumns(b: Builder, y: Node, x: Node): Node | undefined {
  const scratch = new Builder(b.graph.fork(), b.currentProvenance);
  const direction = placeholder(scratch, x.shape);
  const [tangent] = forward(scratch, [y], new Map([[x, direction]]));
  if (!tangent) return undefined;
  return b.within(derivedFrom('tangent', y, b), () => {
    const [columns] = vectorize(b, [tangent], new Map([[direction, basis(b, x.shape)]]));
    return b.reshape(moveAxis(columns!, 0, y.shape.length, b), [...y.shape, ...x.shape]);
  });
}

/** Reverse mode from each unit cotangent of `y`. */
function byRows(b: Builder, y: Node, x: Node): Node | undefined {
  const scratch = new Builder(b.graph.fork(), b.currentProvenance);
  const seed = placeholder(scratch, y.shape);
  const adjoint = reverse(scratch, y, { wrt: [x], seed }).of(x);
  if (!adjoint) return undefined;
  return b.within(derivedFrom('adjoint', x, b), () => {
    const [rows] = vectorize(b, [adjoint], new Map([[seed, basis(b, y.shape)]]));
    return b.reshape(rows!, [...y.shape, ...x.shape]);
  });
}

/** Stands for one direction, until all take its place. */
function placeholder(scratch: Builder, shape: Shape): Node {
  return scratch.apply('input', [], { name: 'direction', shape, dtype: 'float' });
}

/** The unit directions of a shape along a new first axis: [elements, *shape]. */
function basis(b: Builder, shape: Shape): Node {
  const n = elementCount(shape);
  const eye = b.toFloat(b.equal(b.iota([n, n], 0), b.iota([n, n], 1)));
  return b.reshape(eye, [n, ...shape]);
}

/** Whether `a` is at most `b`; a symbol stands for many rows, and so for more than a number. */
function fewer(a: Dim, b: Dim): boolean {
  const [left, right] = [constantValue(a), constantValue(b)];
  if (left !== undefined && right !== undefined) return left <= right;
  return left !== undefined;
}
