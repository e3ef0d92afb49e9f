import type { Expression, LoopKernel } from './expression';

/** Lanes side by side in a product: 4 x 2 accumulators and their operands fit the registers. */
const ROWS = 4;
const COLUMNS = 2;
/** Reduced axes up to this size are written out, as long as the body stays within so many steps. */
const SHORT = 8;
const LONGEST_BODY = 32;
const TINY = 4;

/** A kernel of more turns is worth optimising, and a function of its own, even when it runs once. */
export const LONG = 20_000;

/** How often a program will run: writing loops out costs more than it saves in one that runs a few times. */
export type Runs = 'few' | 'many';

/**
 * The tile of each axis: how many consecutive positions the innermost body writes out. Tiles never change the order
 * of a sum, so that the bits are the same whatever the schedule.
 */
export function tilesOf(kernel: LoopKernel, runs: Runs): number[] {
  const { extents, kept, core } = kernel;
  const tiles = extents.map(() => 1);
  if (runs === 'few' && turnsOf(extents) <= LONG) return tiles;
  const count = extents.slice(0, kept).reduce((product, extent) => product * extent, 1);
  if (!core) return count <= TINY ? [...extents] : tiles;

  const loads = loadsOf(core.body);
  const last = kept - 1;
  if (last >= 0) tiles[last] = loads.length > 1 ? COLUMNS : ROWS;
  if (loads.length > 1) {
    // Another axis along which some operand stays the same: its element serves the whole tile. Of several, the one
    // that needs the fewest elements a turn, as the filters of a convolution rather than the rows of its image.
    let fewest = Infinity;
    let best: number | undefined;
    for (let axis = last - 1; axis >= 0; axis--) {
      if (extents[axis] === 1 || !loads.some(load => (load.at.terms[axis] ?? 0) === 0)) continue;
      const needed = elementsOf(loads, last, axis);
      if (needed >= fewest) continue;
      fewest = needed;
      best = axis;
    }
    if (best !== undefined) tiles[best] = ROWS;
  }
  const lanes = tiles
    .slice(0, kept)
    .reduce((product, tile, axis) => product * Math.min(tile, extents[axis]!), 1);
  let room = Math.min(SHORT, LONGEST_BODY / lanes);
  for (let axis = extents.length - 1; axis >= kept; axis--) {
    if (extents[axis]! > room) {
      tiles[axis] = 2;
      break;
    }
    tiles[axis] = extents[axis]!;
    room = Math.floor(room / Math.max(1, extents[axis]!));
  }
  return tiles;
}

/** How many different elements the loads of a tile touch. */
function elementsOf(loads: readonly (Expression & { kind: 'load' })[], last: number, axis: number): number {
  const moves = (load: Expression & { kind: 'load' }, along: number): boolean =>
    (load.at.terms[along] ?? 0) !== 0;
  return loads.reduce(
    (sum, load) => sum + (moves(load, last) ? COLUMNS : 1) * (moves(load, axis) ? ROWS : 1),
    0,
  );
}

function loadsOf(expression: Expression): (Expression & { kind: 'load' })[] {
  if (expression.kind === 'load') return [expression];
  return expression.kind === 'scalar' ? expression.operands.flatMap(loadsOf) : [];
}

export function turnsOf(extents: readonly number[]): number {
  return extents.reduce((product, extent) => product * extent, 1);
}
