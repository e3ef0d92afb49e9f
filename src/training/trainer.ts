import { batches } from '../data/batches';
import type { StoredTensor } from '../interop/safetensors';
import { type Model, savedTensors, type Training } from '../language/model';
import type { BlockPosition, BlockState } from './checkpoint';
import { requireSameTensors, valuesOf } from './checkpoint';
import type { Dataset } from './dataset';
import { Divergence, firstCause } from './divergence';
import { EarlyStop } from './earlyStop';
import type { Executor, ExecutorRequest } from './executor';
import type { ParameterValues } from './initial';
import { LastGood } from './lastGood';
import { addTo, averages, measured, newSums } from './measures';
import { methodOf } from './methods/methods';
import { plannedSteps, stepsPerEpoch } from './pace';
import type { EpochResult, StepPart, StepResult } from './results';
import { scheduleFunction } from './schedule';
import type { Evaluation, StepMethod } from './stepMethod';
import { type Work, Workbench } from './workbench';

export type { Evaluation } from './stepMethod';

/** A step that comes in parts. */
interface StepUnderWay {
  readonly parts: Generator<number, Evaluation>;
  readonly step: number;
  readonly rows: Int32Array;
  readonly learningRate: number;
}

/** Rows evaluated at once, so that a large validation set does not need memory for all its activations. */
const EVALUATION_ROWS = 4096;

/**
 * Trains one `train` block step by step; who calls `step` decides the pace, so that a step is the unit of pausing and
 * cancelling. Which rows and when is decided here, what a step does by its method.
 */
export class Trainer {
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  private readonly bench: Workbench;
  private readonly method: StepMethod;
  private readonly evaluation: Work;
  /** The block as validation and test see it, whose layers do what they do in evaluation. */
  private readonly evaluated: Training;
  private readonly factor: (updates: number) => number;
  private readonly earlyStop: EarlyStop | undefined;
  private readonly lastGood: LastGood;
  private batchQueue: Iterator<Int32Array> | undefined;
  private readonly conditions: Work | undefined;
  /** Rows of the next step, when its conditions have been looked at. */
  private coming: Int32Array | undefined;
  private underWay: StepUnderWay | undefined;
  private steps = 0;
  private epoch = 0;
  private batchesTaken = 0;
  private sums = newSums();
  /** Before the schedule; set by hand, it replaces the file's. */
  private baseRate: number;
  private lastRate: number;
  private handRate: number | undefined;

  constructor(
    readonly model: Model,
    readonly training: Training,
    private readonly dataset: Dataset,
    initial: ParameterValues,
    options: { readonly steps?: number; readonly executor: ExecutorRequest },
  ) {
    const { optimizer, schedule, earlyStop } = training;
    this.baseRate = Number(optimizer.settings.lr ?? 0);
    this.factor = schedule ? scheduleFunction(schedule) : () => 1;
    this.lastRate = this.learningRate;
    this.earlyStop = earlyStop === undefined ? undefined : new EarlyStop(earlyStop);
    this.totalSteps = plannedSteps(training, dataset, options.steps);
    this.stepsPerEpoch = stepsPerEpoch(training, dataset) ?? this.totalSteps;
    this.bench = new Workbench(model, training, dataset, options.executor);
    const twin = model.inEvaluation();
    // Seeds and steps may have been replaced, so that blocks are matched by their place.
    const same = twin.trainings.find(other => other.span.start === training.span.start);
    this.evaluated = twin === model || !same ? training : same;
    const { objective, metrics } = this.evaluated;
    this.evaluation = { outputs: [objective.node, ...metrics.map(metric => metric.node)], model: twin };
    this.method = methodOf(this.bench, this.batchSize(dataset.split.train.length));
    if (model.conditions.length > 0) this.conditions = { outputs: model.conditions.map(({ node }) => node) };
    this.bench.requireMemory();
    this.restore(initial);
    const changing = [...training.parameters, ...model.buffers];
    this.lastGood = new LastGood(changing.map(saved => this.bench.buffer(saved)));
  }

  get stepsDone(): number {
    return this.steps;
  }

  /** What runs the steps. */
  get executor(): Executor {
    return this.bench.execution.executor;
  }

  /** Of the next step, the schedule applied. */
  get learningRate(): number {
    return this.baseRate * this.factor(this.steps);
  }

  /** Changes the learning rate before the schedule from the next step on. */
  set learningRate(value: number) {
    this.baseRate = value;
    this.handRate = value;
  }

  get done(): boolean {
    return this.steps >= this.totalSteps || this.earlyStop?.reached === true;
  }

  /** How the model's conditions on values come out on the next step's rows; nothing is changed. */
  nextConditions(): readonly boolean[] {
    if (!this.conditions) return [];
    this.coming ??= this.nextBatch();
    this.bench.step = this.steps + 1;
    const program = this.bench.bind(this.conditions, this.coming);
    program.run();
    return this.conditions.outputs.map(node => program.buffer(node)[0] !== 0);
  }

  /** Whether the last call of `step` made a part of one. */
  get midStep(): boolean {
    return this.underWay !== undefined;
  }

  /** Makes one update, or the next part of one. Throws `Divergence` when the loss is not finite, and `RunError`. */
  step(): StepResult | StepPart {
    if (this.underWay) return this.goOn(this.underWay);
    const rows = this.coming ?? this.nextBatch();
    this.coming = undefined;
    const step = this.steps + 1;
    this.lastGood.before();
    const learningRate = this.learningRate;
    this.bench.step = step;
    const made = this.method.step(rows, { step, learningRate });
    if (!('next' in made)) return this.endStep(made, step, rows, learningRate);
    this.underWay = { parts: made, step, rows, learningRate };
    return this.goOn(this.underWay);
  }

  private goOn({ parts, step, rows, learningRate }: StepUnderWay): StepResult | StepPart {
    const { done, value } = parts.next();
    if (!done) return { kind: 'part', share: value };
    this.underWay = undefined;
    return this.endStep(value, step, rows, learningRate);
  }

  private endStep(
    { loss, metrics }: Evaluation,
    step: number,
    rows: Int32Array,
    learningRate: number,
  ): StepResult {
    if (!Number.isFinite(loss)) this.diverge(step, rows);
    this.lastGood.confirm();
    this.lastRate = learningRate;
    this.steps = step;
    this.batchesTaken++;
    addTo(this.sums, rows.length, { loss, metrics });
    const warning = this.method.warning?.();
    const said = warning === undefined ? {} : { warning };
    return { kind: 'step', step, epoch: this.epoch, loss, metrics, ...said };
  }

  /** The epoch that the last step ended; undefined in the middle of one. Advances to the next epoch. */
  endOfEpoch(): EpochResult | undefined {
    if (this.steps === 0 || this.steps % this.stepsPerEpoch !== 0 || this.sums.rows === 0) return undefined;
    const { loss, metrics } = averages(this.sums);
    const { validation } = this.dataset.split;
    const held = validation.length > 0 ? this.evaluate(validation) : undefined;
    const result: EpochResult = {
      kind: 'epoch',
      step: this.steps,
      epoch: this.epoch,
      loss,
      metrics,
      learningRate: this.lastRate,
      ...(held ? { validationLoss: held.loss, validationMetrics: held.metrics } : {}),
    };
    if (held) this.earlyStop?.epoch(held.loss, () => this.stored());
    this.sums = newSums();
    this.epoch++;
    this.batchesTaken = 0;
    this.batchQueue = undefined;
    return result;
  }

  /** Early stopping puts the best parameters back once the block is done. */
  conclude(): void {
    if (!this.earlyStop || !this.done) return;
    this.restore(valuesOf(this.earlyStop.bestParameters));
  }

  /** Loss and metrics with the present parameters, weighted by rows when the rows take several passes. */
  evaluate(rows: Int32Array): Evaluation {
    const sums = newSums();
    const { objective, metrics } = this.evaluated;
    this.bench.step = 0;
    for (let from = 0; from < rows.length; from += EVALUATION_ROWS) {
      const part = rows.subarray(from, from + EVALUATION_ROWS);
      const program = this.bench.bind(this.evaluation, part);
      program.run();
      addTo(sums, part.length, measured(program, objective.node, metrics));
    }
    return averages(sums);
  }

  /** Loss and metrics over all training rows. Throws `Divergence` when the last update has spoilt the loss. */
  evaluateTraining(): Evaluation {
    const { train } = this.dataset.split;
    const result = this.evaluate(train);
    if (!Number.isFinite(result.loss) && this.steps > 0) {
      this.diverge(this.steps + 1, train);
    }
    return result;
  }

  /** A copy of all parameters and buffers of the model, the fixed ones included. */
  parameters(): Map<string, Float64Array> {
    return new Map(savedTensors(this.model).map(p => [p.path, Float64Array.from(this.bench.buffer(p))]));
  }

  /** Lets go of threads and native memory; no step follows. */
  dispose(): void {
    this.bench.dispose();
  }

  /** Sets parameters; the optimiser's state stays. */
  restore(values: ParameterValues): void {
    for (const parameter of savedTensors(this.model)) {
      const value = values.get(parameter.path);
      if (value) this.bench.buffer(parameter).set(value);
    }
  }

  /** Where the block stands, to be taken up again by `resume`. */
  position(): BlockPosition {
    const { steps, epoch, batchesTaken: batches, handRate, earlyStop } = this;
    return {
      steps,
      epoch,
      batches,
      sums: { ...this.sums, metrics: { ...this.sums.metrics } },
      ...(handRate === undefined ? {} : { learningRate: handRate }),
      ...(earlyStop ? { best: earlyStop.best } : {}),
    };
  }

  /** Copies of all tensors that the rest of the block depends on. */
  state(): BlockState {
    return {
      parameters: this.stored(),
      state: this.method.state(),
      best: this.earlyStop?.bestParameters ?? new Map(),
    };
  }

  /** Goes on where a block like this one stood. Throws `CheckpointMismatch`. */
  resume(position: BlockPosition, { parameters, state, best }: BlockState): void {
    const expected = savedTensors(this.model).map(({ path, sizes }) => ({ name: path, shape: sizes }));
    requireSameTensors('the model', expected, parameters);
    this.restore(valuesOf(parameters));
    this.method.restore(state);
    this.steps = position.steps;
    this.epoch = position.epoch;
    this.sums = { ...position.sums, metrics: { ...position.sums.metrics } };
    if (position.learningRate !== undefined) this.learningRate = position.learningRate;
    this.lastRate = this.baseRate * this.factor(Math.max(0, this.steps - 1));
    if (position.best) this.earlyStop?.restore(position.best, best);
    this.batchQueue = undefined;
    this.coming = undefined;
    this.underWay = undefined;
    for (let i = 0; i < position.batches; i++) this.nextBatch();
    this.batchesTaken = position.batches;
  }

  private stored(): Map<string, StoredTensor> {
    return new Map(
      savedTensors(this.model).map(p => {
        return [p.path, { shape: p.sizes, data: Float64Array.from(this.bench.buffer(p)) }];
      }),
    );
  }

  private batchSize(rows: number): number {
    const { batch } = this.training;
    return batch === 'full' ? rows : Math.min(batch, rows);
  }

  private nextBatch(): Int32Array {
    const { training, dataset } = this;
    const { train } = dataset.split;
    if (!dataset.batch) return train;
    for (;;) {
      this.batchQueue ??= batches(train, training.batch, {
        shuffle: training.shuffle,
        seed: training.seed,
        epoch: this.epoch,
        dropLast: training.dropLast,
      });
      const next = this.batchQueue.next();
      if (!next.done) return next.value;
      this.batchQueue = undefined;
    }
  }

  /** Says where the trouble began, in the parameters that are in place, and puts the last good ones back. */
  private diverge(step: number, rows: Int32Array): never {
    const { model, dataset, training } = this;
    const first = firstCause({
      loss: training.objective.node,
      model,
      dataset,
      rows,
      step,
      parameters: new Map(savedTensors(model).map(p => [p.path, this.bench.buffer(p)])),
      precision: training.precision,
    });
    this.lastGood.restore();
    throw new Divergence(step, first.node, first.inGradient);
  }
}
