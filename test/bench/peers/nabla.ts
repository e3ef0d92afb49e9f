import path from 'node:path';
import { constantDim } from '../../../src/graph/dimension';
import { Graph } from '../../../src/graph/graph';
import { Builder } from '../../../src/ops/builder';
import { Execution } from '../../../src/training/execution';
import { type Backend, type ExecutorRequest, executorName } from '../../../src/training/executor';
import { load, modelsFolder, trainerOf } from './models';
import { type Stepper, serve } from './serve';

/*
 * Training steps of the models in ../models as `nabla train` makes them, by what runs them. `gemm` is a product of two
 * matrices of 1024 x 1024. Usage: nabla.ts auto|js|onnx [THREADS]
 */

async function trainingSteps(model: string, request: ExecutorRequest): Promise<Stepper> {
  const trainer = trainerOf(await load(path.join(modelsFolder, `${model}.nabla`)), request);
  const { executor } = trainer;
  if (executor.warning !== undefined) throw new Error(executor.warning);
  return { by: executorName(executor), step: () => void trainer.step() };
}

function matrixProduct(request: ExecutorRequest): Stepper {
  const b = new Builder(new Graph());
  const shape = [constantDim(1024), constantDim(1024)];
  const [left, right] = ['a', 'b'].map(name => b.apply('input', [], { name, shape, dtype: 'float' }));
  const product = b.contract(left!, right!, 'ik', 'kj', 'ij');
  const execution = new Execution(request);
  if (execution.executor.warning !== undefined) throw new Error(execution.executor.warning);
  const program = execution.compile({ outputs: [product], sizes: {}, precision: 32 });
  for (const node of [left!, right!]) program.buffer(node).fill(0.5);
  return { step: () => program.run() };
}

const [backend, threads] = process.argv.slice(2) as [Backend, string | undefined];
const request: ExecutorRequest = { backend, ...(threads === undefined ? {} : { threads: Number(threads) }) };

void serve('Nabla', async model => {
  return model === 'gemm' ? matrixProduct(request) : trainingSteps(model, request);
});
