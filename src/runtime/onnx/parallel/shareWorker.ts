import { workerData } from 'node:worker_threads';
import type { TensorData } from '../../../graph/types';
import { onnxRuntime } from '../runtime';
import { Share, type Slot } from './share';
import { CONTROL, SharedMemory } from './sharedMemory';
import type { ShareData } from './shareThread';

/** A thread that computes a share of each batch, until it is told to stop; it waits where it can be ended at any time. */
const { model, settings, slots, buffer } = workerData as ShareData;
const memory = new SharedMemory(buffer, slots);
const { control } = memory;

function finish(run: number): void {
  Atomics.store(control, CONTROL.finished, run);
  Atomics.notify(control, CONTROL.finished);
}

function serve(): void {
  const runtime = onnxRuntime();
  if ('missing' in runtime) throw new Error(runtime.missing);
  // The library takes no shared memory.
  const own = new Map<string, TensorData>();
  const numbers = (slot: Slot): TensorData => {
    let data = own.get(slot.name);
    if (!data) own.set(slot.name, (data = memory.of(slot).slice()));
    return data;
  };
  const share = new Share(runtime, runtime.session(model, settings), slots, numbers);
  const given = [...slots.whole, ...slots.rows];
  const made = [...slots.sums, ...slots.results];
  finish(0);
  for (let done = 0; ; ) {
    Atomics.wait(control, CONTROL.asked, done);
    if (Atomics.load(control, CONTROL.stop) !== 0) break;
    done = Atomics.load(control, CONTROL.asked);
    try {
      for (const slot of given) numbers(slot).set(memory.of(slot));
      share.run();
      for (const slot of made) memory.of(slot).set(numbers(slot));
    } catch (error) {
      memory.fail((error as Error).message);
    }
    finish(done);
  }
  share.dispose();
}

try {
  serve();
} catch (error) {
  memory.fail((error as Error).message);
  finish(0);
}
