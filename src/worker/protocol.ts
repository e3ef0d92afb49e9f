import type {
  DisplayGraph,
  Explanation,
  GraphValues,
  NodeValues,
  TensorSummary,
} from '../drawing/displayGraph';
import type { TrialNews } from '../drawing/trials';
import type { Diagnostic } from '../language/diagnostic';
import type { Span } from '../language/source';
import type { ExecutorRequest } from '../training/executor';

/** Messages between the extension host and the engine's worker: types only. */

/** One version of one model file. */
export interface DocumentText {
  /** Identifies the document between both sides. */
  readonly uri: string;
  readonly version: number;
  /** Path on disk for messages and relative data paths; an untitled file has the workspace folder's. */
  readonly path: string;
  readonly text: string;
  /** Data files are read only in a trusted workspace. */
  readonly trusted: boolean;
  /** Bytes a plan may take; half of the machine's when absent. */
  readonly memoryLimit?: number;
}

/** A request names the document's version it is about; an answer to an old version is dropped by the caller. */
export type Request =
  /** Lower and check; `values` also runs the model once on the peek batch. Replaces what is known of the document. */
  | { readonly kind: 'analyze'; readonly document: DocumentText; readonly values: boolean }
  | { readonly kind: 'close'; readonly uri: string }
  /** What there is to say of one node, more than an analysis says of all; `values` also runs the model. */
  | {
      readonly kind: 'inspect';
      readonly uri: string;
      readonly version: number;
      readonly node: number;
      readonly values: boolean;
    }
  /** What is drawn of the document; asked for while somebody looks. */
  | { readonly kind: 'picture'; readonly uri: string; readonly version: number }
  /** Values of everything in the picture, contributions included. */
  | { readonly kind: 'values'; readonly uri: string; readonly version: number }
  | { readonly kind: 'explain'; readonly uri: string; readonly version: number; readonly node: number }
  /** Asks for the derivatives of another node; `null` goes back to the file's own objective. */
  | {
      readonly kind: 'objective';
      readonly uri: string;
      readonly version: number;
      readonly node: number | null;
    }
  | { readonly kind: 'gradcheck'; readonly uri: string; readonly version: number }
  /** Settles when the run has ended, however it ended. */
  | { readonly kind: 'train'; readonly uri: string; readonly version: number; readonly run: RunRequest }
  /** Tries the settings of the `tune` block; settles when the search has ended. */
  | {
      readonly kind: 'tune';
      readonly uri: string;
      readonly version: number;
      readonly tuneId: string;
      /** Absent: chosen by the work of a step. */
      readonly executor?: ExecutorRequest;
    }
  | { readonly kind: 'steer'; readonly runId: string; readonly action: Steering }
  /** Chooses whose values are shown. */
  | { readonly kind: 'show'; readonly uri: string; readonly state: StateChoice };

export interface RunRequest {
  readonly runId: string;
  /** The run's own folder, `.nabla/runs/<runId>` beside the model; absent when nothing may be written (untitled file). */
  readonly folder?: string;
  /** Start paused, so that the first step is taken by hand. */
  readonly paused: boolean;
  /** A run taken up again from its last checkpoint, which is in its folder. */
  readonly from?: { readonly runId: string; readonly folder: string };
  /** Absent: chosen by the work of a step. */
  readonly executor?: ExecutorRequest;
}

export type Steering =
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'step' }
  | { readonly kind: 'epoch' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'learningRate'; readonly value: number };

export type StateChoice =
  | { readonly kind: 'initial' }
  | { readonly kind: 'run'; readonly runId: string /** absent: the latest */; readonly step?: number };

/** The answer to each kind of request. */
export interface Responses {
  analyze: Analysis;
  close: null;
  inspect: Inspection;
  picture: DisplayGraph;
  /** Null when the state shown takes another path through the file's conditions: its picture is another analysis. */
  values: Shown<GraphValues> | null;
  explain: Explanation;
  objective: null;
  gradcheck: GradcheckReport;
  train: RunOutcome;
  tune: null;
  steer: null;
  show: null;
}

/** A result with the state it was computed under. */
export interface Shown<T> {
  readonly state: StateInfo;
  readonly result: T;
}

/** Whose values: see `experience`: one state for everything on screen. */
export interface StateInfo {
  readonly seed: number;
  readonly runId?: string;
  readonly step?: number;
  readonly rows: number;
  readonly totalRows: number;
}

/** What the checker and one evaluation know of a document. */
export interface Analysis {
  readonly version: number;
  readonly diagnostics: readonly Diagnostic[];
  /** What more to say when the text alone has no errors, which would explain it. */
  readonly unexplained?: readonly Diagnostic[];
  readonly names: readonly NameInfo[];
  /** The objective's name or text; absent without one. */
  readonly objective?: string;
  readonly objectiveNode?: number;
  readonly state: StateInfo;
  readonly checks: readonly CheckResult[];
  readonly training: readonly TrainingInfo[];
  /** Branches that the values shown do not take, or not every time they come there. */
  readonly untaken?: readonly UntakenBranch[];
  /** The `tune` block, where there is one without mistakes. */
  readonly tuning?: TuningInfo;
  /** Whether values could be computed: not before the data is trusted, nor with an input that nothing feeds. */
  readonly evaluated: boolean;
  /** Why not, in one sentence. */
  readonly reason?: string;
  /** Whether values decide which nodes there are, so that another state may have another picture. */
  readonly conditional?: boolean;
  /** Milliseconds spent lowering and evaluating, for the log. */
  readonly milliseconds: { readonly lower: number; readonly evaluate: number };
}

/** A named value of the file, or a parameter that a layer owns, in source order. */
export interface NameInfo {
  readonly node: number;
  readonly name: string;
  /** 1, 2, ... for earlier versions of a rebound name; absent for the last. */
  readonly version?: number;
  readonly kind: 'data' | 'input' | 'param' | 'node';
  /** Of the name where it is bound. */
  readonly span: Span;
  readonly line: number;
  readonly dtype: 'float' | 'int' | 'bool';
  /** `[N, 4]` */
  readonly shape: string;
  /** Sizes where they are known now. */
  readonly sizes?: readonly number[];
  readonly op: string;
  readonly doc?: string;
  /** Value and gradient under the shown state, when evaluated. Small: a summary without its picture. */
  readonly value?: TensorSummary;
  readonly gradient?: TensorSummary;
  readonly reached: boolean;
  /** For data: column names with types and classes. */
  readonly columns?: readonly string[];
}

export interface Inspection {
  /** How the objective's gradient passes through its operation: `∂h/∂z = 1 - h²`, one an operand. */
  readonly local: readonly string[];
  /** With pictures; absent where values cannot be computed. */
  readonly shown?: Shown<NodeValues>;
}

export interface UntakenBranch {
  /** Where it is written, its keyword included. */
  readonly span: Span;
  /** `not taken for these values: w > 1 is false` */
  readonly message: string;
}

export interface CheckResult {
  readonly line: number;
  readonly span: Span;
  readonly pass: boolean;
  readonly deviation: number;
  readonly message: string;
}

export interface TrainingInfo {
  readonly line: number;
  readonly span: Span;
  readonly steps: number;
  readonly summary: string;
}

export interface TuningInfo {
  readonly span: Span;
  /** `20 trials of 5 folds, halving` */
  readonly summary: string;
}

export interface GradcheckReport {
  readonly objective: string;
  readonly rows: readonly GradcheckRow[];
  readonly pass: boolean;
}

export interface GradcheckRow {
  readonly name: string;
  readonly node: number;
  readonly line?: number;
  readonly entries: number;
  readonly deviation: number;
  readonly kinks: number;
  readonly pass: boolean;
  /** The worst entry in words: `W[2, 0]: automatic 0.123, numeric 0.124`. */
  readonly worst: string;
}

export interface RunOutcome {
  readonly runId: string;
  readonly phase: 'finished' | 'stopped' | 'failed';
  readonly steps: number;
  /** Over all training rows after the last update. */
  readonly loss?: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly validationLoss?: number;
  readonly validationMetrics?: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** For a failed run: what happened, at which step, which node first. */
  readonly error?: Diagnostic;
  /** The run's folder, when one was written. */
  readonly folder?: string;
}

/** Sent without being asked. */
export type Event =
  | {
      readonly kind: 'progress';
      readonly runId: string;
      /** Counts the events of a run from 1, so that a lost or late one is seen. */
      readonly sequence: number;
      readonly phase: 'running' | 'paused';
      /** What runs the steps, by name. */
      readonly executor: string;
      readonly step: number;
      readonly totalSteps: number;
      readonly epoch: number;
      readonly learningRate: number;
      readonly seconds: number;
      /** Since the last event: every step's number and loss. */
      readonly steps: readonly number[];
      readonly losses: readonly number[];
      readonly epochs: readonly EpochResult[];
      readonly kept: readonly number[];
    }
  | {
      readonly kind: 'tuning';
      readonly tuneId: string;
      /** Of the whole search, from 0 to 1. */
      readonly progress: number;
      readonly news: readonly TrialNews[];
    }
  /** A check of gradients under way, and its share that is done. */
  | { readonly kind: 'gradcheck'; readonly uri: string; readonly progress: number }
  | { readonly kind: 'log'; readonly level: 'info' | 'warning' | 'error'; readonly message: string };

export interface EpochResult {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly validationLoss?: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly validationMetrics?: Readonly<Record<string, number>>;
}

/** On the wire. `cancel` is a flag in shared memory that long work reads between steps. */
export type ToWorker = { readonly id: number; readonly request: Request; readonly cancel: SharedArrayBuffer };

export type FromWorker =
  | { readonly id: number; readonly ok: true; readonly result: Responses[Request['kind']] }
  | { readonly id: number; readonly ok: false; readonly error: Failure }
  | { readonly event: Event };

export interface Failure {
  readonly message: string;
  readonly cancelled: boolean;
  /** A finding about the model rather than a fault of the engine. */
  readonly diagnostic?: Diagnostic;
  readonly stack?: string;
}
