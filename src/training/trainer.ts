import { batchCount, batches } from '../data/batches';
import type { Node } from '../graph/node';
import type { TensorData } from '../graph/types';
import type { Model, Training } from '../language/model';
import { defaultMemoryLimit, MemoryError } from '../runtime/memory';
import { compile, type Program } from '../runtime/program';
import { Storage } from '../runtime/storage';
import type { Dataset } from './dataset';
import { Divergence, firstCause } from './divergence';
import type { ParameterValues } from './initial';
import { buildStep, type StepGraph } from './step';

export interface StepResult {
  readonly kind: 'step';
  /** Updates made, from 1. */
  readonly step: number;
  readonly epoch: number;
  /** Before the update, on the step's batch. */
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
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
  readonly learningRate: number;
}

export interface Evaluation {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Rows evaluated at once, so that a large validation set does not need memory for all its activations. */
const EVALUATION_ROWS = 4096;

/** Updates of a model without data, unless the file says otherwise. */
const STEPS_WITHOUT_DATA = 100;

/**
 * Trains one `train` block step by step; who calls `next` decides the pace, so that a step is the unit of pausing and
 * cancelling. Parameters and optimiser state live in one storage that the programs for all batch sizes share.
 */
export class Trainer {
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  private readonly graph: StepGraph;
  private readonly storage: Storage;
  private readonly programs = new Map<number, Program>();
  private readonly evaluators = new Map<number, Program>();
  /** Where each program reads the learning rate and the number of the step; plain descent needs no number. */
  private readonly schedule = new Map<Program, { readonly rate?: TensorData; readonly count?: TensorData }>();
  private readonly parameterBuffers = new Map<string, Float32Array | Float64Array>();
  /** Parameters before the last two steps, by turns. */
  private readonly backups: readonly Map<string, Float32Array | Float64Array>[];
  private batchQueue: Iterator<Int32Array> | undefined;
  private boundRows: Int32Array | undefined;
  private steps = 0;
  private epoch = 0;
  private sums = newSums();
  private rate: number;

  constructor(
    private readonly model: Model,
    readonly training: Training,
    private readonly dataset: Dataset,
    initial: ParameterValues,
    options: { readonly steps?: number } = {},
  ) {
    this.graph = buildStep(model, training);
    this.storage = new Storage(training.precision);
    this.rate = Number(training.optimizer.settings.lr);
    const trainRows = dataset.split.train.length;
    this.totalSteps = Trainer.plannedSteps(training, dataset, options.steps);
    this.stepsPerEpoch = stepsPerEpoch(training, dataset) ?? this.totalSteps;
    // Compiling the first program makes the storage, which the starting values go into.
    this.programFor(this.batchSize(trainRows));
    this.requireMemory();
    this.restore(initial);
    this.backups = [new Map(), new Map()];
    for (const backup of this.backups) {
      for (const { path, node } of training.parameters) backup.set(path, this.bufferOf(node).slice());
    }
  }

  /** How many updates a block makes: as asked for, else by its keys; a model without data makes 100. */
  static plannedSteps(training: Training, dataset: Dataset, asked: number | undefined): number {
    const { steps, epochs } = training;
    const perEpoch = stepsPerEpoch(training, dataset);
    if (asked !== undefined) return asked;
    if (steps !== undefined) return steps;
    return perEpoch === undefined ? (epochs ?? STEPS_WITHOUT_DATA) : (epochs ?? 10) * perEpoch;
  }

  get stepsDone(): number {
    return this.steps;
  }

  get learningRate(): number {
    return this.rate;
  }

  /** Changes the learning rate from the next step on. */
  set learningRate(value: number) {
    this.rate = value;
  }

  get done(): boolean {
    return this.steps >= this.totalSteps;
  }

  /** Makes one update. Throws `Divergence` when the loss is not finite, and `RunError`. */
  step(): StepResult {
    const rows = this.nextBatch();
    const program = this.programFor(rows.length);
    this.bind(program, rows);
    const step = this.steps + 1;
    const { rate, count } = this.schedule.get(program)!;
    if (rate) rate[0] = this.rate;
    if (count) count[0] = step;
    const backup = this.backups[step % 2]!;
    for (const [path, values] of backup) values.set(this.parameterBuffers.get(path)!);
    program.run();
    const loss = program.buffer(this.graph.loss)[0]!;
    if (!Number.isFinite(loss)) this.diverge(step, rows, backup);
    this.steps = step;
    const metrics: Record<string, number> = {};
    for (const { key, node } of this.graph.metrics) metrics[key] = program.buffer(node)[0]!;
    addTo(this.sums, rows.length, { loss, metrics });
    return { kind: 'step', step, epoch: this.epoch, loss, metrics };
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
      learningRate: this.rate,
      ...(held ? { validationLoss: held.loss, validationMetrics: held.metrics } : {}),
    };
    this.sums = newSums();
    this.epoch++;
    this.batchQueue = undefined;
    return result;
  }

  /** Loss and metrics with the present parameters, weighted by rows when the rows take several passes. */
  evaluate(rows: Int32Array): Evaluation {
    const sums = newSums();
    for (let from = 0; from < rows.length; from += EVALUATION_ROWS) {
      const part = rows.subarray(from, from + EVALUATION_ROWS);
      const program = this.evaluatorFor(part.length);
      this.writeInputs(program, part);
      this.boundRows = undefined;
      program.run();
      const metrics: Record<string, number> = {};
      for (const { key, node } of this.graph.metrics) metrics[key] = program.buffer(node)[0]!;
      addTo(sums, part.length, { loss: program.buffer(this.graph.loss)[0]!, metrics });
    }
    return averages(sums);
  }

  /** Loss and metrics over all training rows. Throws `Divergence` when the last update has spoilt the loss. */
  evaluateTraining(): Evaluation {
    const { train } = this.dataset.split;
    const result = this.evaluate(train);
    if (!Number.isFinite(result.loss) && this.steps > 0) {
      const spoilt = new Map([...this.parameterBuffers].map(([path, buffer]) => [path, buffer.slice()]));
      this.diverge(this.steps + 1, train, spoilt);
    }
    return result;
  }

  /** A copy of all parameters of the model, the fixed ones included. */
  parameters(): Map<string, Float64Array> {
    const values = new Map<string, Float64Array>();
    for (const { path } of this.model.parameters)
      values.set(path, Float64Array.from(this.parameterBuffers.get(path)!));
    return values;
  }

  /** Sets parameters; the optimiser's state stays. */
  restore(values: ParameterValues): void {
    for (const [path, buffer] of this.parameterBuffers) {
      const value = values.get(path);
      if (value) buffer.set(value);
    }
  }

  /** Bytes of all programs together. */
  get bytes(): number {
    return [...this.programs.values(), ...this.evaluators.values()].reduce(
      (sum, program) => sum + program.bytes,
      0,
    );
  }

  /** Beside the program stand the starting values in 64-bit and two sets of backups. Throws `MemoryError`. */
  private requireMemory(): void {
    let beside = 0;
    for (const buffer of this.parameterBuffers.values()) beside += 8 * buffer.length + 2 * buffer.byteLength;
    const bytes = this.bytes + beside;
    if (bytes <= defaultMemoryLimit) return;
    const largest = this.training.parameters.reduce((a, b) =>
      this.bufferOf(b.node).length > this.bufferOf(a.node).length ? b : a,
    );
    throw new MemoryError(bytes, defaultMemoryLimit, largest.node, this.bufferOf(largest.node).byteLength);
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

  private programFor(rows: number): Program {
    let program = this.programs.get(rows);
    if (!program) {
      const { graph, model } = this;
      const parameters = model.parameters.map(parameter => parameter.node);
      program = compile({
        outputs: [graph.loss, ...graph.metrics.map(metric => metric.node), ...parameters],
        updates: graph.updates,
        sizes: this.dataset.sizes(rows),
        precision: this.training.precision,
        constraints: model.builder.graph.constraints,
        storage: this.storage,
      });
      this.programs.set(rows, program);
      this.schedule.set(program, {
        ...(program.fed.includes(graph.learningRate) ? { rate: program.buffer(graph.learningRate) } : {}),
        ...(program.fed.includes(graph.step) ? { count: program.buffer(graph.step) } : {}),
      });
      this.writeStatic(program);
      for (const { path, node } of model.parameters) {
        this.parameterBuffers.set(path, program.buffer(node) as Float32Array | Float64Array);
      }
    }
    return program;
  }

  private evaluatorFor(rows: number): Program {
    let program = this.evaluators.get(rows);
    if (!program) {
      program = compile({
        outputs: [this.graph.loss, ...this.graph.metrics.map(metric => metric.node)],
        sizes: this.dataset.sizes(rows),
        precision: this.training.precision,
        constraints: this.model.builder.graph.constraints,
        storage: this.storage,
      });
      this.evaluators.set(rows, program);
      this.writeStatic(program);
    }
    return program;
  }

  private bufferOf(node: Node): Float32Array | Float64Array {
    const parameter = this.model.parameters.find(candidate => candidate.node === node)!;
    return this.parameterBuffers.get(parameter.path)!;
  }

  /** Inputs without a batch axis and data used as constants are written once a program. */
  private writeStatic(program: Program): void {
    for (const node of program.fed) {
      if (this.isFedOnce(node)) this.dataset.write(node, program.buffer(node), undefined);
    }
  }

  private isFedOnce(node: Node): boolean {
    const own = node === this.graph.learningRate || node === this.graph.step || this.isState(node);
    return node.op !== 'parameter' && !own && !this.dataset.isBatched(node);
  }

  private isState(node: Node): boolean {
    for (const state of this.graph.state.values()) if (state === node) return true;
    return false;
  }

  private bind(program: Program, rows: Int32Array): void {
    // A full batch is the same list of rows every time and needs no copying.
    if (rows === this.boundRows) return;
    this.writeInputs(program, rows);
    this.boundRows = rows;
  }

  private writeInputs(program: Program, rows: Int32Array): void {
    for (const node of program.fed) {
      if (this.dataset.isBatched(node)) this.dataset.write(node, program.buffer(node), rows);
    }
  }

  /** Puts the last parameters with a finite loss back, and says where the trouble began. */
  private diverge(
    step: number,
    rows: Int32Array,
    before: ReadonlyMap<string, Float32Array | Float64Array>,
  ): never {
    const good = this.backups[(step + 1) % 2]!;
    const { model, dataset, graph, training } = this;
    const { loss } = graph;
    const first = firstCause({
      loss,
      model,
      dataset,
      rows,
      parameters: before,
      precision: training.precision,
    });
    for (const [path, values] of good) this.parameterBuffers.get(path)!.set(values);
    throw new Divergence(step, first.node, first.inGradient);
  }
}

/** Batches in an epoch; undefined without a batch axis, when all steps together are one epoch. */
function stepsPerEpoch({ batch, dropLast }: Training, { batch: rows, split }: Dataset): number | undefined {
  return rows ? Math.max(1, batchCount(split.train.length, batch, dropLast)) : undefined;
}

interface Sums {
  rows: number;
  loss: number;
  readonly metrics: Record<string, number>;
}

function newSums(): Sums {
  return { rows: 0, loss: 0, metrics: {} };
}

function addTo(sums: Sums, rows: number, { loss, metrics }: Evaluation): void {
  sums.rows += rows;
  sums.loss += rows * loss;
  for (const key in metrics) sums.metrics[key] = (sums.metrics[key] ?? 0) + rows * metrics[key]!;
}

function averages({ rows, loss, metrics }: Sums): Evaluation {
  const means: Record<string, number> = {};
  for (const key in metrics) means[key] = metrics[key]! / rows;
  return { loss: loss / rows, metrics: means };
}
