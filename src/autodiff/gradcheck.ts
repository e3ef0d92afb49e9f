import type { Evaluate } from '../graph/evaluate';
import type { Graph } from '../graph/graph';
import type { Node } from '../graph/node';
import { concreteShape, countOf, stridesOf } from '../graph/shape';
import type { Sizes, Tensor } from '../graph/types';
import { BatchProbe } from './batchProbe';
import type { DifferenceQuotient } from './differences';
import { slopes, type Way } from './slopes';

/** A node whose gradient is to be checked; `adjoint` is undefined where the objective does not depend on it. */
export interface GradcheckTarget {
  readonly path: string;
  readonly node: Node;
  readonly adjoint: Node | undefined;
}

/** Random numbers that choose entries and directions; a random stream of the runtime is one. */
export interface RandomSource {
  /** 0 to `n` - 1. */
  int(n: number): number;
  normal(): number;
}

export interface GradcheckOptions {
  /** Of the nodes; nothing is added to it. */
  readonly graph: Graph;
  readonly random: RandomSource;
  /** Deviation that still passes, relative to the tensor's largest gradient. */
  readonly tolerance?: number;
  /** Entries of one tensor that are checked at most. */
  readonly entries?: number;
}

export interface GradcheckKink {
  readonly index: readonly number[];
  readonly automatic: number;
  readonly left: number;
  readonly right: number;
}

/** The derivative along one random direction through all elements. */
export interface GradcheckDirection {
  readonly automatic: number;
  readonly numeric: number;
  readonly deviation: number;
  /** A kink lies on the way, so that nothing can be said. */
  readonly kink: boolean;
  readonly pass: boolean;
}

export interface GradcheckRow {
  readonly path: string;
  readonly node: Node;
  readonly shape: readonly number[];
  /** How many entries were compared, kinks not counted. */
  readonly checked: number;
  readonly total: number;
  /** The worst of them, relative to the tensor's largest gradient, and where it is. */
  readonly deviation: number;
  readonly index: readonly number[];
  readonly automatic: number;
  readonly numeric: number;
  readonly kinks: readonly GradcheckKink[];
  /** Only for tensors of which not every entry is checked. */
  readonly direction?: GradcheckDirection;
  readonly pass: boolean;
}

/** First step of the differences, relative to the element where that is above 1. */
const STEP = 1e-4;
const TOLERANCE = 1e-6;
const ENTRIES = 200;

/** Evaluations that most entries take: two on either side. */
const USUAL = 4;

/** Automatic gradients of a scalar against central differences, in 64-bit. Gives way with the share that is done. */
export function* gradcheck(
  evaluate: Evaluate,
  loss: Node,
  targets: readonly GradcheckTarget[],
  feeds: ReadonlyMap<Node, Tensor>,
  sizes: Sizes,
  options: GradcheckOptions,
): Generator<number, GradcheckRow[]> {
  const { entries = ENTRIES } = options;
  const planned = targets.map(({ node }) => {
    return USUAL * Math.min(countOf(concreteShape(node.shape, sizes)), entries + 1);
  });
  const all = planned.reduce((sum, count) => sum + count, 0);
  const rows: GradcheckRow[] = [];
  let before = 0;
  for (const [i, target] of targets.entries()) {
    const probed = new BatchProbe(evaluate, options.graph, loss, target.node, feeds, sizes);
    const gradient = target.adjoint
      ? Float64Array.from(evaluate([target.adjoint], feeds, sizes)[0]!.data)
      : new Float64Array(probed.value.data.length);
    let evaluations = 0;
    const check = checkTensor(target, gradient, probed, options);
    let next = check.next();
    for (; !next.done; next = check.next()) {
      evaluations += next.value;
      yield (before + Math.min(evaluations, planned[i]!)) / all;
    }
    before += planned[i]!;
    rows.push(next.value);
  }
  return rows;
}

interface Comparison {
  readonly at: number;
  readonly automatic: number;
  readonly quotient: DifferenceQuotient;
}

function* checkTensor(
  { path, node }: GradcheckTarget,
  gradient: Float64Array,
  probed: BatchProbe,
  options: GradcheckOptions,
): Generator<number, GradcheckRow> {
  const { random, tolerance = TOLERANCE, entries = ENTRIES } = options;
  const total = gradient.length;
  const chosen = chooseEntries(total, entries, random);
  const ways = chosen.map((at): Way => {
    const from = probed.value.data[at]!;
    return {
      step: stepFor(from),
      move(elements, t) {
        elements[at] = from + t;
      },
    };
  });
  const unit = total > entries ? randomDirection(total, random) : undefined;
  if (unit) {
    ways.push({
      step: STEP,
      move(elements, t) {
        for (let i = 0; i < elements.length; i++) elements[i]! += t * unit[i]!;
      },
    });
  }
  const quotients = yield* slopes(probed, ways, tolerance);
  const compared = chosen.map((at, i): Comparison => {
    return { at, automatic: gradient[at]!, quotient: quotients[i]! };
  });
  const smooth = compared.filter(entry => !entry.quotient.kink);
  const scale = largest(
    gradient,
    smooth.map(entry => entry.quotient.value),
  );
  const judged = smooth.map(entry => ({
    ...entry,
    ...judge(entry.automatic, entry.quotient, scale, tolerance),
  }));
  const worst = judged.reduce<(typeof judged)[number] | undefined>(
    (most, entry) => (most && most.deviation >= entry.deviation ? most : entry),
    undefined,
  );
  const direction = unit && judgeDirection(gradient, unit, quotients.at(-1)!, tolerance);
  const indexOf = (at: number): number[] => indexIn(probed.value.shape, at);
  return {
    path,
    node,
    shape: probed.value.shape,
    checked: judged.length,
    total,
    deviation: worst?.deviation ?? 0,
    index: worst ? indexOf(worst.at) : [],
    automatic: worst?.automatic ?? 0,
    numeric: worst?.quotient.value ?? 0,
    kinks: compared.flatMap(({ at, automatic, quotient: { kink } }) =>
      kink ? [{ index: indexOf(at), automatic, left: kink.left, right: kink.right }] : [],
    ),
    ...(direction ? { direction } : {}),
    pass: judged.every(entry => entry.pass) && (direction?.pass ?? true),
  };
}

/**
 * A right gradient passes where the differences themselves are coarse, as for a steep function; but their error
 * excuses a hundredth of the scale at most, so that a wrong gradient fails there too.
 */
function judge(
  automatic: number,
  { value, error, noise }: DifferenceQuotient,
  scale: number,
  tolerance: number,
): { deviation: number; pass: boolean } {
  const difference = Math.abs(automatic - value);
  const rounding = 3 * noise;
  const excused = Math.min(3 * error, Math.max(scale / 100, rounding));
  const relative = difference / Math.max(scale, rounding / tolerance, Number.MIN_VALUE);
  return {
    deviation: Number.isNaN(relative) ? Infinity : relative,
    pass: difference <= tolerance * scale + excused,
  };
}

function randomDirection(length: number, random: RandomSource): Float64Array {
  const direction = Float64Array.from({ length }, () => random.normal());
  const norm = lengthOf(direction);
  return direction.map(x => x / norm);
}

function judgeDirection(
  gradient: Float64Array,
  unit: Float64Array,
  quotient: DifferenceQuotient,
  tolerance: number,
): GradcheckDirection {
  const automatic = gradient.reduce((sum, slope, i) => sum + slope * unit[i]!, 0);
  // A random unit direction sees this much of a gradient of this length.
  const scale = lengthOf(gradient) / Math.sqrt(gradient.length);
  const { deviation, pass } = judge(automatic, quotient, Math.max(scale, Math.abs(automatic)), tolerance);
  const kink = quotient.kink !== undefined;
  return { automatic, numeric: quotient.value, deviation: kink ? 0 : deviation, kink, pass: kink || pass };
}

/** All entries, or as many different ones as asked for, in order. */
function chooseEntries(total: number, entries: number, random: RandomSource): number[] {
  if (total <= entries) return Array.from({ length: total }, (_, i) => i);
  const chosen = new Set<number>();
  while (chosen.size < entries) chosen.add(random.int(total));
  return [...chosen].sort((p, q) => p - q);
}

function stepFor(x: number): number {
  return STEP * Math.max(1, Math.abs(x));
}

/** The largest finite absolute value. */
function largest(...lists: ArrayLike<number>[]): number {
  let most = 0;
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      const size = Math.abs(list[i]!);
      if (size > most && size < Infinity) most = size;
    }
  }
  return most;
}

function lengthOf(vector: Float64Array): number {
  return Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
}

function indexIn(shape: readonly number[], at: number): number[] {
  return stridesOf(shape).map((stride, axis) => Math.floor(at / stride) % shape[axis]!);
}
