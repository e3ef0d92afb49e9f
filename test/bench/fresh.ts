import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../vscode/host/paths';
import type { Fresh } from './peers/fresh';
import { modelsFolder } from './peers/models';
import { leastBytes, parameterCount, type Workload } from './workloads';

/** Compile time and memory of one model, in a process of its own. */
export interface FreshResult extends Fresh {
  readonly model: string;
  /** See `leastBytes`. */
  readonly leastBytes: number;
}

/** Throws where a model of ours has another number of parameters than the layers that it is held against. */
export async function measureFresh(models: readonly Workload[]): Promise<FreshResult[]> {
  const results: FreshResult[] = [];
  for (const workload of models) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...['--expose-gc', '--import', 'tsx', path.join(projectRoot, 'test/bench/peers/fresh.ts')],
      path.join(modelsFolder, `${workload.name}.nabla`),
    ]);
    const fresh = JSON.parse(stdout) as Fresh;
    const expected = parameterCount(workload);
    if (fresh.parameters !== expected) {
      throw new Error(`${workload.name} trains ${fresh.parameters} numbers, and ${expected} are expected`);
    }
    results.push({ model: workload.name, leastBytes: leastBytes(workload), ...fresh });
  }
  return results;
}
