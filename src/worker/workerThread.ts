import { Worker } from 'node:worker_threads';
import { NativeGate } from '../base/nativeGate';
import { ROOMY_STACK_MEGABYTES } from '../base/roomyStack';
import { PendingCalls } from '../base/rpc';
import { EngineError } from './engineError';
import type { Event, FromWorker, Request, Responses, ToWorker } from './protocol';

type Result = Responses[Request['kind']];

/** One life of the engine's worker, from its start to its end. */
export class WorkerThread {
  private readonly worker: Worker;
  private readonly gate = new NativeGate();
  private readonly calls = new PendingCalls<Result>();
  /** Cancel flags of requests that the worker has not answered, even those that nobody waits for any more. */
  private readonly unanswered = new Map<number, Int32Array>();
  private readonly onIdle = new Set<() => void>();
  private stopping = false;
  private ended = false;

  constructor(
    script: string,
    private readonly hooks: {
      event(event: Event): void;
      /** The thread ended without being asked to. */
      crashed(reason: string): void;
      /** A cancelled request is still running after `patience`. */
      stalled(): void;
    },
    private readonly patience: number,
  ) {
    this.worker = new Worker(script, {
      execArgv: [],
      workerData: { gate: this.gate.memory },
      resourceLimits: { stackSizeMb: ROOMY_STACK_MEGABYTES },
    });
    let fault: Error | undefined;
    this.worker.on('message', (message: FromWorker) => this.receive(message));
    this.worker.on('messageerror', error => this.calls.rejectAll(new EngineError(error.message, 'failed')));
    this.worker.on('error', error => {
      fault = error;
    });
    this.worker.on('exit', code => this.end(fault?.message ?? `exit code ${code}`));
  }

  call<R extends Request>(request: R, signal?: AbortSignal): Promise<Responses[R['kind']]> {
    if (this.ended || this.stopping) return Promise.reject(EngineError.cancelled());
    const { id, answer } = this.calls.open();
    const cancel = new SharedArrayBuffer(4);
    this.unanswered.set(id, new Int32Array(cancel));
    const abort = () => this.cancel(id);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      this.worker.postMessage({ id, request, cancel } satisfies ToWorker);
    } catch (error) {
      this.unanswered.delete(id);
      this.calls.reject(id, new EngineError((error as Error).message, 'failed'));
    }
    if (signal?.aborted) abort();
    return answer.finally(() => signal?.removeEventListener('abort', abort)) as Promise<Responses[R['kind']]>;
  }

  /**
   * Ends the thread as soon as it is idle: a thread inside native code must not be terminated, that would end the
   * whole process. One that does not come back within `grace` is left behind and ends when it does.
   */
  async stop(grace: number): Promise<void> {
    this.stopping = true;
    for (const flag of this.unanswered.values()) Atomics.store(flag, 0, 1);
    this.calls.rejectAll(EngineError.cancelled());
    this.worker.unref();
    const idle = this.idle().then(() => this.terminate());
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, grace);
    });
    await Promise.race([idle, late]);
    clearTimeout(timer);
  }

  /** Ends the thread as soon as it is out of native code: for one that hangs, when a person asks for it. */
  async terminate(): Promise<void> {
    this.stopping = true;
    await this.gate.close();
    await this.worker.terminate();
  }

  private receive(message: FromWorker): void {
    if ('event' in message) {
      if (!this.stopping) this.hooks.event(message.event);
      return;
    }
    this.unanswered.delete(message.id);
    if (message.ok) this.calls.resolve(message.id, message.result);
    else this.calls.reject(message.id, EngineError.from(message.error));
    if (this.unanswered.size === 0) this.becomeIdle();
  }

  /** The caller is free at once; the worker leaves its work at the next look at the flag. */
  private cancel(id: number): void {
    const flag = this.unanswered.get(id);
    if (!flag) return;
    Atomics.store(flag, 0, 1);
    this.calls.reject(id, EngineError.cancelled());
    const timer = setTimeout(() => {
      if (this.unanswered.has(id) && !this.stopping) this.hooks.stalled();
    }, this.patience);
    timer.unref();
  }

  private idle(): Promise<void> {
    if (this.unanswered.size === 0) return Promise.resolve();
    return new Promise(resolve => this.onIdle.add(resolve));
  }

  private becomeIdle(): void {
    for (const resolve of this.onIdle) resolve();
    this.onIdle.clear();
  }

  private end(reason: string): void {
    this.ended = true;
    this.unanswered.clear();
    this.becomeIdle();
    const sentence = `The engine stopped unexpectedly (${reason}). It starts again when it is next needed.`;
    this.calls.rejectAll(this.stopping ? EngineError.cancelled() : new EngineError(sentence, 'crashed'));
    if (!this.stopping) this.hooks.crashed(reason);
  }
}
