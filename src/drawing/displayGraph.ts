import type { Span } from '../base/span';

/**
 * The picture of a model's graph before layout: what is drawn, not how. Ids are those of the engine's nodes and
 * groups for one version of the text. Values come apart, since they change while the picture stays.
 */
export interface DisplayGraph {
  readonly nodes: readonly DisplayNode[];
  readonly edges: readonly DisplayEdge[];
  readonly groups: readonly DisplayGroup[];
  /** The node whose derivative all gradients are; absent when the file has no objective. */
  readonly objective?: number;
}

export type DisplayRole = 'input' | 'parameter' | 'data' | 'constant' | 'operation' | 'gradient';

export interface DisplayNode {
  readonly id: number;
  readonly role: DisplayRole;
  /** The name bound in the file, such as `h`, or a parameter's path; absent for unnamed nodes. */
  readonly name?: string;
  /** The op's sign or name, such as `+` or `tanh`. */
  readonly op: string;
  /** As people write it: `[N, 4]`. */
  readonly shape: string;
  readonly dtype: 'float' | 'int' | 'bool';
  readonly span?: Span;
  /** Counted from 1. */
  readonly line?: number;
  /** The innermost group it is drawn in. */
  readonly group?: number;
  /** Of a branch that is not taken: drawn in outline and without values. */
  readonly outline?: true;
}

/** A value flowing from one node into an operand of another. */
export interface DisplayEdge {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  /** Position among the operands of `to`. */
  readonly operand: number;
}

/** A call, layer or loop turn; drawn as one node until it is opened. */
export interface DisplayGroup {
  readonly id: number;
  readonly parent?: number;
  readonly label: string;
  readonly kind: 'call' | 'layer' | 'turn' | 'branch';
  readonly line?: number;
  readonly span?: Span;
  /** The node whose value the closed group shows. */
  readonly result: number;
  /** For a branch that is not taken: what it would make, and why it does not. */
  readonly outline?: BranchOutline;
}

export interface BranchOutline {
  /** Names that the branch binds, as in `h, loss`. */
  readonly names: string;
  /** `not taken for these values: w > 1 is false` */
  readonly reason: string;
}

/** What is shown of one tensor without moving all of it. */
export interface TensorSummary {
  readonly dtype: 'float' | 'int' | 'bool';
  readonly shape: readonly number[];
  /** All elements, row-major, when there are at most `summaryElements`. */
  readonly elements?: readonly number[];
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
  /** Euclidean norm over all elements. */
  readonly norm: number;
  /** Share of elements that are exactly 0, between 0 and 1. */
  readonly zeros: number;
  readonly nans: number;
  readonly infinities: number;
  /** The tensor as a small picture, for tensors with more than one element. */
  readonly picture?: TensorPicture;
}

/** At most this many elements travel in a summary. */
export const summaryElements = 64;

/** A matrix view of a tensor, thinned to at most 32 x 32 by averaging; NaN stays NaN. */
export interface TensorPicture {
  readonly rows: number;
  readonly columns: number;
  readonly values: readonly number[];
}

export interface NodeValues {
  readonly id: number;
  readonly value: TensorSummary;
  /** Derivative of the objective; absent for int and bool nodes and without an objective. */
  readonly gradient?: TensorSummary;
  /** False when the objective does not depend on the node, so that its gradient is zero. */
  readonly reached: boolean;
}

/** The gradient that flows back along one edge. */
export interface EdgeContribution {
  readonly id: string;
  readonly norm: number;
  /** Sum of the elements, whose sign colours the edge. */
  readonly total: number;
}

export interface GraphValues {
  readonly nodes: readonly NodeValues[];
  readonly edges: readonly EdgeContribution[];
}

/** How the gradient of one node comes about. */
export interface Explanation {
  readonly node: number;
  readonly name: string;
  /** How the node is computed: `h = tanh(z)`. */
  readonly formula: string;
  readonly value: TensorSummary;
  readonly gradient?: TensorSummary;
  readonly reached: boolean;
  /** The symbol of the gradient: `∂loss/∂h`. */
  readonly symbol: string;
  /** One entry a use, in the order of the graph; their sum is the gradient. Empty for the objective itself. */
  readonly uses: readonly ExplainedUse[];
  /** Said when the gradient sits on a kink or is zero for a reason worth a sentence. */
  readonly notes: readonly string[];
}

export interface ExplainedUse {
  /** The node that uses it. */
  readonly consumer: number;
  readonly consumerName: string;
  readonly line?: number;
  /** `add distributes`, `multiply switches`, `max routes`, ...; absent when no name is usual. */
  readonly pattern?: string;
  /** The local derivative in symbols: `1 - h²`. */
  readonly local: string;
  /** The local derivative in numbers, where it has one number an element. */
  readonly localValue?: TensorSummary;
  /** The symbol of the upstream gradient: `∂loss/∂y`. */
  readonly upstream: string;
  readonly upstreamValue: TensorSummary;
  readonly contribution: TensorSummary;
}
