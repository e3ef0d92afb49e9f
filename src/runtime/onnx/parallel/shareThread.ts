import { existsSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { OnnxFailure } from '../failure';
import type { OnnxRuntime } from '../runtime';
import type { Slots } from './share';
import { CONTROL, NOT_READY, SharedMemory } from './sharedMemory';
import type { ShareModel } from './shareModel';

export interface ShareData {
  readonly model: Uint8Array;
  readonly settings: ShareModel['settings'];
  readonly slots: Slots;
  readonly buffer: SharedArrayBuffer;
}

/** Beside the other bundles, and from the sources where the build puts it. */
const PLACES = ['shareWorker.js', '../../../../dist/shareWorker.js'].map(place =>
  path.join(__dirname, place),
);

/** The bundle that `shareWorker.ts` becomes; undefined where it has not been built. */
export function shareScript(): string | undefined {
  return PLACES.find(place => existsSync(place));
}

/** Further threads for shares, ready to begin; undefined when they cannot be had. */
export function startThreads(
  count: number,
  script: string | undefined,
  model: Pick<ShareModel, 'encoded' | 'settings' | 'slots'>,
  runtime: OnnxRuntime,
): ShareThread[] | undefined {
  if (count === 0) return [];
  if (script === undefined) return undefined;
  const threads = Array.from({ length: count }, () => new ShareThread(script, model));
  try {
    runtime.guarded(() => {
      for (const thread of threads) thread.awaitReady();
    });
    return threads;
  } catch (error) {
    for (const thread of threads) thread.stop();
    if (error instanceof OnnxFailure) return undefined;
    throw error;
  }
}

/** Longer than the slowest machine takes to read a model. */
const PATIENCE_MILLISECONDS = 30_000;

/** Turns of waiting before the thread sleeps: about as long as the two shares of a batch differ. */
const SPINS = 2000;

/** The other side of `shareWorker.ts`. */
export class ShareThread {
  readonly memory: SharedMemory;
  private readonly worker: Worker;
  private run = 0;

  /** Begins to start the thread; `awaitReady` waits for it. */
  constructor(
    script: string,
    { encoded, settings, slots }: Pick<ShareModel, 'encoded' | 'settings' | 'slots'>,
  ) {
    this.memory = SharedMemory.make(slots);
    Atomics.store(this.memory.control, CONTROL.finished, NOT_READY);
    const data: ShareData = { model: encoded, settings, slots, buffer: this.memory.buffer };
    this.worker = new Worker(script, { workerData: data, execArgv: [] });
    // What goes wrong there is said through the shared memory; a process that has ended does not wait for it.
    this.worker.on('error', error => this.memory.fail(error.message));
    this.worker.unref();
  }

  /** Throws `OnnxFailure` when the thread cannot begin. */
  awaitReady(): void {
    this.await(0);
  }

  /** Begins a run over what the memory holds. */
  start(): void {
    this.run++;
    Atomics.store(this.memory.control, CONTROL.asked, this.run);
    Atomics.notify(this.memory.control, CONTROL.asked);
  }

  /** Waits for the run that was begun. Throws `OnnxFailure`. */
  join(): void {
    this.await(this.run);
  }

  /** The thread ends as soon as it is idle. It is never terminated, which would end the process in a native call. */
  stop(): void {
    Atomics.store(this.memory.control, CONTROL.stop, 1);
    Atomics.add(this.memory.control, CONTROL.asked, 1);
    Atomics.notify(this.memory.control, CONTROL.asked);
  }

  private await(run: number): void {
    const { control } = this.memory;
    for (let i = 0; i < SPINS && Atomics.load(control, CONTROL.finished) !== run; i++);
    for (;;) {
      const seen = Atomics.load(control, CONTROL.finished);
      if (seen === run) break;
      const waited = Atomics.wait(control, CONTROL.finished, seen, PATIENCE_MILLISECONDS);
      if (waited === 'timed-out' && run === 0) throw new OnnxFailure(new Error('a thread does not start'));
    }
    const failure = this.memory.failure();
    if (failure !== undefined) throw new OnnxFailure(new Error(failure));
  }
}
