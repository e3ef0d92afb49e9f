import { type Adjoints, type ReverseOptions, reverse } from '../autodiff/reverse';
import { evaluateDim } from '../graph/dimension';
import type { Evaluate } from '../graph/evaluate';
import { ancestorsOfList } from '../graph/graph';
import type { Node } from '../graph/node';
import { countOf, stridesOf } from '../graph/shape';
import type { Sizes, Tensor } from '../graph/types';
import type { PathCondition } from '../language/lower/conditions';
import { type Model, type ModelCheck, savedTensors } from '../language/model';
import { DerivationBuilder } from '../ops/derivationBuilder';
import { checkConstraints } from '../runtime/sizes';
import type { Dataset } from './dataset';
import type { ParameterValues } from './initial';

/** Adjoints of every node, once for each objective that is asked about. */
const adjointsOf = new WeakMap<Node, Adjoints>();

/** Reverse mode over the whole model; the adjoints are added to its graph the first time, after those `before` an edit. */
export function allAdjoints(model: Model, objective: Node, before?: ReverseOptions['before']): Adjoints {
  let adjoints = adjointsOf.get(objective);
  if (!adjoints) {
    adjoints = reverse(new DerivationBuilder(model.builder.graph), objective, before ? { before } : {});
    adjointsOf.set(objective, adjoints);
  }
  return adjoints;
}

export interface CheckOutcome {
  readonly check: ModelCheck;
  readonly pass: boolean;
  /** max|A - B| / max(max|A|, max|B|, 1e-8); NaN when a side holds NaN. */
  readonly deviation: number;
  /** The worst position and the two values there. */
  readonly worst?: { readonly index: readonly number[]; readonly left: number; readonly right: number };
}

/** One forward and backward pass in 64-bit, under given parameters, on given rows. */
export class Evaluation {
  readonly sizes: Sizes;
  /** How many rows are evaluated; absent for a model without a batch axis. */
  readonly batchRows: number | undefined;
  private readonly feeds = new Map<Node, Tensor>();

  /** Throws `SizeError` when sizes that had to agree do not. */
  constructor(
    readonly model: Model,
    private readonly dataset: Dataset,
    parameters: ParameterValues,
    private readonly evaluate: Evaluate,
    /** All rows when absent. */
    private readonly rows?: Int32Array,
  ) {
    this.sizes = dataset.sizes(rows?.length ?? dataset.rows);
    this.batchRows = dataset.batch && (rows?.length ?? dataset.rows);
    checkConstraints(model.builder.graph.constraints, this.sizes);
    const { feeds } = this;
    for (const node of model.builder.graph.nodes) {
      const mask = node.op === 'random_mask' && maskOf(node, dataset, this.sizes);
      if (mask) feeds.set(node, mask);
    }
    for (const { path, node, sizes } of savedTensors(model)) {
      feeds.set(node, { dtype: 'float', shape: sizes, data: parameters.get(path)! });
    }
  }

  /** Throws `RunError` where a value cannot be computed. */
  values(nodes: readonly Node[]): Tensor[] {
    return this.evaluate(nodes, this.neededFeeds(nodes), this.sizes);
  }

  /** How conditions come out. Throws `RunError` where one cannot be computed. */
  outcomes(conditions: readonly PathCondition[]): readonly boolean[] {
    return this.values(conditions.map(({ node }) => node)).map(({ data }) => data[0] !== 0);
  }

  /** Leaves that `nodes` depend on. */
  neededFeeds(nodes: readonly Node[]): ReadonlyMap<Node, Tensor> {
    const needed = new Map<Node, Tensor>();
    for (const node of ancestorsOfList(nodes)) {
      const value = this.feeds.get(node) ?? this.dataset.tensor(node, this.rows);
      if (!value) continue;
      this.feeds.set(node, value);
      needed.set(node, value);
    }
    return needed;
  }

  check(check: ModelCheck): CheckOutcome {
    const [left, right] = this.values([check.left, check.right]) as [Tensor, Tensor];
    return { check, ...compare(left, right, check.tolerance) };
  }
}

/** The mask outside training, the same in every evaluation. */
function maskOf(node: Node, dataset: Dataset, sizes: Sizes): Tensor | undefined {
  const shape = node.shape.map(dim => evaluateDim(dim, sizes));
  if (!shape.every(size => size !== undefined)) return undefined;
  const data = new Uint8Array(countOf(shape));
  dataset.writeMask(node, data, 0);
  return { dtype: 'bool', shape, data };
}

/** The contract of `check`: over the whole tensor; ints and bools must be equal, NaN fails. */
export function compare(left: Tensor, right: Tensor, tolerance: number): Omit<CheckOutcome, 'check'> {
  const shape = left.shape.length >= right.shape.length ? left.shape : right.shape;
  if (left.data.length !== right.data.length && left.data.length !== 1 && right.data.length !== 1) {
    return { pass: false, deviation: Number.POSITIVE_INFINITY };
  }
  const count = Math.max(left.data.length, right.data.length);
  let [largest, worst, at, nan] = [1e-8, -1, 0, false];
  for (let i = 0; i < count; i++) {
    const a = left.data[left.data.length === 1 ? 0 : i]!;
    const b = right.data[right.data.length === 1 ? 0 : i]!;
    largest = Math.max(largest, Math.abs(a), Math.abs(b));
    // Equal infinities agree, though their difference is NaN.
    const difference = a === b ? 0 : Math.abs(a - b);
    if (Number.isNaN(difference) && !nan) {
      nan = true;
      at = i;
    } else if (!nan && difference > worst) {
      worst = difference;
      at = i;
    }
  }
  const position = { index: unravel(at, shape), left: pickFrom(left, at), right: pickFrom(right, at) };
  if (count === 0) return { pass: true, deviation: 0 };
  if (nan) return { pass: false, deviation: Number.NaN, worst: position };
  const exact = left.dtype !== 'float' && right.dtype !== 'float';
  // An infinity that the other side lacks is as far away as can be, and tolerance times infinity too.
  const pass = exact ? worst === 0 : worst < Number.POSITIVE_INFINITY && worst <= tolerance * largest;
  const deviation = worst === 0 ? 0 : worst === Number.POSITIVE_INFINITY ? worst : worst / largest;
  return { pass, deviation, worst: position };
}

function pickFrom({ data }: Tensor, at: number): number {
  return data[data.length === 1 ? 0 : at]!;
}

/** The indices of element `at` of a row-major tensor. */
export function unravel(at: number, shape: readonly number[]): number[] {
  if (countOf(shape) === 0) return [];
  return stridesOf(shape).map((stride, axis) => Math.floor(at / stride) % shape[axis]!);
}
