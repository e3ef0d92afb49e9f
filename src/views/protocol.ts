import type { Span } from '../base/span';
import type { DisplayGraph, Explanation, GraphValues } from '../drawing/displayGraph';

/** Messages between the extension host and a webview. Types only; the host owns the truth. */

/** Whose values are on screen: the initial parameters of the seed, or a step of a run. */
export interface ShownState {
  /** `initial, seed 0`, `step 120 of run 14:02:11`. */
  readonly label: string;
  readonly runId?: string;
  readonly step?: number;
  /** `150 rows` or `32 of 1797 rows`. */
  readonly rows: string;
}

export type RunPhase = 'running' | 'paused' | 'finished' | 'stopped' | 'failed';

/** One run as the chart shows it. Arrays run in parallel. */
export interface RunSeries {
  readonly runId: string;
  readonly label: string;
  readonly phase: RunPhase;
  /** The last message of a run that failed. */
  readonly error?: string;
  readonly steps: readonly number[];
  /** Loss before the update, on the step's batch. */
  readonly losses: readonly number[];
  readonly epochs: readonly EpochPoint[];
  /** Steps whose parameters are kept and can be shown. */
  readonly kept: readonly number[];
  readonly totalSteps: number;
  readonly learningRate: number;
  readonly seconds: number;
}

export interface EpochPoint {
  /** Updates made when the epoch ended. */
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly validationLoss?: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly validationMetrics?: Readonly<Record<string, number>>;
}

/** Everything a webview needs to draw itself from nothing. */
export interface Snapshot {
  /** Name of the model file; absent when none is open. */
  readonly file?: string;
  readonly uri?: string;
  /** Version of the text that ids and spans belong to. */
  readonly version: number;
  /** Why there is nothing to draw: no file, errors, data not trusted. One sentence. */
  readonly empty?: string;
  readonly graph?: DisplayGraph;
  readonly values?: GraphValues;
  readonly state?: ShownState;
  readonly selected?: number;
  readonly explanation?: Explanation;
  readonly objective?: string;
  readonly runs: readonly RunSeries[];
  /** The run that the controls act on. */
  readonly activeRun?: string;
}

export type ToWebview =
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | {
      readonly kind: 'values';
      readonly version: number;
      readonly state: ShownState;
      readonly values: GraphValues;
    }
  | { readonly kind: 'select'; readonly version: number; readonly node: number | null }
  | { readonly kind: 'explanation'; readonly version: number; readonly explanation: Explanation }
  /** New points of a run; `from` is the number of points the receiver must already have, else it asks again. */
  | {
      readonly kind: 'progress';
      readonly runId: string;
      readonly from: number;
      readonly steps: readonly number[];
      readonly losses: readonly number[];
      readonly epochs: readonly EpochPoint[];
      readonly kept: readonly number[];
      readonly phase: RunPhase;
      readonly learningRate: number;
      readonly seconds: number;
    };

export type FromWebview =
  /** Sent once after loading and whenever the webview finds that it has missed something. */
  | { readonly kind: 'ready' }
  /** A node was chosen in the picture: select its line and explain its gradient; `null` clears. */
  | { readonly kind: 'select'; readonly version: number; readonly node: number | null }
  | { readonly kind: 'reveal'; readonly version: number; readonly span: Span }
  | { readonly kind: 'control'; readonly action: ControlAction }
  | { readonly kind: 'learningRate'; readonly runId: string; readonly value: number }
  /** Show the parameters of a kept step everywhere. */
  | { readonly kind: 'show'; readonly runId: string; readonly step: number }
  | { readonly kind: 'copy'; readonly text: string };

export type ControlAction = 'train' | 'pause' | 'step' | 'epoch' | 'stop' | 'reset' | 'run' | 'openGraph';

/** What a webview keeps for itself through `setState`, so that hiding, moving and reloading lose nothing. */
export interface WebviewState {
  readonly uri?: string;
  /** Labels of opened groups, as paths, so that they survive an edit. */
  readonly opened: readonly string[];
  readonly zoom?: number;
  readonly pan?: { readonly x: number; readonly y: number };
  readonly logarithmic: boolean;
  readonly hiddenRuns: readonly string[];
}
