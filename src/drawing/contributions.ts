import type { EdgeContribution } from './displayGraph';
import type { Layout, Point } from './layout';
import { formatNumber, formatSigned } from './numbers';

/** How the gradient that flows back along an edge is shown: a band, its sign, and a number where there is room. */

/** Below this share of the norm, a sum is what cancellation left over, and says nothing of a direction. */
const cancelled = 1e-9;

export function contributionSign({ norm, total }: EdgeContribution): -1 | 0 | 1 {
  if (!(Math.abs(total) > norm * cancelled)) return 0;
  return total > 0 ? 1 : -1;
}

/** A scalar's contribution itself; for a tensor the size, since that is what the band's width shows. */
export function contributionText({ norm, total }: EdgeContribution): string {
  const scalar = !Number.isFinite(total) || Math.abs(Math.abs(total) - norm) <= norm * 1e-6;
  return scalar ? formatSigned(total) : `‖${formatNumber(norm)}`;
}

/** Width of a band, by size on a logarithmic scale over three decades below the largest. */
export function bandWidth(norm: number, largest: number): number {
  const widest = 8;
  if (Number.isNaN(norm) || norm === Number.POSITIVE_INFINITY) return widest;
  if (!(norm > 0) || !(largest > 0)) return 0;
  const decades = Math.log10(norm / largest);
  return 2 + (widest - 2) * Math.max(0, Math.min(1, 1 + decades / 3));
}

export function largestNorm(contributions: ReadonlyMap<string, EdgeContribution>): number {
  let largest = 0;
  for (const { norm } of contributions.values()) if (Number.isFinite(norm)) largest = Math.max(largest, norm);
  return largest;
}

const label = { width: 58, height: 16 };

/**
 * Where the numbers beside edges stand: at the source when it has one use, else at the use, where the edges have
 * parted. A number that would cover another one is left out.
 */
export function labelPlaces({ edges, direction }: Layout): Map<string, Point> {
  const uses = new Map<string, number>();
  for (const { from } of edges) uses.set(from, (uses.get(from) ?? 0) + 1);
  const places = new Map<string, Point>();
  const taken = new Map<string, Point[]>();
  const cell = (value: number, size: number) => Math.floor(value / size);
  const isFree = ({ x, y }: Point) => {
    for (let i = -1; i <= 1; i++) {
      for (let j = -1; j <= 1; j++) {
        const near = taken.get(`${cell(x, label.width) + i},${cell(y, label.height) + j}`);
        if (near?.some(p => Math.abs(p.x - x) < label.width && Math.abs(p.y - y) < label.height))
          return false;
      }
    }
    return true;
  };
  const along = direction === 'down' ? { x: 0, start: 15, end: 21 } : { x: 1, start: 31, end: 37 };
  for (const { key, from, points } of edges) {
    const [start, end] = [points[0]!, points.at(-1)!];
    const move = ({ x, y }: Point, by: number): Point => (along.x ? { x: x + by, y } : { x, y: y + by });
    const atStart = move(start, along.start);
    const atEnd = move(end, -along.end);
    const candidates = uses.get(from) === 1 ? [atStart, atEnd] : [atEnd];
    const place = candidates.find(isFree);
    if (!place) continue;
    places.set(key, place);
    const id = `${cell(place.x, label.width)},${cell(place.y, label.height)}`;
    taken.set(id, [...(taken.get(id) ?? []), place]);
  }
  return places;
}
