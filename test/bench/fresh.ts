import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { bundle } from './bundle';
import type { CompileTime, Memory } from './peers/fresh';
import { modelsFolder } from './peers/models';
import { leastBytes, parameterCount, type Workload } from './workloads';

/** Compile time and memory of one model, each in a process of its own. */
export interface FreshResult extends CompileTime, Memory {
  readonly model: string;
  /** See `leastBytes`. */
  readonly leastBytes: number;
}

/** Throws where a model of ours has another number of parameters than the layers that it is held against. */
export async function measureFresh(models: readonly Workload[]): Promise<FreshResult[]> {
  const results: FreshResult[] = [];
  for (const workload of models) {
    const compiled = await inProcess<CompileTime>('compile', workload);
    const memory = await inProcess<Memory>('memory', workload);
    const expected = parameterCount(workload);
    if (compiled.parameters !== expected) {
      throw new Error(`${workload.name} trains ${compiled.parameters} numbers, and ${expected} are expected`);
    }
    results.push({ model: workload.name, leastBytes: leastBytes(workload), ...compiled, ...memory });
  }
  return results;
}

/** What a new process says about one model. */
async function inProcess<T>(what: string, { name }: Workload): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    bundle('fresh'),
    what,
    path.join(modelsFolder, `${name}.nabla`),
  ]);
  return JSON.parse(stdout) as T;
}
