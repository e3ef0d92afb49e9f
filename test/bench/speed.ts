import { type RunningEngine, startEngines } from './engines';
import { interleave, type Outcome, type Timing } from './interleave';
import { Quiet } from './quiet';
import { flops, type Workload } from './workloads';

/** One model: how long each engine takes for a training step, and what follows from that. */
export interface SpeedResult {
  readonly model: string;
  readonly title: string;
  readonly outcomes: Readonly<Record<string, Outcome>>;
  readonly goal: number;
  /** Time of what a user gets against the best of PyTorch's, by the best rounds and by the median ones. */
  readonly ratio?: number;
  readonly medianRatio?: number;
  readonly flops: number;
}

export interface SpeedResults {
  /** What each engine says of itself, by its name; the first is what a user gets. */
  readonly engines: Readonly<Record<string, string>>;
  /** Names of those that are ours. */
  readonly ours: readonly string[];
  readonly models: readonly SpeedResult[];
  /** FLOP/s of a large matrix product: the best that was reached, and by whom. */
  readonly peak?: { readonly flops: number; readonly engine: string };
}

const BURST = 100;

/** How long all waits for a quiet machine may take together, in milliseconds. */
const WAITING = 45_000;

/** What a server answers about a product of two matrices of this size. */
const GEMM = { name: 'gemm', flops: 2 * 1024 ** 3 };

/** Times all engines on the given models, model by model, in turns. */
export async function measureSpeed(
  models: readonly Workload[],
  rounds: number,
  say: (line: string) => void,
): Promise<SpeedResults> {
  const running = await startEngines(say);
  const quiet = new Quiet(() => running.map(({ pid }) => pid), WAITING);
  try {
    const multiplying = running.filter(({ engine }) => engine.family !== 'tfjs');
    const multiply = (): Promise<Map<string, Outcome>> =>
      interleave(multiplying, GEMM.name, { rounds, burst: BURST, quiet });
    const products = [...(await multiply())];
    const results: SpeedResult[] = [];
    for (const workload of models) {
      say(`timing ${workload.name}`);
      const outcomes = await interleave(running, workload.name, { rounds, burst: BURST, quiet });
      results.push(summarise(workload, running, outcomes));
    }
    // Once more at the end, since one quiet moment is enough.
    products.push(...(await multiply()));
    const fastest = best(products, ([, outcome]) => bestOf(outcome));
    return {
      engines: Object.fromEntries(running.map(({ name, title }) => [name, title])),
      ours: running.filter(({ engine }) => engine.family === 'nabla').map(({ name }) => name),
      models: results,
      ...(fastest ? { peak: { flops: (GEMM.flops / bestOf(fastest[1])!) * 1e6, engine: fastest[0] } } : {}),
    };
  } finally {
    for (const engine of running) engine.end();
  }
}

function summarise(
  workload: Workload,
  engines: readonly RunningEngine[],
  outcomes: ReadonlyMap<string, Outcome>,
): SpeedResult {
  const least = (family: string, of: (timing: Timing) => number): number | undefined => {
    const times = engines
      .filter(({ engine }) => engine.family === family)
      .map(({ name }) => outcomes.get(name)!)
      .flatMap(outcome => ('error' in outcome ? [] : [of(outcome)]));
    return times.length > 0 ? Math.min(...times) : undefined;
  };
  const ours = outcomes.get(engines.find(({ engine }) => engine.family === 'nabla')!.name);
  const ratio = (of: (timing: Timing) => number): number | undefined => {
    const theirs = least('pytorch', of);
    return ours && !('error' in ours) && theirs !== undefined ? of(ours) / theirs : undefined;
  };
  const [byBest, byMedian] = [ratio(timing => timing.best), ratio(timing => timing.median)];
  return {
    model: workload.name,
    title: workload.title,
    outcomes: Object.fromEntries(outcomes),
    goal: workload.goal,
    flops: flops(workload),
    ...(byBest === undefined ? {} : { ratio: byBest }),
    ...(byMedian === undefined ? {} : { medianRatio: byMedian }),
  };
}

function bestOf(outcome: Outcome): number | undefined {
  return 'error' in outcome ? undefined : outcome.best;
}

function best<T>(items: readonly T[], of: (item: T) => number | undefined): T | undefined {
  return items
    .filter(item => of(item) !== undefined)
    .reduce<T | undefined>((a, b) => (a === undefined || of(b)! < of(a)! ? b : a), undefined);
}
