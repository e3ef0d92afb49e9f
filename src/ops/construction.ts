import type { Span } from '../base/span';
import { compareDims, constantValue, type Dim, equalDims, isOne, printDim } from '../graph/dimension';
import type { Graph } from '../graph/graph';
import type { Attributes, Node, Provenance } from '../graph/node';
import { broadcastShapes, equalShapes, printShape } from '../graph/shape';
import type { DType, Shape } from '../graph/types';
import { type ElementwiseOp, type Inference, OpError } from './definition';
import { definitionOf, type OpName } from './registry';

const nowhere: Span = { start: 0, end: 0 };

/** One object, so that nodes without attributes are seen to be alike at once. */
const none: Attributes = {};

/**
 * Adds nodes to a graph: infers types, broadcasts and promotes operands, and stamps provenance. `Builder` adds the
 * vocabulary.
 */
export class Construction {
  private readonly inference: Inference = {
    requireEqual: (left, right, what) => this.requireEqual(left, right, what),
  };

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
    const { group: parent, span = nowhere, derivation } = this.provenance;
    const group = this.graph.addGroup(parent ? { kind, label, span, parent } : { kind, label, span });
    return this.within(this.provenance.span ? { span, group, derivation } : { group, derivation }, make);
  }

  /** The general way in: operands are used as they are. Throws `OpError`. */
  apply(op: OpName, inputs: readonly Node[], attributes = none): Node {
    const type = definitionOf(op).infer(inputs, attributes, this.inference);
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

  // ---- functions of elements

  /** Any op with a scalar definition: `elementwise('exp', [x])`. Casts what the op does not take, such as an int. */
  elementwise(op: OpName, operands: readonly Node[], attributes = none): Node {
    const definition = definitionOf(op);
    const takes = definition.kind === 'elementwise' ? definition.takes : 'any';
    if (operands.length === 1) return this.apply(op, [this.taken(operands[0]!, takes)], attributes);
    const fit = takes === 'any' || (operands[0]!.dtype === 'float' && haveOneDType(operands));
    const taken = fit ? operands : operands.map(x => this.taken(x, takes));
    return this.apply(op, this.align(taken), attributes);
  }

  private taken(x: Node, takes: ElementwiseOp<object>['takes']): Node {
    if (takes === 'float') return this.toFloat(x);
    return takes === 'number' && x.dtype === 'bool' ? this.cast(x, 'int') : x;
  }

  // ---- conversions

  /** To int truncates towards zero; to bool is `!= 0`. The same dtype gives `x` itself. */
  cast(x: Node, dtype: DType): Node {
    return x.dtype === dtype ? x : this.apply('cast', [x], { dtype });
  }

  toFloat(x: Node): Node {
    return this.cast(x, 'float');
  }

  // ---- shapes

  reshape(x: Node, shape: Shape): Node {
    return equalShapes(x.shape, shape) ? x : this.apply('reshape', [x], { shape });
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
        if (!equalDims(own, dim)) {
          const what = `${printShape(x.shape)} does not broadcast to ${printShape(shape)}`;
          this.requireEqual(own, dim, what);
        }
        kept.push(own);
      }
    });
    return this.broadcast(this.reshape(x, kept), shape, axes);
  }

  // ---- operands

  /** Promotes to a common dtype and broadcasts to a common shape. Throws `OpError`. */
  align(operands: readonly Node[]): readonly Node[] {
    return this.broadcastTogether(this.promote(operands));
  }

  /** float wins over int wins over bool. */
  promote(operands: readonly Node[]): readonly Node[] {
    if (haveOneDType(operands)) return operands;
    const dtype = operands.some(x => x.dtype === 'float')
      ? 'float'
      : operands.some(x => x.dtype === 'int')
        ? 'int'
        : 'bool';
    return operands.map(x => this.cast(x, dtype));
  }

  broadcastTogether(operands: readonly Node[]): readonly Node[] {
    let { shape } = operands[0]!;
    if (areAlike(operands)) return operands;
    for (const operand of operands) {
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
  protected get deriving(): boolean {
    return this.provenance.derivation.kind !== 'source';
  }

  /** Whether `x op constant` has the shape and dtype of `x`. */
  protected absorbs(x: Node, constant: Node): boolean {
    return x.dtype === 'float' && (constant.shape.length === 0 || equalShapes(x.shape, constant.shape));
  }

  private requireEqual(left: Dim, right: Dim, what: string): void {
    const verdict = compareDims(left, right);
    if (verdict === 'different') {
      throw new OpError('shape-mismatch', `${what}: ${printDim(left)} and ${printDim(right)} must agree`);
    }
    if (verdict === 'open') {
      const { span } = this.provenance;
      this.graph.addConstraint({ left, right, message: what, ...(span ? { span } : {}) });
    }
  }
}

// Loops of their own, since every operation comes by here: a closure for each takes longer than what it looks at.

function haveOneDType(operands: readonly Node[]): boolean {
  const { dtype } = operands[0]!;
  for (let i = 1; i < operands.length; i++) if (operands[i]!.dtype !== dtype) return false;
  return true;
}

function areAlike(operands: readonly Node[]): boolean {
  const { shape } = operands[0]!;
  for (let i = 1; i < operands.length; i++) if (!equalShapes(operands[i]!.shape, shape)) return false;
  return true;
}
