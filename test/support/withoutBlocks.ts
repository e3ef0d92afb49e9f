import { OnnxFailure } from '../../src/runtime/onnx/failure';
import { onnxRuntime } from '../../src/runtime/onnx/runtime';
import type { Backend } from '../../src/training/executor';
import { eventsOf, runOf } from '../unit/training/models';

/*
 * Trains the model of the first argument on ONNX Runtime and prints the losses; with `refuse` as the second one, as on
 * a processor for which the library has no kernels for images in blocks of channels.
 */
const BLOCKED = 'com.microsoft.nchwc';

async function main([text, how]: readonly string[]): Promise<void> {
  const runtime = onnxRuntime();
  if ('missing' in runtime) throw new Error(runtime.missing);
  let blocked = 0;
  const { session } = runtime;
  Object.assign(runtime, {
    session(...[model, settings]: Parameters<typeof session>) {
      if (!Buffer.from(model).includes(BLOCKED)) return session(model, settings);
      blocked++;
      if (how === 'refuse') throw new OnnxFailure(new Error(`${BLOCKED} is not a registered domain`));
      return session(model, settings);
    },
  });
  const run = await runOf(text!, { executor: { backend: 'onnx' satisfies Backend, threads: 1 } });
  const losses = eventsOf(run).map(({ loss }) => loss);
  run.dispose();
  console.log(JSON.stringify({ losses, blocked, backend: run.executor.backend }));
}

void main(process.argv.slice(2));
