import { randomStream } from '../base/random';
import { DataError } from '../data/error';
import { type Split, splitRows } from '../data/split';
import { columnsToTensor, type Table } from '../data/table';
import type { Evaluate } from '../graph/evaluate';
import { ancestors } from '../graph/graph';
import type { Node } from '../graph/node';
import type { Sizes, Tensor, TensorData } from '../graph/types';
import type { Model, ModelInput, Training } from '../language/model';
import { partSymbols } from '../library/preprocessing';
import {
  attributesOf,
  type DataAttributes,
  type RandomMaskAttributes,
  type RowsAttributes,
} from '../ops/leaf';
import { type Feeds, leadingSymbol, sizesOfFeeds } from './feeds';

/** An input that nothing feeds: the model can be looked at, not run. */
export class UnfedInput extends Error {
  constructor(readonly input: ModelInput) {
    super(`input ${input.name} has no value: give it one with \`= EXPR\`, or feed it`);
    this.name = 'UnfedInput';
  }
}

/** Everything that a run feeds: the rows of every input, the cut of the rows, and columns used as constants. */
export class Dataset {
  private readonly batched: ReadonlySet<Node>;
  private readonly inputs: ReadonlySet<Node>;

  private constructor(
    readonly model: Model,
    /** The symbol that minibatches cut and the rows behind it; absent for a model whose inputs have no batch axis. */
    readonly batch: { readonly symbol: string; readonly rows: number } | undefined,
    readonly split: Split,
    private readonly symbols: Sizes,
    private readonly values: ReadonlyMap<Node, Tensor>,
    /** Of the cut and of masks drawn at random. */
    private readonly seed: number,
  ) {
    const twin = model.inEvaluation();
    const inputs = twin === model ? model.inputs : [...model.inputs, ...twin.inputs];
    this.inputs = new Set(inputs.map(input => input.node));
    const batched = inputs.filter(input => batch !== undefined && leadingSymbol(input) === batch.symbol);
    this.batched = new Set(batched.map(input => input.node));
  }

  /** All rows; 1 for a model whose inputs have no batch axis. */
  get rows(): number {
    return this.batch?.rows ?? 1;
  }

  /**
   * Evaluates what the inputs are fed, once. Throws `DataError` for values that do not fit an input and for an
   * impossible cut, `UnfedInput`, and `RunError`.
   */
  static build(
    model: Model,
    tables: ReadonlyMap<string, Table>,
    cut: Pick<Training, 'split' | 'seed' | 'cut'>,
    evaluate: Evaluate,
    given: Feeds = new Map(),
  ): Dataset {
    const fed = sizesOfFeeds(model, given);
    const batch = fed.batch ?? model.batch;
    // Test rows are the file's own; fed rows have none.
    const testRows = fed.batch ? 0 : (model.batch?.testRows ?? 0);
    const split =
      batch && batch.rows > 0
        ? (cut.cut ?? splitRows(batch.rows, { split: cut.split, seed: cut.seed, testRows }))
        : { train: new Int32Array(1), validation: new Int32Array(0), test: new Int32Array(0) };
    const values = new Map<Node, Tensor>();
    const sizes = { ...fed.sizes, ...partSizes(split) };
    for (const node of model.builder.graph.nodes) {
      if (node.op === 'data') values.set(node, columnsOf(tables, attributesOf(node)));
      if (node.op === 'rows') values.set(node, rowsOf(split, attributesOf(node)));
    }
    for (const input of model.inputs) {
      const override = given.get(input.name);
      if (override) values.set(input.node, override);
      else if (input.value) values.set(input.node, fedValue(input, input.value, values, sizes, evaluate));
    }
    shareValues(model, values);
    return new Dataset(model, batch, split, fed.sizes, values, cut.seed);
  }

  /** The first input without a value among those that `outputs` need. */
  requireFed(outputs: readonly Node[]): void {
    const needed = new Set(ancestors(outputs));
    const missing = this.model.inputs.find(input => needed.has(input.node) && !this.values.has(input.node));
    if (missing) throw new UnfedInput(missing);
  }

  /** Sizes of all symbols for a batch of so many rows. */
  sizes(batchRows: number): Sizes {
    const { batch } = this;
    return {
      ...this.symbols,
      ...partSizes(this.split),
      ...(batch ? { [batch.symbol]: batchRows } : {}),
    };
  }

  /** Writes the value of an input or of data for the given rows; without rows, all of them. */
  write(node: Node, buffer: TensorData, rows: Int32Array | undefined): void {
    const tensor = this.values.get(node);
    if (!tensor) {
      const input = this.model.inputs.find(candidate => candidate.node === node);
      if (input) throw new UnfedInput(input);
      throw new Error(`no value for ${node.op}`);
    }
    if (!rows || !this.batched.has(node)) {
      buffer.set(tensor.data);
      return;
    }
    const width = tensor.data.length / tensor.shape[0]!;
    const { data } = tensor;
    for (let i = 0; i < rows.length; i++) {
      const from = rows[i]! * width;
      const to = i * width;
      for (let j = 0; j < width; j++) buffer[to + j] = data[from + j]!;
    }
  }

  /** The value as a tensor, for evaluation by feeds. */
  tensor(node: Node, rows: Int32Array | undefined): Tensor | undefined {
    const tensor = this.values.get(node);
    if (!tensor || !rows || !this.batched.has(node)) return tensor;
    const [, ...rest] = tensor.shape;
    const width = tensor.data.length / tensor.shape[0]!;
    const data = tensor.data.slice(0, rows.length * width);
    this.write(node, data, rows);
    return { dtype: tensor.dtype, shape: [rows.length, ...rest], data };
  }

  /** All leaves with their values for the given rows. */
  feeds(rows: Int32Array | undefined): Map<Node, Tensor> {
    const feeds = new Map<Node, Tensor>();
    for (const node of this.values.keys()) feeds.set(node, this.tensor(node, rows)!);
    return feeds;
  }

  /** Draws a mask of a step, 0 outside training: the same for the same seed, path and step, whatever else there is. */
  writeMask(node: Node, buffer: TensorData, step: number): void {
    const { path, p } = attributesOf<RandomMaskAttributes>(node);
    const random = randomStream(this.seed, `dropout ${path}`, step);
    for (let i = 0; i < buffer.length; i++) buffer[i] = random.uniform() >= p ? 1 : 0;
  }

  /** An input of the model, or of the model in evaluation. */
  isInput(node: Node): boolean {
    return this.inputs.has(node);
  }

  isBatched(node: Node): boolean {
    return this.batched.has(node);
  }
}

/** The model in evaluation has inputs and data of its own, with the same values. */
function shareValues(model: Model, values: Map<Node, Tensor>): void {
  const twin = model.inEvaluation();
  if (twin === model) return;
  const others = leavesOf(twin);
  leavesOf(model).forEach((node, i) => {
    const value = values.get(node);
    if (value) values.set(others[i]!, value);
  });
}

/** In the order of the file, which is that of both models. */
function leavesOf({ inputs, builder }: Model): Node[] {
  const fed = builder.graph.nodes.filter(({ op }) => op === 'data' || op === 'rows');
  return [...inputs.map(input => input.node), ...fed];
}

function partSizes(split: Split): Record<string, number> {
  return { [partSymbols.train]: split.train.length, [partSymbols.test]: split.test.length };
}

function columnsOf(tables: ReadonlyMap<string, Table>, attributes: DataAttributes): Tensor {
  const { table, columns, dtype, single } = attributes;
  return columnsToTensor(tables.get(table)!, columns, { dtype, single });
}

function rowsOf(split: Split, { part }: RowsAttributes): Tensor {
  const data = part === 'train' ? split.train : split.test;
  return { dtype: 'int', shape: [data.length], data };
}

function fedValue(
  input: ModelInput,
  value: Node,
  known: ReadonlyMap<Node, Tensor>,
  sizes: Sizes,
  evaluate: Evaluate,
): Tensor {
  const needed = new Set(ancestors([value]));
  const feeds = new Map([...known].filter(([node]) => needed.has(node)));
  const [tensor] = evaluate([value], feeds, sizes) as [Tensor];
  return convert(tensor, input);
}

/** Numbers become the input's dtype; an int input refuses fractions, a bool one all but 0 and 1. */
function convert(tensor: Tensor, { name, dtype }: ModelInput): Tensor {
  if (tensor.dtype === dtype) return tensor;
  const { data, shape } = tensor;
  if (dtype === 'float') return { dtype, shape, data: Float64Array.from(data) };
  const width = data.length / (shape[0] ?? 1);
  data.forEach((value: number, i: number) => {
    const fits = dtype === 'int' ? Number.isInteger(value) : value === 0 || value === 1;
    if (fits) return;
    const row = Math.floor(i / width) + 1;
    throw new DataError('data-value', `input ${name} is ${dtype}, and row ${row} holds ${value}`);
  });
  return { dtype, shape, data: dtype === 'int' ? Int32Array.from(data) : Uint8Array.from(data) };
}
