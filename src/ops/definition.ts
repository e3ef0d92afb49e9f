import type { Dim } from '../graph/dimension';
import type { Node } from '../graph/node';
import type { DType, Shape } from '../graph/types';
import type { Builder } from './builder';

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Shapes or types that an op cannot take. The caller, who knows the source text, turns it into a diagnostic. */
export class OpError extends Error {
  constructor(
    readonly code: 'shape-mismatch' | 'shape-unknown' | 'rank' | 'index' | 'dtype' | 'argument-value',
    message: string,
  ) {
    super(message);
    this.name = 'OpError';
  }
}

/** What `infer` may ask for: that two sizes agree, checked now or as soon as the sizes are known. */
export interface Inference {
  /** Throws `OpError` when they differ for certain. */
  requireEqual(left: Dim, right: Dim, what: string): void;
}

interface Base<A extends object> {
  /** Result type from the operands' types. Throws `OpError`. */
  infer(inputs: readonly TensorType[], attributes: A, inference: Inference): TensorType;
  /** How the op is drawn and printed where its name is not the usual sign, such as `+`; see `signOf`. */
  sign?(attributes: A): string;
}

/**
 * A derivative at every position. A number holds everywhere; a bool node is a mask, 1 where it is true; `where`
 * chooses between two. Masks choose the cotangent or zero instead of multiplying it by 0, as PyTorch does: infinity
 * times zero would be NaN. `null` is zero.
 */
export type Slope =
  | Node
  | number
  | null
  | { readonly where: Node; readonly value: Slope; readonly otherwise: Slope };

/** One derivative; a function when it adds nodes to the graph and another operand's may be all that is asked for. */
export type Partial = Slope | (() => Slope);

/** Names for the printed rule; `g` is the upstream gradient. */
export interface RuleNames {
  readonly operands: readonly string[];
  readonly output: string;
}

/** No operands: inputs, parameters, constants. */
export interface LeafOp<A extends object> extends Base<A> {
  readonly kind: 'leaf';
}

/**
 * The same scalar function at every position. Operands have the result's shape (the builder broadcasts).
 * Both derivative modes and the printed formula follow from `partials`.
 */
export interface ElementwiseOp<A extends object> extends Base<A> {
  readonly kind: 'elementwise';
  /** What the builder casts operands to: `float`, or a `number` (bool becomes int), or `any` dtype as it is. */
  readonly takes: 'float' | 'number' | 'any';
  /**
   * The scalar function as a JavaScript expression of its operands, which are names or literals. It may call the
   * functions of `scalar.ts` by name. Bools are 0 and 1, operands and results alike.
   */
  scalar(operands: readonly string[], attributes: A): string;
  /** d(output)/d(operand), one an operand. */
  partials(inputs: readonly Node[], output: Node, b: Builder, attributes: A): readonly Partial[];
}

/** Linear in all its float operands together; int and bool operands are positions or masks. */
export interface LinearOp<A extends object> extends Base<A> {
  readonly kind: 'linear';
  /** The cotangent of operand `index` for the output's cotangent. */
  transpose(cotangent: Node, inputs: readonly Node[], index: number, b: Builder, attributes: A): Node;
  /** The operand's gradient in words: `g summed over axis 0`. */
  rule(index: number, names: RuleNames, attributes: A): string;
}

/** Linear in each float operand alone, such as a product. */
export interface MultilinearOp<A extends object> extends Base<A> {
  readonly kind: 'multilinear';
  adjoint(cotangent: Node, inputs: readonly Node[], index: number, b: Builder, attributes: A): Node;
  rule(index: number, names: RuleNames, attributes: A): string;
}

/** Differentiable in its own way: both modes are written out. */
export interface CustomOp<A extends object> extends Base<A> {
  readonly kind: 'custom';
  /** Cotangents of the operands; `null` for zero. `wanted[i]` is false where nobody asks. */
  vjp(
    cotangent: Node,
    inputs: readonly Node[],
    output: Node,
    b: Builder,
    attributes: A,
    wanted: readonly boolean[],
  ): readonly (Node | null)[];
  /** Tangent of the output; a `null` tangent is zero. */
  jvp(
    tangents: readonly (Node | null)[],
    inputs: readonly Node[],
    output: Node,
    b: Builder,
    attributes: A,
  ): Node | null;
  rule(index: number, names: RuleNames, attributes: A): string;
}

/** Piecewise constant or not a float: its derivative is zero or does not exist. */
export interface ConstantOp<A extends object> extends Base<A> {
  readonly kind: 'nondifferentiable';
  /** Present when the op is a scalar function at every position, such as a comparison; as in `ElementwiseOp`. */
  scalar?(operands: readonly string[], attributes: A): string;
}

export type OpDefinition<A extends object = object> =
  | LeafOp<A>
  | ElementwiseOp<A>
  | LinearOp<A>
  | MultilinearOp<A>
  | CustomOp<A>
  | ConstantOp<A>;
