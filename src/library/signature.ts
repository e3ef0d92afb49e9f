/**
 * What a built-in looks like from outside. The table itself is `signatures.ts`; lowering finds the
 * implementation by name, so that names, arity, hover and completion need none of it.
 */
export interface Signature {
  readonly name: string;
  readonly group: SignatureGroup;
  readonly parameters: readonly SignatureParameter[];
  /** One or two sentences of Markdown. */
  readonly doc: string;
  /** The defining formula, in the plain notation of the course: `y_i = exp(x_i) / sum_j exp(x_j)`. */
  readonly formula?: string;
}

export type SignatureGroup =
  | 'elementwise'
  | 'reduction'
  | 'shape'
  | 'linear algebra'
  | 'neural'
  | 'layer'
  | 'loss'
  | 'penalty'
  | 'metric'
  | 'classical'
  | 'initializer'
  | 'gradient'
  | 'data source'
  | 'preprocessing'
  | 'optimizer'
  | 'schedule'
  | 'search';

export interface SignatureParameter {
  readonly name: string;
  /** How the argument is read; `value` (a tensor expression) when absent. */
  readonly kind?: ParameterKind;
  /** The default as it is written in a file; a parameter without one is required. */
  readonly default?: string;
  /** Takes all remaining positional arguments. */
  readonly variadic?: boolean;
  /** The bare words that are allowed, such as `mean`, `sum`, `none`. */
  readonly choices?: readonly string[];
}

export type ParameterKind =
  /** A tensor expression. */
  | 'value'
  /** A whole number known before running. */
  | 'size'
  /** A number known before running. */
  | 'number'
  /** `true` or `false`. */
  | 'flag'
  /** A bracketed list of sizes: `[2, 3]`. */
  | 'shape'
  /** `none`, an axis or a list of axes. */
  | 'axes'
  /** A single axis. */
  | 'axis'
  /** One of `choices`. */
  | 'word'
  /** The name of a function, such as `tanh`. */
  | 'function'
  /** A string literal, a path. */
  | 'string'
  /** A list of strings. */
  | 'strings'
  /** An initializer call, a tensor, or nothing. */
  | 'initializer'
  /** A list of pairs `[[before, after], ...]`. */
  | 'pairs'
  /** A data source, such as `csv("test.csv")`. */
  | 'source'
  /** The name of a data table. */
  | 'table';
