import type { Split } from '../data/split';
import { allocate, type Table, writeColumns } from '../data/table';
import { constantValue } from '../graph/dimension';
import type { Evaluate } from '../graph/evaluate';
import { ancestors } from '../graph/graph';
import type { Node } from '../graph/node';
import type { DType, Shape, Sizes, Tensor, TensorData } from '../graph/types';
import { compile, type Program } from '../runtime/program';
import { NotRowwise, type Part, ROWS, RowGraph, restsOnData, rowCount, rowWidth } from './rowwise';

/** Numbers of a value that are computed at a time when all rows are gone through. */
const AT_ONCE = 2 ** 18;
/** Programs kept, one for each number of rows asked for. */
const KEPT = 8;

/** What streaming needs to know of the data. */
export interface RowSource {
  readonly tables: ReadonlyMap<string, Table>;
  readonly split: Split;
  /** Of the parts of the cut, and of every symbol but that of the batch. */
  readonly sizes: Sizes;
  readonly evaluate: Evaluate;
}

/**
 * A value of data that is computed for the rows asked for and never kept, so that the table is all that stands in memory.
 * What rests on all rows, such as the mean in `standardize`, is computed once, some rows at a time. All in 64-bit.
 */
export class StreamedValue {
  readonly rows: number;
  readonly width: number;
  readonly dtype: DType;
  private readonly graph = new RowGraph();
  private readonly output: Node;
  private readonly statistics = new Map<Node, Tensor>();
  private readonly programs = new Map<number, Program>();

  /** Throws `NotRowwise` when a row of the value cannot be computed without the others. */
  constructor(
    private readonly value: Node,
    private readonly source: RowSource,
  ) {
    const { node, part } = this.graph.rows(value);
    const rows = rowCount(value);
    if (part !== 'all' || rows === undefined) throw new NotRowwise();
    this.output = node;
    this.rows = rows;
    this.width = rowWidth(value);
    this.dtype = value.dtype;
    for (const constant of this.graph.constants.values()) this.statistic(constant);
  }

  /** The sizes of the value, all rows. */
  get shape(): number[] {
    return sizesOf(this.value.shape);
  }

  /** Writes the rows asked for, in this order; all rows without. */
  write(buffer: TensorData, rows?: Int32Array): void {
    if (rows && rows.length * this.width <= AT_ONCE) {
      buffer.set(this.compute(this.output, this.programs, rows));
      return;
    }
    let at = 0;
    for (const part of this.parts(rows ?? range(this.rows))) {
      const values = this.compute(this.output, this.programs, part);
      buffer.set(values, at);
      at += values.length;
    }
  }

  /**
   * The value over the rows of other tables, with what was computed of the file's. Throws `NotRowwise` where it rests on
   * rows of a table that is not among them, and `DataError`.
   */
  over(tables: ReadonlyMap<string, Table>): Tensor {
    const used = ancestors([this.output]).flatMap(node => this.graph.columns.get(node)?.table ?? []);
    const counts = new Set(used.map(name => tables.get(name)?.rows));
    const [count] = counts;
    if (count === undefined || counts.size > 1) throw new NotRowwise();
    const data = allocate(this.dtype, count * this.width);
    let at = 0;
    for (const rows of this.parts(range(count))) {
      const values = this.compute(this.output, this.programs, rows, tables);
      data.set(values, at);
      at += values.length;
    }
    return { dtype: this.dtype, shape: [count, ...this.shape.slice(1)], data };
  }

  /** The value of some rows at a time, for whoever goes through all of them. */
  *chunks(): Generator<{ readonly first: number; readonly values: TensorData }> {
    let first = 0;
    for (const rows of this.parts(range(this.rows))) {
      yield { first, values: this.compute(this.output, this.programs, rows) };
      first += rows.length;
    }
  }

  private *parts(rows: Int32Array, width = this.width): Generator<Int32Array> {
    const size = Math.max(1, Math.floor(AT_ONCE / Math.max(1, width)));
    for (let from = 0; from < rows.length; from += size) yield rows.subarray(from, from + size);
  }

  /** The value of a node that rests on no single row: over reductions of all rows, or over constants. */
  private statistic(node: Node): Tensor {
    const known = this.statistics.get(node);
    if (known) return known;
    const feeds = new Map<Node, Tensor>();
    const cut = (each: Node): void => {
      if (feeds.has(each)) return;
      if (each.op === 'data' || each.op === 'rows') throw new NotRowwise();
      if (!restsOnData(each)) return;
      const reduced = this.reduce(each);
      if (reduced) feeds.set(each, reduced);
      else each.inputs.forEach(cut);
    };
    cut(node);
    const [value] = this.source.evaluate([node], feeds, this.source.sizes) as [Tensor];
    this.statistics.set(node, value);
    return value;
  }

  /** A reduction over rows, some of them at a time; undefined for any other node. */
  private reduce(node: Node): Tensor | undefined {
    const known = this.statistics.get(node);
    if (known) return known;
    const found = this.graph.reduction(node);
    if (!found) return undefined;
    const [input] = node.inputs as [Node];
    const rows = this.rowsOf(found.part, rowCount(input));
    const programs = new Map<number, Program>();
    let total: TensorData | undefined;
    for (const some of this.parts(rows, rowWidth(input))) {
      const values = this.compute(found.partial, programs, some);
      if (!total) total = values.slice();
      else for (let i = 0; i < values.length; i++) total[i] = combine(node.op, total[i]!, values[i]!);
    }
    if (!total) throw new NotRowwise();
    const tensor = { dtype: node.dtype, shape: sizesOf(node.shape), data: total };
    this.statistics.set(node, tensor);
    return tensor;
  }

  private rowsOf(part: Part, all: number | undefined): Int32Array {
    const { split } = this.source;
    return part === 'all' ? range(all ?? this.rows) : part === 'train' ? split.train : split.test;
  }

  /** The values of a node of the row graph for some rows, in a buffer that the next call overwrites. */
  private compute(
    output: Node,
    programs: Map<number, Program>,
    rows: Int32Array,
    tables = this.source.tables,
  ): TensorData {
    let program = programs.get(rows.length);
    if (!program) {
      program = compile({
        outputs: [output],
        sizes: { ...this.source.sizes, [ROWS]: rows.length },
        precision: 64,
      });
      if (programs.size >= KEPT) programs.delete(programs.keys().next().value!);
      programs.set(rows.length, program);
      for (const node of program.fed) {
        const constant = this.graph.constants.get(node);
        if (constant) program.buffer(node).set(this.statistic(constant).data);
      }
    }
    for (const node of program.fed) {
      const columns = this.graph.columns.get(node);
      if (!columns) continue;
      writeColumns(tables.get(columns.table)!, columns.columns, columns.dtype, rows, program.buffer(node));
    }
    program.run();
    return program.buffer(output);
  }
}

/** The sizes of a shape without symbols. */
function sizesOf(shape: Shape): number[] {
  return shape.map(dim => constantValue(dim) ?? Number.NaN);
}

function combine(op: string, a: number, b: number): number {
  return op === 'sum' ? a + b : op === 'max' ? Math.max(a, b) : Math.min(a, b);
}

function range(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}
