import type { Table } from '../data/table';
import type { Evaluate } from '../graph/evaluate';
import { ModelError } from '../language/diagnostic';
import type { Model, Training } from '../language/model';
import { type Checkpoint, CheckpointMismatch } from './checkpoint';
import { Dataset } from './dataset';
import { type Executor, type ExecutorRequest, executorName } from './executor';
import type { Feeds } from './feeds';
import { type Fingerprint, fingerprint } from './fingerprint';
import { initialParameters, type ParameterValues } from './initial';
import { plannedSteps } from './pace';
import { correctedPath, unsettled } from './paths';
import type { EpochResult, StepPart, StepResult } from './results';
import type { Evaluation } from './stepMethod';
import { Trainer } from './trainer';

export interface RunOptions {
  readonly evaluate: Evaluate;
  /** In place of the file's seed. */
  readonly seed?: number;
  /** In place of the file's blocks: some of their keys changed. */
  readonly trainings?: readonly Training[];
  /** In place of `epochs` and `steps` of every block. */
  readonly steps?: number;
  readonly feeds?: Feeds;
  /** Start from these instead of the seed's. */
  readonly parameters?: ParameterValues;
  /** What is to run the steps; chosen by their work unless told. */
  readonly executor?: ExecutorRequest;
  /** Go on where another run stood, which had this seed and these blocks. */
  readonly resume?: Checkpoint;
}

export type RunEvent = StepResult | EpochResult;

interface Block {
  readonly training: Training;
  readonly dataset: Dataset;
}

/** Trainers of other paths that are kept for the steps that take these paths again. */
const PATHS_KEPT = 64;

/** Corrections of one step's path; a loop of n turns takes about log n. */
const MOST_ATTEMPTS = 1_000;

/**
 * The `train` blocks of a file in order, each going on from where the one before it ended. The caller takes one event
 * at a time, so it decides the pace and may stop between any two. Steps and epochs count through all blocks.
 */
export class Run {
  readonly totalSteps: number;
  private readonly blocks: readonly Block[];
  private block = 0;
  private trainer: Trainer;
  /** For a model with conditions on values: trainers of the present block by path, the latest last. */
  private readonly byPath = new Map<string, Trainer>();
  private stepsBefore = 0;
  private epochsBefore = 0;
  private epochs = 0;
  private pendingEpoch = false;
  private executorTold = false;

  /**
   * Throws what `Dataset.build` throws, `SizeError` or `MemoryError` when the first step cannot be compiled, and
   * `CheckpointMismatch` when there is one to go on from that does not fit.
   */
  constructor(
    private readonly model: Model,
    private readonly tables: ReadonlyMap<string, Table>,
    private readonly options: RunOptions,
  ) {
    const { evaluate, feeds, resume } = options;
    const seed = resume ? resume.run.seed : options.seed;
    this.blocks = (options.trainings ?? model.trainings).map(block => {
      const training = seed === undefined ? block : { ...block, seed };
      const dataset = Dataset.build(model, tables, training, evaluate, feeds);
      dataset.requireFed([training.objective.node]);
      return { training, dataset };
    });
    const [first] = this.blocks;
    if (!first) throw new Error('a model without an objective cannot train');
    if (resume) this.enter(resume);
    const start = options.parameters ?? initialParameters(model, first.training.seed, evaluate);
    this.trainer = this.trainerOf(this.block, start);
    if (resume) this.trainer.resume(resume.block, resume.tensors);
    this.totalSteps = this.blocks.reduce(
      (sum, { training, dataset }) => sum + plannedSteps(training, dataset, options.steps),
      0,
    );
  }

  get training(): Training {
    return this.trainer.training;
  }

  /** What runs the steps of the present block. */
  get executor(): Executor {
    return this.trainer.executor;
  }

  get stepsDone(): number {
    return this.stepsBefore + this.trainer.stepsDone;
  }

  /** The epoch under way, from 0. */
  get epoch(): number {
    return this.epochsBefore + this.epochs;
  }

  get learningRate(): number {
    return this.trainer.learningRate;
  }

  /** Holds from the next step on. */
  set learningRate(value: number) {
    this.trainer.learningRate = value;
  }

  /** One step, or the epoch that the step before it ended; undefined when all is done. Throws `Divergence`, `RunError`. */
  next(): RunEvent | undefined {
    for (;;) {
      const event = this.advance();
      if (event?.kind !== 'part') return event;
    }
  }

  /** As `next`, but in the parts of a step that takes long: who leaves between two has the run as before the step. */
  advance(): RunEvent | StepPart | undefined {
    if (this.pendingEpoch) {
      this.pendingEpoch = false;
      const ended = this.trainer.endOfEpoch();
      if (ended) {
        this.epochs++;
        return { ...ended, step: this.stepsDone, epoch: this.epochsBefore + ended.epoch };
      }
    }
    if (this.trainer.done && !this.nextBlock()) return undefined;
    if (!this.trainer.midStep) this.followPath();
    const result = this.trainer.step();
    if (result.kind === 'part') return result;
    this.pendingEpoch = true;
    const warnings = [this.executorWarning(), result.warning].filter(each => each !== undefined);
    const said = warnings.length > 0 ? { warning: warnings.join('; ') } : {};
    return { ...result, step: this.stepsDone, epoch: this.epochsBefore + result.epoch, ...said };
  }

  /** Said once a run, wherever it begins. */
  private executorWarning(): string | undefined {
    const { warning } = this.executorTold ? {} : this.executor;
    this.executorTold = true;
    return warning;
  }

  /** What the rest of the run depends on; holds copies. */
  checkpoint(): Checkpoint {
    const { block, stepsBefore, epochsBefore, pendingEpoch, training } = this;
    const { seed, optimizer } = training;
    return {
      run: { block, stepsBefore, epochsBefore, pendingEpoch, seed, optimizer: optimizer.name },
      block: this.trainer.position(),
      tensors: this.trainer.state(),
    };
  }

  /** What the run is made of, to be kept with a checkpoint; `text` is the model's. */
  fingerprint(text: string): Fingerprint {
    return fingerprint(text, this.model, this.blocks[0]!.dataset, executorName(this.executor));
  }

  /** Lets go of threads and native memory; what has been computed can still be read. */
  dispose(): void {
    for (const trainer of new Set([this.trainer, ...this.byPath.values()])) trainer.dispose();
  }

  /** A copy of all parameters of the model. */
  parameters(): Map<string, Float64Array> {
    return this.trainer.parameters();
  }

  /** Loss and metrics over all training rows with the present parameters, and over the validation rows where there are any. */
  finish(): { readonly training: Evaluation; readonly validation?: Evaluation } {
    const { validation } = this.blocks[this.block]!.dataset.split;
    this.trainer.conclude();
    this.followPath();
    const training = this.trainer.evaluateTraining();
    return validation.length > 0 ? { training, validation: this.trainer.evaluate(validation) } : { training };
  }

  /** Loss and metrics over the test rows; undefined where there are none. Nothing else looks at these rows. */
  test(): Evaluation | undefined {
    const { test } = this.blocks[this.block]!.dataset.split;
    return test.length > 0 ? this.trainer.evaluate(test) : undefined;
  }

  private enter({ run, block }: Checkpoint): void {
    const training = this.blocks[run.block]?.training;
    if (training?.optimizer.name !== run.optimizer) {
      const own = training ? `the file's is ${training.optimizer.name}` : 'the file has no such block';
      throw new CheckpointMismatch(`the checkpoint is of training with ${run.optimizer}, and ${own}`);
    }
    this.block = run.block;
    this.stepsBefore = run.stepsBefore;
    this.epochsBefore = run.epochsBefore;
    this.epochs = block.epoch;
    this.pendingEpoch = run.pendingEpoch;
  }

  /** Changes to the trainer of the path that the next step's values take, before anything is updated. */
  private followPath(): void {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const { model } = this.trainer;
      const path = correctedPath(model.conditions, this.trainer.nextConditions());
      if (!path) return;
      const position = this.trainer.position();
      const state = this.trainer.state();
      const before = this.trainer;
      this.trainer = this.trainerAlong(path);
      if (![...this.byPath.values()].includes(before)) before.dispose();
      this.trainer.resume(position, state);
    }
    throw unsettled(this.trainer.model);
  }

  private trainerAlong(path: readonly boolean[]): Trainer {
    const key = `${this.block}:${path.map(Number).join('')}`;
    let trainer = this.byPath.get(key);
    this.byPath.delete(key);
    if (!trainer) {
      const model = this.model.along(path);
      const error = model.diagnostics.find(({ severity }) => severity === 'error');
      if (error) throw new ModelError(error);
      const { training } = this.blocks[this.block]!;
      const twin = model.trainings[this.block]!;
      // The keys are those of this run; what is made of nodes is the path's own.
      const { objective, metrics, parameters, optimizer, schedule } = twin;
      const own = {
        ...training,
        objective,
        metrics,
        parameters,
        optimizer,
        ...(schedule ? { schedule } : {}),
      };
      const { evaluate, feeds } = this.options;
      const dataset = Dataset.build(model, this.tables, own, evaluate, feeds);
      trainer = new Trainer(model, own, dataset, new Map(), this.trainerOptions);
    }
    this.byPath.set(key, trainer);
    for (const [oldest, gone] of this.byPath) {
      if (this.byPath.size <= PATHS_KEPT) break;
      this.byPath.delete(oldest);
      if (gone !== this.trainer) gone.dispose();
    }
    return trainer;
  }

  private nextBlock(): boolean {
    if (this.block + 1 >= this.blocks.length) return false;
    this.stepsBefore += this.trainer.stepsDone;
    this.epochsBefore += this.epochs;
    this.epochs = 0;
    this.block++;
    this.trainer.conclude();
    const parameters = this.trainer.parameters();
    this.dispose();
    this.byPath.clear();
    this.trainer = this.trainerOf(this.block, parameters);
    return true;
  }

  private trainerOf(block: number, start: ParameterValues): Trainer {
    const { training, dataset } = this.blocks[block]!;
    return new Trainer(this.model, training, dataset, start, this.trainerOptions);
  }

  private get trainerOptions(): { readonly steps?: number; readonly executor: ExecutorRequest } {
    const { steps, executor = { backend: 'auto' } } = this.options;
    return { executor, ...(steps === undefined ? {} : { steps }) };
  }
}
