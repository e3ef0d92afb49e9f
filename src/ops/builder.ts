import type { Dim } from '../graph/dimension';
import type { Node } from '../graph/node';
import type { Shape } from '../graph/types';
import { isConstant } from './constant';
import { Construction } from './construction';
import type { WindowAttributes } from './window';

/**
 * The vocabulary of derivative rules and of the library, a method an op; `apply` and `elementwise` serve ops that have
 * none.
 */
export class Builder extends Construction {
  // ---- elementwise; operands are broadcast to a common shape and promoted to a common dtype

  add(a: Node, b: Node): Node {
    if (this.deriving) {
      if (isConstant(a, 0) && this.absorbs(b, a)) return b;
      if (isConstant(b, 0) && this.absorbs(a, b)) return a;
    }
    return this.elementwise('add', [a, b]);
  }

  sub(a: Node, b: Node): Node {
    if (this.deriving) {
      if (isConstant(b, 0) && this.absorbs(a, b)) return a;
      if (isConstant(a, 0) && this.absorbs(b, a)) return this.neg(b);
    }
    return this.elementwise('sub', [a, b]);
  }

  mul(a: Node, b: Node): Node {
    if (this.deriving) {
      if (isConstant(a, 1) && this.absorbs(b, a)) return b;
      if (isConstant(b, 1) && this.absorbs(a, b)) return a;
      if (isConstant(a, -1) && this.absorbs(b, a)) return this.neg(b);
      if (isConstant(b, -1) && this.absorbs(a, b)) return this.neg(a);
    }
    return this.elementwise('mul', [a, b]);
  }

  div(a: Node, b: Node): Node {
    if (this.deriving && isConstant(b, 1) && this.absorbs(a, b)) return a;
    return this.elementwise('div', [a, b]);
  }

  pow(a: Node, b: Node): Node {
    return this.elementwise('pow', [a, b]);
  }

  maximum(a: Node, b: Node): Node {
    return this.elementwise('maximum', [a, b]);
  }

  minimum(a: Node, b: Node): Node {
    return this.elementwise('minimum', [a, b]);
  }

  neg(x: Node): Node {
    return this.elementwise('neg', [x]);
  }

  exp(x: Node): Node {
    return this.elementwise('exp', [x]);
  }

  log(x: Node): Node {
    return this.elementwise('log', [x]);
  }

  sqrt(x: Node): Node {
    return this.elementwise('sqrt', [x]);
  }

  square(x: Node): Node {
    return this.elementwise('square', [x]);
  }

  abs(x: Node): Node {
    return this.elementwise('abs', [x]);
  }

  sign(x: Node): Node {
    return this.elementwise('sign', [x]);
  }

  sin(x: Node): Node {
    return this.elementwise('sin', [x]);
  }

  cos(x: Node): Node {
    return this.elementwise('cos', [x]);
  }

  tanh(x: Node): Node {
    return this.elementwise('tanh', [x]);
  }

  sigmoid(x: Node): Node {
    return this.elementwise('sigmoid', [x]);
  }

  relu(x: Node): Node {
    return this.elementwise('relu', [x]);
  }

  floor(x: Node): Node {
    return this.elementwise('floor', [x]);
  }

  /** A node of its own with the same value, so that an alias has its own gradient. */
  identity(x: Node): Node {
    return this.apply('identity', [x]);
  }

  /** `x`, taken as a constant by differentiation. */
  stopGradient(x: Node): Node {
    return this.apply('stop_gradient', [x]);
  }

  /** `condition ? a : b` at every position. */
  where(condition: Node, a: Node, b: Node): Node {
    const [left, right] = this.promote([a, b]) as [Node, Node];
    return this.apply('where', this.broadcastTogether([this.cast(condition, 'bool'), left, right]));
  }

  // ---- comparisons and logic; bool results

  equal(a: Node, b: Node): Node {
    return this.elementwise('equal', [a, b]);
  }

  less(a: Node, b: Node): Node {
    return this.elementwise('less', [a, b]);
  }

  lessEqual(a: Node, b: Node): Node {
    return this.elementwise('less_equal', [a, b]);
  }

  greater(a: Node, b: Node): Node {
    return this.elementwise('greater', [a, b]);
  }

  greaterEqual(a: Node, b: Node): Node {
    return this.elementwise('greater_equal', [a, b]);
  }

  and(a: Node, b: Node): Node {
    return this.apply('and', this.broadcastTogether([a, b]));
  }

  or(a: Node, b: Node): Node {
    return this.apply('or', this.broadcastTogether([a, b]));
  }

  not(a: Node): Node {
    return this.apply('not', [a]);
  }

  // ---- moving elements

  /** `permutation[i]` is the axis of `x` that becomes axis i. */
  transpose(x: Node, permutation: readonly number[]): Node {
    return permutation.every((axis, i) => axis === i) ? x : this.apply('transpose', [x], { permutation });
  }

  concat(parts: readonly Node[], axis: number): Node {
    return parts.length === 1 ? parts[0]! : this.apply('concat', this.promote(parts), { axis });
  }

  /** Element i of an axis is element `start + i * step` of `x`; `shape` is the result's. */
  slice(x: Node, start: readonly Dim[], step: readonly number[], shape: Shape): Node {
    return this.apply('slice', [x], { start, step, shape });
  }

  /** The transpose of `slice`: zeros of `shape` with `x` written at `start + i * step`. Also zero padding. */
  unslice(x: Node, start: readonly Dim[], step: readonly number[], shape: Shape): Node {
    return this.apply('unslice', [x], { start, step, shape });
  }

  /** `x` at int positions along `axis`: shape `[*x[:axis], *positions, *x[axis + 1:]]`. */
  gather(x: Node, positions: Node, axis: number): Node {
    return this.apply('gather', [x, positions], { axis });
  }

  /** The transpose of `gather`: adds `x` into zeros with `size` entries along `axis`. */
  scatterAdd(x: Node, positions: Node, axis: number, size: Dim): Node {
    return this.apply('scatter_add', [x, positions], { axis, size });
  }

  /** Sliding windows over the last axes: `[.., H, W]` becomes `[.., OH, OW, kh, kw]`. */
  window(x: Node, attributes: WindowAttributes): Node {
    return this.apply('window', [x], attributes);
  }

  // ---- reductions; `axes` are dropped

  sum(x: Node, axes: readonly number[]): Node {
    return axes.length === 0 ? x : this.apply('sum', [x], { axes });
  }

  sumAll(x: Node): Node {
    return this.sum(
      x,
      x.shape.map((_, axis) => axis),
    );
  }

  max(x: Node, axes: readonly number[]): Node {
    return axes.length === 0 ? x : this.apply('max', [x], { axes });
  }

  min(x: Node, axes: readonly number[]): Node {
    return axes.length === 0 ? x : this.apply('min', [x], { axes });
  }

  /** Puts axes that a reduction dropped back with size 1 and repeats along them: the shape of `like`. */
  spread(reduced: Node, like: Node, axes: readonly number[]): Node {
    return this.broadcast(reduced, like.shape, axes);
  }

  // ---- products

  /**
   * Sum of products over shared labels, as in Einstein notation: `contract(x, w, 'ni', 'io', 'no')`. A label that is
   * in one operand only must be in the result; no label repeats within an operand.
   */
  contract(a: Node, b: Node, left: string, right: string, out: string): Node {
    return this.apply('contract', this.promote([a, b]), { left, right, out });
  }
}
