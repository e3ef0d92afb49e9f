import type { Expression, LoopKernel } from '../javascript/expression';

/** Floats and ints in one vector. */
export const LANES = 4;

/** How a kernel's loops become vectors. */
export interface Schedule {
  /** The axis along which the vectors of the core lie, a kept or a reduced one; -1 where nothing is vectorised. */
  readonly along: number;
  /** The axis along which results are stored, the last kept one; -1 for a single result. */
  readonly stored: number;
  /** Positions an axis that the innermost body writes out. */
  readonly tiles: readonly number[];
  /** Kept axes, outermost first. */
  readonly kept: readonly number[];
  /** Reduced axes, outermost first. */
  readonly reduced: readonly number[];
  /** Accumulators a result, taken in turn, so that one addition need not wait for the one before it. */
  readonly chains: number;
  /** An operand that is copied in the order in which the rows read it, each time before they do. */
  readonly packed?: Load;
}

export type Load = Expression & { kind: 'load' };

/** Accumulators that stay in registers beside the operands, of sixteen. */
const ACCUMULATORS = 8;
/** A load of four places that do not lie side by side, in loads. */
const GATHER = 5;
/**
 * Reduced axes are written out as long as the body stays within so many steps. V8 places all products of a body before
 * the sums that take them in: of a longer body they do not stay in registers (43 GFLOP/s became 25).
 */
const LONGEST_BODY = 8;
/** Rows that pay for a copy of what they read. */
const PANEL_ROWS = 32;
/** Room for a copy. */
export const PANEL_BYTES = 65_536;
const NEAREST_CACHE = 16_384;
/** Vectors side by side where every element is computed alone. */
const BESIDE = 2;

export function scheduleOf(kernel: LoopKernel): Schedule {
  const { extents, kept, core } = kernel;
  const stored = kept - 1;
  const keptAxes = extents.slice(0, kept).map((_, axis) => axis);
  const reducedAxes = extents.slice(kept).map((_, i) => kept + i);
  const tiles = extents.map(() => 1);
  const plain = { stored, tiles, kept: keptAxes, reduced: reducedAxes, chains: 1 };
  if (!core) {
    if (stored >= 0) tiles[stored] = vectors(extents[stored]!) <= LANES ? extents[stored]! : BESIDE * LANES;
    return { ...plain, along: stored };
  }

  const loads = loadsOf(core.body);
  const along = bestAxis(kernel, loads, stored, reducedAxes);
  const others = keptAxes.filter(axis => axis !== stored && extents[axis]! > 1);
  const row = loads.length > 1 ? sharedAxis(loads, others, stored) : undefined;
  // What does not move with the rows is read again for each of them, from the nearest cache.
  const order = row === undefined ? keptAxes : [...keptAxes.filter(axis => axis !== row), row];
  if (along === stored) {
    if (stored >= 0) {
      const most = row === undefined ? 4 : 2;
      const wide = vectors(extents[stored]!);
      const columns = wide <= most + 1 ? wide : most;
      tiles[stored] = columns * LANES;
      if (row !== undefined) tiles[row] = columns === 1 ? 8 : 4;
    }
    unrollReduced(extents, tiles, reducedAxes, keptLanes(extents, tiles, kept, stored), -1);
    const packed = row === undefined ? undefined : panelOf(kernel, loads, row, tiles[stored]!);
    return { ...plain, kept: order, along, ...(packed ? { packed } : {}) };
  }
  // Vectors along a reduced axis: four results side by side make the vector that is stored.
  if (stored >= 0) tiles[stored] = LANES;
  if (row !== undefined) {
    tiles[row] = 2;
    // Three and two rather than four and one, as in windows of five.
    if (extents[stored]! % 4 === 1 && extents[stored]! % 3 !== 1) tiles[stored] = 3;
  }
  const lanes = keptLanes(extents, tiles, kept, -1);
  const reduced = [...reducedAxes.filter(axis => axis !== along), along];
  const chains = Math.max(1, Math.min(Math.floor(ACCUMULATORS / lanes), vectors(extents[along]!)));
  tiles[along] = LANES * chains;
  unrollReduced(extents, tiles, reduced, lanes * chains, along);
  return { ...plain, kept: order, along, reduced, chains };
}

export const vectors = (extent: number): number => Math.ceil(extent / LANES);

/** The axis along which operands come with the fewest instructions a result and step. */
function bestAxis(
  { extents }: LoopKernel,
  loads: readonly Load[],
  stored: number,
  reduced: readonly number[],
): number {
  const count = reduced.reduce((product, axis) => product * extents[axis]!, 1);
  const cost = (axis: number): number => {
    const filled = (vectors(extents[axis]!) * LANES) / extents[axis]!;
    const each = loads.map(load => {
      const stride = load.at.terms[axis] ?? 0;
      return stride === 0 || stride === 1 ? 1 : GATHER;
    });
    // Loads serve several results; the multiplication and addition do not.
    const reuse = loads.length > 1 ? 3 : 1;
    return filled * (2 + each.reduce((sum, c) => sum + c, 0) / reuse);
  };
  let best = stored;
  let least = stored >= 0 ? cost(stored) : Infinity;
  for (const axis of reduced) {
    // In the end the lanes are added up.
    const own = cost(axis) + (stored >= 0 ? 12 / count : 0);
    if (own < least) {
      least = own;
      best = axis;
    }
  }
  return best;
}

/** The axis whose tile shares most of its operands: of several, the one that needs the fewest elements a turn. */
function sharedAxis(loads: readonly Load[], axes: readonly number[], stored: number): number | undefined {
  const moves = (load: Load, axis: number): boolean => (load.at.terms[axis] ?? 0) !== 0;
  let best: number | undefined;
  let fewest = Infinity;
  for (const axis of axes.toReversed()) {
    if (!loads.some(load => !moves(load, axis))) continue;
    const elements = loads.reduce(
      (sum, load) => sum + (moves(load, stored) ? 2 : 1) * (moves(load, axis) ? 4 : 1),
      0,
    );
    if (elements < fewest) {
      fewest = elements;
      best = axis;
    }
  }
  return best;
}

/**
 * The operand that all rows read again, where it is worth a copy: larger than the nearest cache, and read from lines
 * far apart.
 */
function panelOf(
  { extents, kept }: LoopKernel,
  loads: readonly Load[],
  row: number,
  columns: number,
): Load | undefined {
  const moves = ({ at }: Load, axis: number): boolean => (at.terms[axis] ?? 0) !== 0;
  const [panel, ...more] = loads.filter(load => moves(load, kept - 1) && !moves(load, row));
  if (!panel || more.length > 0 || panel.dtype === 'bool' || extents[row]! < PANEL_ROWS) return undefined;
  const reduced = extents.map((_, axis) => axis).slice(kept);
  const length = reduced.reduce((product, axis) => product * extents[axis]!, 1);
  const read = reduced
    .filter(axis => moves(panel, axis))
    .reduce((product, axis) => product * extents[axis]!, 1);
  const bytes = 4 * read * extents[kept - 1]!;
  const fits = length * columns * 4 <= PANEL_BYTES;
  return fits && read === length && bytes > NEAREST_CACHE ? panel : undefined;
}

/** Accumulators of one tile; the axis `vector` counts in vectors. */
function keptLanes(
  extents: readonly number[],
  tiles: readonly number[],
  kept: number,
  vector: number,
): number {
  let lanes = 1;
  for (let axis = 0; axis < kept; axis++) {
    const size = Math.min(tiles[axis]!, extents[axis]!);
    lanes *= axis === vector ? vectors(size) : size;
  }
  return lanes;
}

/** Writes short inner axes out; the first long one by a few steps. */
function unrollReduced(
  extents: readonly number[],
  tiles: number[],
  reduced: readonly number[],
  lanes: number,
  along: number,
): void {
  let room = Math.max(1, Math.floor(LONGEST_BODY / lanes));
  for (const axis of reduced.toReversed()) {
    const steps = axis === along ? Math.ceil(extents[axis]! / tiles[axis]!) : extents[axis]!;
    if (steps > room) {
      const unrolled = room >= 4 ? 4 : room >= 2 ? 2 : 1;
      tiles[axis] = tiles[axis]! * unrolled;
      return;
    }
    tiles[axis] = extents[axis]!;
    room = Math.floor(room / Math.max(1, steps));
  }
}

function loadsOf(expression: Expression): Load[] {
  if (expression.kind === 'load') return [expression];
  return expression.kind === 'scalar' ? expression.operands.flatMap(loadsOf) : [];
}
