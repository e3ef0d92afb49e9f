import type { DType } from '../../graph/types';
import type { Value } from '../value';
import type { WholeContext } from './whole';

/** How one op becomes JavaScript. */
export type Emitter =
  /** A leaf that is fed before each run. */
  | { readonly kind: 'fed' }
  | { readonly kind: 'constant' }
  /** The same expression at every position; folded into whoever reads it where that pays. */
  | {
      readonly kind: 'scalar';
      /** Axes whose coordinates follow the operands as extra arguments. */
      coordinates?(value: Value): readonly number[];
      /** `fail` gives an expression that stops the run; its message is a JavaScript expression too. */
      expression(value: Value, operands: readonly string[], fail: (message: string) => string): string;
      /** About as cheap as a load: computing it twice costs no more than keeping it. */
      readonly cheap: boolean;
    }
  /** Rewrites the index of whoever reads it. */
  | { readonly kind: 'view' }
  /** Combines all elements along some axes. */
  | { readonly kind: 'reduction'; readonly reduction: Reduction; axes(value: Value): readonly number[] }
  /** Sums products over shared labels. */
  | { readonly kind: 'contraction' }
  /** Reads and writes whole buffers, in statements of its own. */
  | { readonly kind: 'whole'; emit(value: Value, context: WholeContext): string };

/** An accumulator in a local variable. */
export interface Reduction {
  initial(value: Value): string;
  /** The statement that takes in `x`, an expression. Ints wrap, as they do when stored. */
  take(accumulator: string, x: string, dtype: DType): string;
  finish?(accumulator: string): string;
}
