import { dot, largest } from './flat';

/** A point on the line x + t d: the loss there, its gradient, and the slope g . d along the line. */
interface Point {
  readonly t: number;
  readonly loss: number;
  readonly gradient: Float64Array;
  readonly slope: number;
}

/** Sufficient decrease and curvature: J. Nocedal, S. Wright, "Numerical Optimization", 3.1. */
const C1 = 1e-4;
const C2 = 0.9;
const LEAST_BRACKET = 1e-9;
const MOST_EVALUATIONS = 25;

/**
 * A step length that meets the strong Wolfe conditions, by bracketing and cubic interpolation as in PyTorch's
 * `torch.optim.LBFGS` (after M. Schmidt's minFunc).
 */
export function strongWolfe(
  evaluate: (t: number) => { readonly loss: number; readonly gradient: Float64Array },
  first: number,
  direction: Float64Array,
  start: { readonly loss: number; readonly gradient: Float64Array },
): { readonly t: number } {
  const at = (t: number): Point => {
    const { loss, gradient } = evaluate(t);
    return { t, loss, gradient, slope: dot(gradient, direction) };
  };
  const origin: Point = { t: 0, ...start, slope: dot(start.gradient, direction) };
  const tooHigh = ({ t, loss }: Point): boolean => loss > origin.loss + C1 * t * origin.slope;
  const flat = ({ slope }: Point): boolean => Math.abs(slope) <= -C2 * origin.slope;

  let previous = origin;
  let point = at(first);
  let bracket: readonly [Point, Point] | undefined;
  let turns = 0;
  for (; turns < MOST_EVALUATIONS; turns++) {
    if (tooHigh(point) || (turns > 1 && point.loss >= previous.loss)) bracket = [previous, point];
    else if (flat(point)) return point;
    else if (point.slope >= 0) bracket = [previous, point];
    if (bracket) break;
    const bounds = [point.t + 0.01 * (point.t - previous.t), point.t * 10] as const;
    const next = cubicMinimum(previous, point, bounds);
    previous = point;
    point = at(next);
  }
  bracket ??= [origin, point];
  return zoom(bracket, turns, { at, tooHigh, flat, size: largest(direction) });
}

interface Line {
  at(t: number): Point;
  tooHigh(point: Point): boolean;
  flat(point: Point): boolean;
  /** The largest entry of the direction. */
  readonly size: number;
}

/** Narrows a bracket around a good step until one is found; returns its lower end. */
function zoom(bracket: readonly [Point, Point], before: number, line: Line): Point {
  const ends: [Point, Point] = [...bracket];
  const lower = (): 0 | 1 => (ends[0].loss <= ends[1].loss ? 0 : 1);
  let low = lower();
  let hesitant = false;
  for (let turns = before; turns < MOST_EVALUATIONS; turns++) {
    const [least, most] = [Math.min(ends[0].t, ends[1].t), Math.max(ends[0].t, ends[1].t)];
    if ((most - least) * line.size < LEAST_BRACKET) break;
    let t = cubicMinimum(ends[0], ends[1], [least, most]);
    // A trial close to an end twice in a row, or on it, moves inwards.
    const margin = 0.1 * (most - least);
    const close = Math.min(most - t, t - least) < margin;
    if (close && (hesitant || t >= most || t <= least)) {
      t = Math.abs(t - most) < Math.abs(t - least) ? most - margin : least + margin;
      hesitant = false;
    } else {
      hesitant = close;
    }
    const point = line.at(t);
    const high = low === 0 ? 1 : 0;
    if (line.tooHigh(point) || point.loss >= ends[low].loss) {
      ends[high] = point;
      low = lower();
      continue;
    }
    if (line.flat(point)) return point;
    if (point.slope * (ends[high].t - ends[low].t) >= 0) ends[high] = ends[low];
    ends[low] = point;
  }
  return ends[low];
}

/** The minimum, within bounds, of the cubic through two points with their slopes; the middle where it has none. */
function cubicMinimum(a: Point, b: Point, [least, most]: readonly [number, number]): number {
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t);
  const square = d1 ** 2 - a.slope * b.slope;
  if (!(square >= 0)) return (least + most) / 2;
  const d2 = Math.sqrt(square);
  const [left, right] = a.t <= b.t ? [a, b] : [b, a];
  const t = right.t - (right.t - left.t) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
  return Math.min(Math.max(t, least), most);
}
