import type { Dim } from '../graph/dimension';
import type { Node } from '../graph/node';
import type { DType, Shape } from '../graph/types';
import type { Builder } from '../ops/builder';
import type { Initializer } from './initializers';

/** What may be wrong with a call; a subset of the diagnostics' codes. */
export type CallProblem =
  | 'argument'
  | 'argument-value'
  | 'shape-mismatch'
  | 'shape-broadcast'
  | 'shape-unknown'
  | 'rank'
  | 'index'
  | 'dtype'
  | 'data-value';

/**
 * One call of a built-in, with its arguments bound to the names of its signature. What lowering hands to the
 * library; implementations know nothing of the syntax. Every reader throws a diagnostic that points at the argument.
 */
export interface Call {
  readonly b: Builder;
  /** The function's name as called. */
  readonly name: string;

  /** A tensor argument. */
  node(parameter: string): Node;
  /** A tensor argument that may be absent or `none`. */
  optionalNode(parameter: string): Node | undefined;
  /** All tensors of a variadic argument. */
  nodes(parameter: string): readonly Node[];
  /** Whether the argument was written. */
  given(parameter: string): boolean;
  /** A number known before running. */
  number(parameter: string): number;
  /** As `number`, undefined when the argument is absent or `none`. */
  optionalNumber(parameter: string): number | undefined;
  /** A size, perhaps symbolic. */
  size(parameter: string): Dim;
  flag(parameter: string): boolean;
  word(parameter: string): string;
  /** Axes from 0 for a tensor of this rank, sorted; undefined for `none`. */
  axes(parameter: string, rank: number): readonly number[] | undefined;
  /** One axis from 0 for a tensor of this rank. */
  axis(parameter: string, rank: number): number;
  /** Sizes; one of them may be -1, as `null`. */
  shape(parameter: string): readonly (Dim | null)[];
  /** Whole numbers from `least` known before running, one an axis; a single one stands for all. */
  wholes(parameter: string, count: number, least: number): readonly number[];
  /** Pairs of sizes. */
  pairs(parameter: string): readonly (readonly [Dim, Dim])[];
  /** Applies the function named by the argument; the identity when it is `none`. */
  applyFunction(parameter: string, x: Node): Node;

  /** All parameters declared so far in the file, for penalties without an argument. */
  allParameters(): readonly Node[];
  /**
   * A trainable tensor owned by this call of a layer. An argument of the same name replaces it: a tensor is used as it
   * is, an initializer only starts it.
   */
  parameter(name: string, shape: Shape, initial: Initializer): Node;

  /** A tensor kept beside the parameters and not trained. `update` says what it becomes after a training step. */
  buffer(name: string, shape: Shape, initial: number, update: BufferUpdate | undefined): Node;
  /** Whether to behave as in training: the argument `training`, and the model's mode where that is `auto`. */
  training(): boolean;
  /** Truth values, true with probability 1 - p, drawn anew at every step. */
  mask(p: number, shape: Shape): Node;
  /** Something the call gives besides its value, read as `h.NAME`. */
  output(name: string, node: Node): void;

  warn(code: CallProblem, message: string, parameter?: string): void;
  /** Throws. */
  fail(code: CallProblem, message: string, parameter?: string): never;
  /** `x is [N, 4] (line 3)`, for messages. */
  describe(parameter: string): string;
}

/** From what a buffer is to what a step makes of it, where the step's loss depends on `from`. */
export type BufferUpdate = (present: Node) => { readonly value: Node; readonly from: Node };

/** How a built-in makes its value. */
export type Implementation = (call: Call) => Node;

/** A constant of a dtype and shape. */
export function filled(call: Call, value: number, shape: Shape, dtype: DType = 'float'): Node {
  return call.b.broadcastTo(call.b.constant(value, dtype), shape);
}
