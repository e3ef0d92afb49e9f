export interface StepResult {
  readonly kind: 'step';
  /** Updates made, from 1. */
  readonly step: number;
  readonly epoch: number;
  /** Before the update, on the step's batch. */
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** What the method has to say about this step. */
  readonly warning?: string;
}

/** The place within a long step at which it gives way; nothing has changed yet. */
export interface StepPart {
  readonly kind: 'part';
  /** How much of the step is done, from 0 to 1. */
  readonly share: number;
}

export interface EpochResult {
  readonly kind: 'epoch';
  readonly step: number;
  readonly epoch: number;
  /** Means over the epoch's steps, weighted by rows. */
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** On the validation rows after the epoch; absent without such rows. */
  readonly validationLoss?: number;
  readonly validationMetrics?: Readonly<Record<string, number>>;
  /** Of the epoch's last step. */
  readonly learningRate: number;
}
