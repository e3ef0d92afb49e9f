import { evaluate } from '../../../src/runtime/evaluate';
import { Dataset } from '../../../src/training/dataset';
import type { ExecutorRequest } from '../../../src/training/executor';
import { methodOf } from '../../../src/training/methods/methods';
import { Workbench } from '../../../src/training/workbench';
import { load, trainerOf } from './models';

/** What a process finds out that has done nothing before. */
export interface Fresh {
  /** From the text to the end of the first step in a new process, and again when its code has been optimised. */
  readonly firstMilliseconds: number;
  readonly againMilliseconds: number;
  /** Numbers that are trained. */
  readonly parameters: number;
  /** Of all buffers of the step's program: leaves, results, and what the optimiser keeps. */
  readonly bufferBytes: number;
  /** How far the resident memory rose above what the loaded modules take: at its peak, and after the garbage is gone. */
  readonly peakBytes: number;
  readonly settledBytes: number;
}

/** What a user gets who asks for nothing. */
const request: ExecutorRequest = { backend: 'auto' };

const STEPS = 3;
const AGAIN = 3;

async function firstStep(file: string): Promise<number> {
  const start = performance.now();
  trainerOf(await load(file), request).step();
  return performance.now() - start;
}

async function main(file: string): Promise<void> {
  const resident = (): number => {
    global.gc?.();
    return process.memoryUsage.rss();
  };
  const baseline = resident();
  const start = performance.now();
  const trainer = trainerOf(await load(file), request);
  trainer.step();
  const firstMilliseconds = performance.now() - start;
  for (let i = 1; i < STEPS; i++) trainer.step();
  const peak = process.resourceUsage().maxRSS * 1024;
  const settled = resident();
  const parameters = trainer.model.parameters.reduce(
    (sum, { sizes }) => sum + sizes.reduce((product, size) => product * size, 1),
    0,
  );
  const again: number[] = [];
  const until = performance.now() + 3000;
  while (again.length < AGAIN && performance.now() < until) again.push(await firstStep(file));
  const result: Fresh = {
    firstMilliseconds,
    againMilliseconds: again.length > 0 ? Math.min(...again) : firstMilliseconds,
    parameters,
    bufferBytes: await bufferBytes(file),
    peakBytes: Math.max(peak, settled) - baseline,
    settledBytes: settled - baseline,
  };
  console.log(JSON.stringify(result));
}

async function bufferBytes(file: string): Promise<number> {
  const { model, tables } = await load(file);
  const [training] = model.trainings;
  const bench = new Workbench(model, training!, Dataset.build(model, tables, training!, evaluate), request);
  methodOf(bench, bench.dataset.split.train.length);
  return bench.bytes;
}

void main(process.argv[2]!);
