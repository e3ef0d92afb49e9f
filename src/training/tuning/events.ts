import type { Settings } from '../../language/lower/settings';
import type { Evaluation } from '../trainer';

/** A search begins to train a setting. */
export interface TrialStarted {
  readonly kind: 'start';
  /** Counts the settings from 1. */
  readonly trial: number;
  readonly settings: Settings;
  /** With which share of the whole training: below 1 in the early rounds of halving. */
  readonly share: number;
}

/** One update was made: the unit in which a search can be stopped. */
export interface TuningStep {
  readonly kind: 'step';
  readonly trial: number;
  /** From 1; absent for the last training, with the best setting. */
  readonly fold?: number;
  /** Of the whole search, from 0 to 1. */
  readonly progress: number;
}

export interface TrialDone {
  readonly kind: 'trial';
  readonly trial: number;
  readonly settings: Settings;
  readonly share: number;
  /** What each fold's validation rows say, in order; for a model without rows, the loss after the last update. */
  readonly folds: readonly Evaluation[];
  /** Means over the folds; absent when the trial failed. */
  readonly score?: Evaluation;
  /** Why it failed: the setting does not fit the model, or training diverged. */
  readonly failure?: string;
}

/** No trial of this round had a lower loss. */
export interface Best {
  readonly kind: 'best';
  readonly trial: number;
  readonly settings: Settings;
  readonly score: Evaluation;
}

/** What the best setting, trained on all other rows, makes of the test rows. */
export interface TestResult {
  readonly kind: 'test';
  readonly trial: number;
  readonly settings: Settings;
  readonly trainingRows: number;
  readonly rows: number;
  readonly result: Evaluation;
}

export type TuningEvent = TrialStarted | TuningStep | TrialDone | Best | TestResult;
