import path from 'node:path';
import { printDiagnostics } from '../../../src/cli/diagnostics';
import { checkFile, type LoadedFile } from '../../../src/cli/load';
import { styleFor } from '../../../src/cli/style';
import { evaluate } from '../../../src/runtime/evaluate';
import { Dataset } from '../../../src/training/dataset';
import type { ExecutorRequest } from '../../../src/training/executor';
import { initialParameters } from '../../../src/training/initial';
import { Trainer } from '../../../src/training/trainer';
import { projectRoot } from '../../vscode/host/paths';

export const modelsFolder = path.join(projectRoot, 'test/bench/models');

/** Throws for a file with errors, and says them. */
export async function load(file: string): Promise<LoadedFile> {
  const { source, diagnostics, loaded } = await checkFile(file);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0 || !loaded) throw new Error(printDiagnostics(source, errors, styleFor(false)));
  return loaded;
}

/** What trains the first block of a model, as `nabla train` makes it. */
export function trainerOf({ model, tables }: LoadedFile, executor: ExecutorRequest): Trainer {
  const [training] = model.trainings;
  if (!training) throw new Error('the model has nothing to train');
  const dataset = Dataset.build(model, tables, training, evaluate);
  const start = initialParameters(model, training.seed, evaluate);
  return new Trainer(model, training, dataset, start, { executor });
}
