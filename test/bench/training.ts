import path from 'node:path';
import { checkFile } from '../../src/cli/load';
import { evaluate } from '../../src/runtime/evaluate';
import { Run } from '../../src/training/run';
import { projectRoot } from '../vscode/host/paths';
import type { Row } from './measure';

const STEPS = 100_000;

/** Training in the terminal, by its run without its screen: time a step, and memory from the first tenth on. */
export async function terminalRows(name: string): Promise<Row[]> {
  const { loaded } = await checkFile(path.join(projectRoot, 'examples', name));
  if (!loaded) throw new Error(`${name} is not a model`);
  const run = new Run(loaded.model, loaded.tables, { evaluate, steps: STEPS });
  advance(run, STEPS / 10); // the code is optimised, and everything that is made once is made
  const before = usedMemory();
  const start = performance.now();
  advance(run, STEPS);
  const micros = ((performance.now() - start) * 1000) / (STEPS * 0.9);
  const grown = usedMemory() - before;
  return [
    { name: `${name}: step in the terminal`, micros, note: `mean of ${STEPS} steps`, goal: 10 },
    {
      name: `${name}: memory after ${STEPS} steps`,
      figure: `${grown < 0 ? '' : '+'}${(grown / 1024).toFixed(0)} KB`,
      note: `since step ${STEPS / 10}; goal flat: below 1024 KB`,
      missed: grown > 1024 * 1024,
    },
  ];
}

function advance(run: Run, until: number): void {
  while (run.stepsDone < until && run.next());
}

/** What lives: on the heap and in buffers. */
function usedMemory(): number {
  if (!global.gc) throw new Error('run with --expose-gc');
  for (let i = 0; i < 3; i++) global.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
