import type { StoredTensor } from '../interop/safetensors';

/** What is measured on some rows. */
export interface Evaluation {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** When a step is made. */
export interface Moment {
  /** The number of the step, from 1. */
  readonly step: number;
  /** The schedule has been applied. */
  readonly learningRate: number;
}

/** Tensors by name, as a checkpoint keeps them. */
export type StoredState = ReadonlyMap<string, StoredTensor>;

/**
 * A way of making one update: an optimiser as a graph, or a procedure over programs for the loss, its gradient and its
 * Hessian. The trainer decides when and on which rows.
 */
export interface StepMethod {
  /**
   * Changes the parameters once, unless the loss is not finite; loss and metrics are those before, on the same rows.
   * A step that takes long comes in parts: it gives way with the share that is done, from 0 to 1, changes nothing before
   * its end, and may be left at any of these places.
   */
  step(rows: Int32Array, moment: Moment): Evaluation | Generator<number, Evaluation>;
  /** Copies of what the next step depends on beside the parameters. */
  state(): StoredState;
  /** Puts such a state back. Throws `CheckpointMismatch` where it does not fit. */
  restore(state: StoredState): void;
  /** What the last step has to say, once, in one sentence. */
  warning?(): string | undefined;
}
