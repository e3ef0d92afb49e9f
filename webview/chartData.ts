import type { RunSeries } from '../src/views/protocol';

/** Curves of runs over steps, ready for the chart: thinned, averaged, on one axis. */

/** A line's x and y, in parallel. */
export interface Curve {
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
}

/** More points than pixels cost time and show nothing. */
const mostPoints = 1200;

/** Means of equal stretches, so that a long noisy curve keeps its course. */
export function thinned(x: readonly number[], y: readonly number[], most = mostPoints): Curve {
  if (x.length <= most) return { x, y: y.map(finite) };
  const size = Math.ceil(x.length / most);
  const thin = { x: [] as number[], y: [] as (number | null)[] };
  for (let start = 0; start < x.length; start += size) {
    const end = Math.min(start + size, x.length);
    let sum = 0;
    for (let i = start; i < end; i++) sum += y[i]!;
    thin.x.push(x[end - 1]!);
    thin.y.push(finite(sum / (end - start)));
  }
  return thin;
}

/** An exponential average whose memory is a thirtieth of the run, without the pull of its start. */
export function runningAverage(y: readonly number[]): number[] {
  const memory = Math.max(2, Math.min(100, y.length / 30));
  const keep = 1 - 1 / memory;
  let mean = 0;
  let weight = 0;
  return y.map(value => {
    if (!Number.isFinite(value)) return value;
    mean = keep * mean + (1 - keep) * value;
    weight = keep * weight + (1 - keep);
    return mean / weight;
  });
}

export function epochCurve(
  run: RunSeries,
  value: (epoch: RunSeries['epochs'][number]) => number | undefined,
): Curve {
  return {
    x: run.epochs.map(epoch => epoch.step),
    y: run.epochs.map(epoch => finite(value(epoch) ?? Number.NaN)),
  };
}

/** All curves on the union of their x: a gap is `undefined`, which the chart bridges, and a NaN is `null`. */
export function joined(curves: readonly Curve[]): [number[], ...(number | null | undefined)[][]] {
  const all = [...new Set(curves.flatMap(({ x }) => x))].sort((a, b) => a - b);
  const place = new Map(all.map((value, i) => [value, i]));
  const columns = curves.map(({ x, y }) => {
    const column: (number | null | undefined)[] = new Array(all.length).fill(undefined);
    for (let i = 0; i < x.length; i++) column[place.get(x[i]!)!] = y[i];
    return column;
  });
  return [all, ...columns];
}

export function metricNames(runs: readonly RunSeries[]): string[] {
  return [...new Set(runs.flatMap(run => run.epochs.flatMap(epoch => Object.keys(epoch.metrics))))];
}

/** The kept step that is nearest to a place on the axis. */
export function nearestKept(kept: readonly number[], step: number): number | undefined {
  let best: number | undefined;
  for (const each of kept) {
    if (best === undefined || Math.abs(each - step) < Math.abs(best - step)) best = each;
  }
  return best;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
