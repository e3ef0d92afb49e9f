import { compareDims, constantValue, type Dim, isOne, printDim } from '../graph/dimension';
import type { Graph } from '../graph/graph';
import type { Attributes, Node, Provenance } from '../graph/node';
import { broadcastShapes, equalShapes, printShape } from '../graph/shape';
import type { DType, Shape } from '../graph/types';
import { isConstant } from './constant';
import { type Inference, OpError } from './definition';
import { definitionOf, type OpName } from './registry';

/**
 * Adds nodes to a graph: infers shapes, broadcasts and promotes operands, and stamps provenance. The methods are the
 * vocabulary of derivative rules and of the library; `apply` serves ops that have no method.
 */
export class Builder {
  constructor(
    readonly graph: Graph,
    private provenance: Provenance = { derivation: { kind: 'source' } },
  ) {}

  /** Runs `make` with another provenance for the nodes it adds. */
  within<R>(provenance: Provenance, make: () => R): R {
    const before = this.provenance;
    this.provenance = provenance;
    try {
      return make();
    } finally {
      this.provenance = before;
    }
  }

  get currentProvenance(): Provenance {
    return this.provenance;
  }

  /** Runs `make` inside a new group, which the graph view draws as one box that opens. */
  inGroup<R>(kind: 'call' | 'layer' | 'turn' | 'branch', label: string, make: () => R): R {
    const { group: parent, span, derivation } = this.provenance;
    const group = this.graph.addGroup({
      kind,
      label,
      span: span ?? { start: 0, end: 0 },
      ...(parent ? { parent } : {}),
    });
    return this.within({ ...(span ? { span } : {}), group, derivation }, make);
  }

  /** The general way in: operands are used as they are. Throws `OpError`. */
  apply(op: OpName, inputs: readonly Node[], attributes: Attributes = {}): Node {
    const type = definitionOf(op).infer(inputs, attributes, this.inference());
    return this.graph.append(op, inputs, attributes, type, this.provenance);
  }

  // ---- leaves

  constant(value: number, dtype: DType = 'float'): Node {
    return this.tensor([value], [], dtype);
  }

  tensor(data: readonly number[], shape: Shape, dtype: DType = 'float'): Node {
    return this.apply('constant', [], { data, shape, dtype });
  }

  /** A scalar of the dtype of `like`, broadcast to its shape. */
  fill(value: number, like: Node): Node {
    return this.broadcastTo(this.constant(value, like.dtype), like.shape);
  }

  zeros(shape: Shape, dtype: DType = 'float'): Node {
    return this.broadcastTo(this.constant(0, dtype), shape);
  }

  /** The size of an axis as an int scalar; it follows the minibatch. */
  size(dim: Dim): Node {
    const value = constantValue(dim);
    return value === undefined ? this.apply('size', [], { dim }) : this.constant(value, 'int');
  }

  /** 0, 1, 2, ... along `axis`, int, equal along all other axes. */
  iota(shape: Shape, axis: number): Node {
    return this.apply('iota', [], { shape, axis });
  }

  // ---- elementwise; operands are broadcast to a common shape and promoted to a common dtype

  /** Any op with a scalar definition: `elementwise('exp', [x])`. Casts what the op does not take, such as an int. */
  elementwise(op: OpName, operands: readonly Node[], attributes: Attributes = {}): Node {
    const definition = definitionOf(op);
    const takes = definition.kind === 'elementwise' ? definition.takes : 'any';
    const cast = operands.map(x =>
      takes === 'float'
        ? this.toFloat(x)
        : takes === 'number' && x.dtype === 'bool'
          ? this.cast(x, 'int')
          : x,
    );
    return this.apply(op, this.align(cast), attributes);
  }

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

  /** To int truncates towards zero; to bool is `!= 0`. The same dtype gives `x` itself. */
  cast(x: Node, dtype: DType): Node {
    return x.dtype === dtype ? x : this.apply('cast', [x], { dtype });
  }

  toFloat(x: Node): Node {
    return this.cast(x, 'float');
  }

  // ---- moving elements

  reshape(x: Node, shape: Shape): Node {
    return equalShapes(x.shape, shape) ? x : this.apply('reshape', [x], { shape });
  }

  /** `permutation[i]` is the axis of `x` that becomes axis i. */
  transpose(x: Node, permutation: readonly number[]): Node {
    return permutation.every((axis, i) => axis === i) ? x : this.apply('transpose', [x], { permutation });
  }

  /** Repeats `x` along new axes: `axes` are their positions in `shape`; the others are the axes of `x`. */
  broadcast(x: Node, shape: Shape, axes: readonly number[]): Node {
    return axes.length === 0 ? x : this.apply('broadcast', [x], { shape, axes });
  }

  /** NumPy's broadcast of `x` to a shape it is known to fit: stretched axes are dropped, then repeated anew. */
  broadcastTo(x: Node, shape: Shape): Node {
    if (equalShapes(x.shape, shape)) return x;
    const added = shape.length - x.shape.length;
    if (added < 0)
      throw new OpError('rank', `${printShape(x.shape)} has more axes than ${printShape(shape)}`);
    const axes: number[] = [];
    const kept: Dim[] = [];
    shape.forEach((dim, axis) => {
      const own = axis >= added ? x.shape[axis - added]! : undefined;
      if (!own || (isOne(own) && !isOne(dim))) axes.push(axis);
      else {
        this.inference().requireEqual(
          own,
          dim,
          `${printShape(x.shape)} does not broadcast to ${printShape(shape)}`,
        );
        kept.push(own);
      }
    });
    return this.broadcast(this.reshape(x, kept), shape, axes);
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

  // ---- operands

  /** Promotes to a common dtype and broadcasts to a common shape. Throws `OpError`. */
  align(operands: readonly Node[]): Node[] {
    return this.broadcastTogether(this.promote(operands));
  }

  /** float wins over int wins over bool. */
  promote(operands: readonly Node[]): Node[] {
    const dtype = operands.some(x => x.dtype === 'float')
      ? 'float'
      : operands.some(x => x.dtype === 'int')
        ? 'int'
        : 'bool';
    return operands.map(x => this.cast(x, dtype));
  }

  broadcastTogether(operands: readonly Node[]): Node[] {
    let shape: Shape = operands[0]!.shape;
    for (const operand of operands.slice(1)) {
      const result = broadcastShapes(shape, operand.shape);
      if ('failedAxis' in result) {
        const axis = result.failedAxis;
        const [left, right] = [shape.at(axis)!, operand.shape.at(axis)!];
        throw new OpError(
          'shape-mismatch',
          `${printShape(shape)} and ${printShape(operand.shape)} do not broadcast: ` +
            `${printDim(left)} and ${printDim(right)} must agree`,
        );
      }
      shape = result.shape;
    }
    return operands.map(x => this.broadcastTo(x, shape));
  }

  /** Derivatives drop factors of 1 and terms of 0; what the file says is kept as it is written. */
  private get deriving(): boolean {
    return this.provenance.derivation.kind !== 'source';
  }

  /** Whether `x op constant` has the shape and dtype of `x`. */
  private absorbs(x: Node, constant: Node): boolean {
    return x.dtype === 'float' && (constant.shape.length === 0 || equalShapes(x.shape, constant.shape));
  }

  private inference(): Inference {
    const { span } = this.provenance;
    return {
      requireEqual: (left, right, what) => {
        const verdict = compareDims(left, right);
        if (verdict === 'different') {
          throw new OpError('shape-mismatch', `${what}: ${printDim(left)} and ${printDim(right)} must agree`);
        }
        if (verdict === 'open') {
          this.graph.addConstraint({ left, right, message: what, ...(span ? { span } : {}) });
        }
      },
    };
  }
}
