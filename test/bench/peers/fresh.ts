import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { evaluate } from '../../../src/runtime/evaluate';
import { Dataset } from '../../../src/training/dataset';
import { type ExecutorRequest, executorName } from '../../../src/training/executor';
import { methodOf } from '../../../src/training/methods/methods';
import { Workbench } from '../../../src/training/workbench';
import { load, modelsFolder, trainerOf } from './models';

/*
 * What a process finds out that has done nothing before, as one JSON object. Usage: fresh.ts compile|memory FILE
 */

/** From the text to the end of the first step: in a new process, and again when its code has been optimised. */
export interface CompileTime {
  readonly firstMilliseconds: number;
  readonly againMilliseconds: number;
  /** Numbers that are trained. */
  readonly parameters: number;
}

export interface Memory {
  /** What ran the steps. */
  readonly by: string;
  /** Whether that was our own code, all of whose buffers are known. */
  readonly own: boolean;
  /** Of all buffers of the step's program on our own code, whatever ran the steps. */
  readonly bufferBytes: number;
  /**
   * How far the resident memory rose above that of a process in which every executor has trained a tiny model, so that the
   * code of a native library and its threads are loaded: at its peak from the text to the first step, garbage and compiler
   * included; at its peak while steps run; and after the garbage is gone.
   */
  readonly compilePeakBytes: number;
  readonly peakBytes: number;
  readonly settledBytes: number;
}

/** What a user gets who asks for nothing. */
const request: ExecutorRequest = { backend: 'auto' };

const STEPS = 3;
const AGAIN = 3;

async function compileTime(file: string): Promise<CompileTime> {
  const start = performance.now();
  const trainer = trainerOf(await load(file), request);
  trainer.step();
  const firstMilliseconds = performance.now() - start;
  const parameters = trainer.model.parameters.reduce(
    (sum, { sizes }) => sum + sizes.reduce((product, size) => product * size, 1),
    0,
  );
  let againMilliseconds = firstMilliseconds;
  for (let i = 0; i < AGAIN; i++) {
    const from = performance.now();
    trainerOf(await load(file), request).step();
    againMilliseconds = Math.min(againMilliseconds, performance.now() - from);
  }
  return { firstMilliseconds, againMilliseconds, parameters };
}

async function memory(file: string): Promise<Memory> {
  for (const backend of ['js', 'onnx'] as const) {
    const small = trainerOf(await load(path.join(modelsFolder, 'xor.nabla')), { backend });
    for (let i = 0; i < STEPS; i++) small.step();
  }
  const resident = (): number => {
    global.gc?.();
    return process.memoryUsage.rss();
  };
  const baseline = resident();
  const trainer = trainerOf(await load(file), request);
  const compilePeak = peak();
  resident();
  forgetPeak();
  for (let i = 0; i < STEPS; i++) trainer.step();
  const stepsPeak = peak();
  const settled = resident();
  return {
    by: executorName(trainer.executor),
    own: trainer.executor.backend === 'js',
    bufferBytes: await bufferBytes(file),
    compilePeakBytes: compilePeak - baseline,
    peakBytes: Math.max(stepsPeak, settled) - baseline,
    settledBytes: settled - baseline,
  };
}

function peak(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** The peak is that from now on, where the system has a way to say so; elsewhere that of compiling stays in it. */
function forgetPeak(): void {
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5');
}

async function bufferBytes(file: string): Promise<number> {
  const { model, tables } = await load(file);
  const [training] = model.trainings;
  const bench = new Workbench(model, training!, Dataset.build(model, tables, training!, evaluate), {
    backend: 'js',
  });
  methodOf(bench, bench.dataset.split.train.length);
  return bench.bytes;
}

async function main(): Promise<void> {
  const [what, file] = process.argv.slice(2) as [string, string];
  console.log(JSON.stringify(await (what === 'memory' ? memory(file) : compileTime(file))));
  process.exit(0); // Threads of a trainer would keep the process alive.
}

void main();
