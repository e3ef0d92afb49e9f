import { parentPort } from 'node:worker_threads';
import { ModelError } from '../language/diagnostic';
import { createEngine } from './handler';
import type { Failure, FromWorker, ToWorker } from './protocol';

// Glue between the thread's port and the handler. An error that escapes ends the thread; the supervisor sees it.
const port = parentPort;
if (!port) throw new Error('The engine runs on a worker thread.');

const post = (message: FromWorker) => port.postMessage(message);
const engine = createEngine(event => post({ event }));

port.on('message', async ({ id, request, cancel }: ToWorker) => {
  const flag = new Int32Array(cancel);
  const cancelled = () => Atomics.load(flag, 0) !== 0;
  try {
    post({ id, ok: true, result: await engine.handle(request, cancelled) });
  } catch (error) {
    post({ id, ok: false, error: failure(error, cancelled()) });
  }
});

function failure(error: unknown, cancelled: boolean): Failure {
  if (!(error instanceof Error)) return { message: String(error), cancelled };
  return {
    message: error.message,
    cancelled,
    ...(error instanceof ModelError ? { diagnostic: error.diagnostic } : {}),
    ...(error.stack ? { stack: error.stack } : {}),
  };
}
