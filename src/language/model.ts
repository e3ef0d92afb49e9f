import type { Span } from '../base/span';
import type { SourceSpec } from '../data/source';
import type { Split } from '../data/split';
import type { Schema } from '../data/table';
import type { Node } from '../graph/node';
import type { DType, Shape, Sizes } from '../graph/types';
import type { Initializer } from '../library/initializers';
import type { Optimizer, OptimizerSetting } from '../library/optimizers';
import type { Builder } from '../ops/builder';
import type { Diagnostic } from './diagnostic';
import type { Branch } from './lower/branches';
import type { PathCondition } from './lower/conditions';
import type { Tuning } from './lower/tune';

/** What layers do that differ in training: `auto` follows it. */
export type Mode = 'train' | 'eval';

/** A checked model file: its graph, and what the file says about names, data and training. */
export interface Model {
  readonly builder: Builder;
  /** Named values in source order. */
  readonly names: readonly NamedValue[];
  readonly tables: readonly ModelTable[];
  readonly inputs: readonly ModelInput[];
  readonly parameters: readonly ModelParameter[];
  readonly buffers: readonly ModelBuffer[];
  readonly mode: Mode;
  /** Whether some layer behaves by the mode. */
  readonly modal: boolean;
  /** The model as validation, test and exports run it, with the same paths: itself unless it is modal. */
  inEvaluation(): Model;
  readonly checks: readonly ModelCheck[];
  /** In source order; a file without a `train` block trains its objective with the defaults. */
  readonly trainings: readonly Training[];
  /** The `tune` block. */
  readonly tuning?: Tuning;
  readonly objective?: Objective;
  /** Sizes of the symbols that data has settled; the batch symbol is not among them. */
  readonly sizes: Sizes;
  readonly batch?: Batch;
  /** Conditions on values along the path that was lowered; another outcome of one asks for another path. */
  readonly conditions: readonly PathCondition[];
  /** The ways that they lead, those that are not taken in outline. */
  readonly branches: readonly Branch[];
  /** The same file lowered along other outcomes of its conditions. */
  along(path: readonly boolean[]): Model;
  readonly diagnostics: readonly Diagnostic[];
  /** What to say of statements that were given up because of a mistake that should have been reported elsewhere. */
  readonly skipped: readonly Diagnostic[];
}

export interface NamedValue {
  readonly name: string;
  /** 1, 2, ... for earlier versions of a rebound name; absent for the last. */
  readonly version?: number;
  readonly kind: 'input' | 'param' | 'node';
  readonly node: Node;
  readonly span: Span;
  readonly statement: Span;
  readonly doc?: string;
}

export interface ModelTable {
  readonly name: string;
  readonly span: Span;
  readonly spec: SourceSpec;
  readonly schema: Schema;
  readonly doc?: string;
}

/** A placeholder. With `value`, a node over data and constants, it is fed row by row. */
export interface ModelInput {
  readonly name: string;
  readonly node: Node;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly value?: Node;
  /** Whether the first axis is the batch symbol, so that minibatches cut it. */
  readonly batched: boolean;
  readonly span: Span;
}

export interface ModelParameter {
  /** Unique, such as `W` or `h.W`. */
  readonly path: string;
  readonly node: Node;
  readonly sizes: readonly number[];
  readonly initial:
    | { readonly kind: 'drawn'; readonly initializer: Initializer }
    | { readonly kind: 'value'; readonly node: Node };
  readonly span: Span;
}

/** A tensor that is saved with the parameters and not trained, such as a running mean. */
export interface ModelBuffer {
  /** Unique among parameters and buffers: `h.running_mean`. */
  readonly path: string;
  readonly node: Node;
  readonly sizes: readonly number[];
  readonly span: Span;
  /** What every entry starts from. */
  readonly initial: number;
  /** What it becomes after a training step whose loss depends on `from`; absent in evaluation. */
  readonly update?: { readonly value: Node; readonly from: Node };
}

/** All tensors that are saved and restored. */
export function savedTensors(model: Model): readonly (ModelParameter | ModelBuffer)[] {
  return [...model.parameters, ...model.buffers];
}

export interface ModelCheck {
  readonly left: Node;
  readonly right: Node;
  readonly tolerance: number;
  readonly span: Span;
}

export interface Objective {
  readonly node: Node;
  /** The name, or the expression as it is written. */
  readonly text: string;
}

/** The batch symbol and the number of rows behind it. */
export interface Batch {
  readonly symbol: string;
  readonly rows: number;
  /** Rows at the end that the source brought as test rows. */
  readonly testRows: number;
}

/** One `train` block with every key settled. */
export interface Training {
  readonly span: Span;
  readonly objective: Objective;
  readonly optimizer: {
    readonly name: string;
    readonly settings: Readonly<Record<string, OptimizerSetting>>;
    /** A built-in one, or one that the file defines. */
    readonly definition: Optimizer;
  };
  readonly batch: number | 'full';
  readonly epochs?: number;
  readonly steps?: number;
  readonly split: number | readonly number[];
  /** The rows of each part, in place of the cut that `split` and the seed make. */
  readonly cut?: Split;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly dropLast: boolean;
  readonly clipNorm?: number;
  readonly clipValue?: number;
  readonly metrics: readonly { readonly key: string; readonly node: Node }[];
  /** Those that train; the rest stay fixed. */
  readonly parameters: readonly ModelParameter[];
  readonly precision: 32 | 64;
  readonly schedule?: Schedule;
  /** Epochs without a better validation loss after which training stops. */
  readonly earlyStop?: number;
  /** Epochs between two checkpoints. */
  readonly checkpoint?: number;
}

/** What the learning rate is multiplied by: a scalar that depends on constants and on `k`, the updates made so far. */
export interface Schedule {
  readonly factor: Node;
  readonly k: Node;
}
