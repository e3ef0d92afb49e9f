import { randomStream } from '../base/random';
import { type Split, splitRows } from '../data/split';
import { allocate, columnsToTensor, type Table } from '../data/table';
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
import { fedValue, streamedValue } from './inputValues';
import type { RowSource, StreamedValue } from './streamed';

/** An input that nothing feeds: the model can be looked at, not run. */
export class UnfedInput extends Error {
  constructor(readonly input: ModelInput) {
    super(`input ${input.name} has no value: give it one with \`= EXPR\`, or feed it`);
    this.name = 'UnfedInput';
  }
}

/** Numbers of a value that is evaluated once and kept; larger ones are computed for the rows of each batch. */
const KEPT_NUMBERS = 2 ** 22;

/** What the leaves of a model are fed. */
interface Values {
  /** Known in full: inputs, row numbers, and columns used as constants once somebody asked for them. */
  readonly whole: Map<Node, Tensor>;
  /** Inputs too large for that. */
  readonly streamed: ReadonlyMap<Node, StreamedValue>;
  /** Leaves of the model in evaluation, each with the leaf of the model that has the same value. */
  readonly twins: ReadonlyMap<Node, Node>;
  readonly tables: ReadonlyMap<string, Table>;
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
    /** The cut that `train_rows` and its like see; the split, or without a batch axis that of the file's data. */
    private readonly parts: Split,
    private readonly symbols: Sizes,
    private readonly values: Values,
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
   * Evaluates what the inputs are fed, once; for large inputs only what rests on all rows, see `StreamedValue`. Throws
   * `DataError` for values that do not fit an input and for an impossible cut, `UnfedInput`, and `RunError`.
   */
  static build(
    model: Model,
    tables: ReadonlyMap<string, Table>,
    cut: Pick<Training, 'split' | 'seed' | 'cut'>,
    evaluate: Evaluate,
    given: Feeds = new Map(),
    keptNumbers = KEPT_NUMBERS,
  ): Dataset {
    const fed = sizesOfFeeds(model, given);
    const batch = fed.batch ?? model.batch;
    // Test rows are the file's own; fed rows have none.
    const testRows = fed.batch ? 0 : (model.batch?.testRows ?? 0);
    const split =
      batch && batch.rows > 0
        ? (cut.cut ?? splitRows(batch.rows, { split: cut.split, seed: cut.seed, testRows }))
        : { train: new Int32Array(1), validation: new Int32Array(0), test: new Int32Array(0) };
    const parts = batch ? split : (cutOfTables(tables, cut) ?? split);
    const whole = new Map<Node, Tensor>();
    const streamed = new Map<Node, StreamedValue>();
    const values: Values = { whole, streamed, twins: twinsOf(model), tables };
    for (const node of model.builder.graph.nodes) {
      if (node.op === 'rows') whole.set(node, rowsOf(parts, attributesOf(node)));
    }
    const source: RowSource = { tables, split, sizes: { ...fed.sizes, ...partSizes(parts) }, evaluate };
    for (const input of model.inputs) {
      const override = given.get(input.name);
      if (override) whole.set(input.node, override);
      else if (input.value) {
        const large = streamedValue(input, input.value, source, keptNumbers);
        if (large) streamed.set(input.node, large);
        else {
          const known = (leaf: Node): Tensor | undefined => whole.get(leaf) ?? columnsOf(leaf, tables);
          whole.set(input.node, fedValue(input, input.value, known, source));
        }
      }
    }
    return new Dataset(model, batch, split, parts, fed.sizes, values, cut.seed);
  }

  /** The first input without a value among those that `outputs` need. */
  requireFed(outputs: readonly Node[]): void {
    const needed = new Set(ancestors(outputs));
    const { whole, streamed } = this.values;
    const missing = this.model.inputs.find(
      ({ node }) => needed.has(node) && !whole.has(node) && !streamed.has(node),
    );
    if (missing) throw new UnfedInput(missing);
  }

  /** Sizes of all symbols for a batch of so many rows. */
  sizes(batchRows: number): Sizes {
    const { batch } = this;
    return {
      ...this.symbols,
      ...partSizes(this.parts),
      ...(batch ? { [batch.symbol]: batchRows } : {}),
    };
  }

  /** Writes the value of an input or of data for the given rows; without rows, all of them. */
  write(node: Node, buffer: TensorData, rows: Int32Array | undefined): void {
    const streamed = this.streamed(node);
    if (streamed) {
      streamed.write(buffer, this.batched.has(node) ? rows : undefined);
      return;
    }
    const tensor = wholeValue(node, this.values);
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

  /** The value of a leaf as a tensor, for evaluation by feeds; undefined for what is no leaf, or is not fed. */
  tensor(node: Node, rows: Int32Array | undefined): Tensor | undefined {
    const streamed = this.streamed(node);
    const tensor = streamed ?? wholeValue(node, this.values);
    if (!tensor || (!streamed && (!rows || !this.batched.has(node)))) return tensor as Tensor | undefined;
    const [all, ...rest] = tensor.shape;
    const count = rows && this.batched.has(node) ? rows.length : all!;
    const width = rest.reduce((product, size) => product * size, 1);
    const data = allocate(node.dtype, count * width);
    this.write(node, data, rows);
    return { dtype: node.dtype, shape: [count, ...rest], data };
  }

  /** The value of an input; of a large one, about `most` numbers: rows at even distances. */
  sample(node: Node, most: number): Tensor | undefined {
    const streamed = this.streamed(node);
    if (!streamed || !this.batched.has(node)) return this.tensor(node, undefined);
    const count = Math.min(streamed.rows, Math.max(1, Math.floor(most / streamed.width)));
    const step = streamed.rows / count;
    return this.tensor(
      node,
      Int32Array.from({ length: count }, (_, i) => Math.floor(i * step)),
    );
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

  private streamed(node: Node): StreamedValue | undefined {
    const { streamed, twins } = this.values;
    return streamed.get(twins.get(node) ?? node);
  }
}

/** A value that is known in full. Columns are converted when they are asked for, since most are only selected from. */
function wholeValue(node: Node, { whole, twins, tables }: Values): Tensor | undefined {
  const own = twins.get(node) ?? node;
  const value = whole.get(own) ?? columnsOf(own, tables);
  if (value) whole.set(own, value);
  return value;
}

/** The model in evaluation has inputs and data of its own, with the same values. */
function twinsOf(model: Model): Map<Node, Node> {
  const twin = model.inEvaluation();
  if (twin === model) return new Map();
  const own = leavesOf(model);
  return new Map(leavesOf(twin).map((node, i) => [node, own[i]!]));
}

/** In the order of the file, which is that of both models. */
function leavesOf({ inputs, builder }: Model): Node[] {
  const fed = builder.graph.nodes.filter(({ op }) => op === 'data' || op === 'rows');
  return [...inputs.map(input => input.node), ...fed];
}

/** Data used without an input is cut like an input's rows; of several tables, the first counts. */
function cutOfTables(
  tables: ReadonlyMap<string, Table>,
  { split, seed, cut }: Pick<Training, 'split' | 'seed' | 'cut'>,
): Split | undefined {
  const [table] = tables.values();
  if (!table || table.rows === 0) return undefined;
  return cut ?? splitRows(table.rows, { split, seed, testRows: table.testRows ?? 0 });
}

function partSizes(split: Split): Record<string, number> {
  return { [partSymbols.train]: split.train.length, [partSymbols.test]: split.test.length };
}

/** Columns of a table, all rows of them; undefined for any other node. */
function columnsOf(node: Node, tables: ReadonlyMap<string, Table>): Tensor | undefined {
  if (node.op !== 'data') return undefined;
  const { table: name, columns, dtype, single } = attributesOf<DataAttributes>(node);
  const table = tables.get(name)!;
  let kept = selected.get(table);
  if (!kept) selected.set(table, (kept = new Map()));
  const key = `${columns} ${dtype} ${single}`;
  let tensor = kept.get(key);
  if (!tensor) {
    tensor = columnsToTensor(table, columns, { dtype, single });
    if (kept.size < SELECTIONS_KEPT && tensor.data.length <= SELECTION_NUMBERS) kept.set(key, tensor);
  }
  return tensor;
}

/** Small selections of columns as tensors: an edit of the model leaves its data as it was. */
const selected = new WeakMap<Table, Map<string, Tensor>>();
const SELECTIONS_KEPT = 8;
const SELECTION_NUMBERS = 2 ** 18;

function rowsOf(split: Split, { part }: RowsAttributes): Tensor {
  const data = part === 'train' ? split.train : split.test;
  return { dtype: 'int', shape: [data.length], data };
}
