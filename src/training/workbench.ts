import type { Node } from '../graph/node';
import type { TensorData } from '../graph/types';
import {
  type Model,
  type ModelBuffer,
  type ModelParameter,
  savedTensors,
  type Training,
} from '../language/model';
import { defaultMemoryLimit, MemoryError } from '../runtime/memory';
import type { Program } from '../runtime/program';
import { Storage } from '../runtime/storage';
import type { Dataset } from './dataset';
import { Execution } from './execution';
import type { ExecutorRequest } from './executor';

export type FloatBuffer = Float32Array | Float64Array;

/** What a program of a training computes, besides the rows that it computes it for. */
export interface Work {
  readonly outputs: readonly Node[];
  readonly updates?: readonly { readonly target: Node; readonly value: Node }[];
  /** Whose nodes these are, when they are of the model in evaluation. */
  readonly model?: Model;
}

/** What the inputs of programs for one number of rows hold. */
interface Bound {
  readonly rows: Int32Array;
  readonly written: Set<Node>;
  /** The step that each mask was drawn for. */
  readonly masks: Map<Node, number>;
}

/**
 * The parameters of one training, in storage that all its programs share, and those programs: one for each kind of work
 * and number of rows, made when it is first asked for.
 */
export class Workbench {
  /** What runs the programs. */
  readonly execution: Execution;
  private readonly storage: Storage;
  private readonly programs = new Map<Work, Map<number, Program>>();
  private readonly parameters = new Map<string, FloatBuffer>();
  /** By number of rows, since programs for equally many share their inputs: whose rows these inputs hold. */
  private readonly bound = new Map<number, Bound>();
  /** The step under way, for masks drawn at random; 0 outside training. */
  step = 0;

  constructor(
    readonly model: Model,
    readonly training: Training,
    readonly dataset: Dataset,
    asked: ExecutorRequest,
  ) {
    this.execution = new Execution(asked);
    this.storage = new Storage(training.precision, true);
    const own = new Map(savedTensors(model).map(({ path, node }) => [path, node]));
    const twin = model.inEvaluation();
    for (const { path, node } of twin === model ? [] : savedTensors(twin)) {
      this.storage.share(node, own.get(path)!);
    }
  }

  /** The program for `work` on so many rows. Its inputs are written by `bind`. */
  program(work: Work, rows: number): Program {
    let sizes = this.programs.get(work);
    if (!sizes) this.programs.set(work, (sizes = new Map()));
    let program = sizes.get(rows);
    if (!program) {
      const { outputs, updates } = work;
      program = this.execution.compile({
        outputs,
        ...(updates ? { updates } : {}),
        sizes: this.dataset.sizes(rows),
        precision: this.training.precision,
        constraints: (work.model ?? this.model).builder.graph.constraints,
        storage: this.storage,
      });
      sizes.set(rows, program);
      this.writeStatic(program);
    }
    return program;
  }

  /** The program for `work` with the inputs of the given rows in place. */
  bind(work: Work, rows: Int32Array): Program {
    const program = this.program(work, rows.length);
    // A full batch is the same list of rows every time and needs no copying.
    let bound = this.bound.get(rows.length);
    if (bound?.rows !== rows)
      this.bound.set(rows.length, (bound = { rows, written: new Set(), masks: new Map() }));
    for (const node of program.fed) {
      if (node.op === 'random_mask' && bound.masks.get(node) !== this.step) {
        this.dataset.writeMask(node, program.buffer(node), this.step);
        bound.masks.set(node, this.step);
      }
      if (!this.dataset.isBatched(node) || bound.written.has(node)) continue;
      this.dataset.write(node, program.buffer(node), rows);
      bound.written.add(node);
    }
    return program;
  }

  /** Where the numbers of a parameter or buffer lie, the fixed ones included. */
  buffer({ path, node, sizes }: ModelParameter | ModelBuffer): FloatBuffer {
    let buffer = this.parameters.get(path);
    if (!buffer) {
      const count = sizes.reduce((product, size) => product * size, 1);
      this.parameters.set(path, (buffer = this.leaf(node, count)));
    }
    return buffer;
  }

  /** Where the numbers of a float leaf lie that all programs share. */
  leaf(node: Node, count: number): FloatBuffer {
    this.storage.provide([{ node, dtype: 'float', count }]);
    const { array, offset } = this.storage.place(node, count);
    return array.subarray(offset, offset + count) as FloatBuffer;
  }

  /** Lets go of threads and native memory; buffers stay. */
  dispose(): void {
    for (const sizes of this.programs.values()) for (const program of sizes.values()) program.dispose?.();
    this.programs.clear();
  }

  /** Bytes of all programs together. */
  get bytes(): number {
    let bytes = 0;
    for (const sizes of this.programs.values()) for (const program of sizes.values()) bytes += program.bytes;
    return bytes;
  }

  /** Beside the programs stand the starting values in 64-bit and two sets of backups. Throws `MemoryError`. */
  requireMemory(): void {
    const { parameters } = this.model;
    let beside = 0;
    for (const parameter of parameters) {
      const buffer = this.buffer(parameter);
      beside += 8 * buffer.length + 2 * buffer.byteLength;
    }
    const bytes = this.bytes + beside;
    if (bytes <= defaultMemoryLimit) return;
    const size = (parameter: ModelParameter): number => this.buffer(parameter).byteLength;
    const largest = parameters.reduce((a, b) => (size(b) > size(a) ? b : a));
    throw new MemoryError(bytes, defaultMemoryLimit, largest.node, size(largest));
  }

  /** Inputs without a batch axis and data used as constants are written once a program. */
  private writeStatic(program: Program): void {
    for (const node of program.fed) {
      if (this.isFedOnce(node)) this.dataset.write(node, program.buffer(node) as TensorData, undefined);
    }
  }

  /** Leaves of the model that are no parameter; those of a method of training are its own to feed. */
  private isFedOnce(node: Node): boolean {
    if (this.dataset.isBatched(node)) return false;
    return node.op === 'data' || node.op === 'rows' || this.dataset.isInput(node);
  }
}
