import { Emitter } from '../base/emitter';
import { EngineError } from './engineError';
import type { Event, Request, Responses } from './protocol';
import { WorkerThread } from './workerThread';

export interface EngineClientOptions {
  /** The worker's script; tests bring one that dies, hangs or answers late. */
  readonly script: string;
  /** Restarts allowed within `restartWindow` milliseconds. */
  readonly restarts?: number;
  readonly restartWindow?: number;
  /** How long a cancelled request may go on before the engine counts as stuck. */
  readonly patience?: number;
  /** How long `dispose` waits for the engine to come to rest. */
  readonly grace?: number;
}

/** What the editor needs of the engine. */
export interface Engine {
  /** Settles always: with the answer, or with an `EngineError`. */
  call<R extends Request>(request: R, signal?: AbortSignal): Promise<Responses[R['kind']]>;
}

/**
 * The supervisor of the engine's worker: starts it at the first request, sees it crash, starts it again with the
 * next request and tells it then about the documents it has to know.
 */
export class EngineClient implements Engine {
  private readonly options: Required<EngineClientOptions>;
  private readonly events = new Emitter<Event>();
  private readonly crashes = new Emitter<string>();
  private readonly stalls = new Emitter<void>();
  private thread: WorkerThread | undefined;
  private disposed = false;
  /** Times of the crashes that a restart followed or will follow. */
  private crashTimes: number[] = [];
  /** The last analysis asked for, by document. */
  private readonly documents = new Map<string, Request & { kind: 'analyze' }>();
  /** The documents that the running thread has been told about, with the promise that it has read them. */
  private readonly told = new Map<string, Promise<unknown> | undefined>();
  /** Runs whose request waits for their document. */
  private readonly starts = new Map<string, Promise<unknown>>();

  readonly onEvent = this.events.listen;
  /** Says why the worker ended. */
  readonly onDidCrash = this.crashes.listen;
  /** The worker does not leave a request that was cancelled. */
  readonly onDidStall = this.stalls.listen;

  constructor(options: EngineClientOptions) {
    this.options = { restarts: 3, restartWindow: 60_000, patience: 10_000, grace: 3_000, ...options };
  }

  get running(): boolean {
    return this.thread !== undefined;
  }

  async call<R extends Request>(request: R, signal?: AbortSignal): Promise<Responses[R['kind']]> {
    if (this.disposed || signal?.aborted) throw EngineError.cancelled();
    if (request.kind === 'close') {
      this.documents.delete(request.uri);
      this.told.delete(request.uri);
      if (!this.thread) return null as Responses[R['kind']];
    }
    const thread = this.thread ?? this.start();
    if (request.kind === 'analyze') {
      const { uri } = request.document;
      this.documents.set(uri, request);
      const answer = thread.call(request, signal);
      this.remember(uri, answer);
      return answer;
    }
    const told = 'uri' in request ? this.tell(thread, request.uri) : this.starting(request);
    if (told) {
      if (request.kind === 'train') this.starts.set(request.run.runId, told);
      await told;
      if (request.kind === 'train') this.starts.delete(request.run.runId);
    }
    return thread === this.thread ? thread.call(request, signal) : this.call(request, signal);
  }

  /** Ends a worker that hangs; what was waiting is cancelled. */
  async restart(): Promise<void> {
    const thread = this.thread;
    this.forget();
    this.crashTimes = [];
    await thread?.terminate();
  }

  /** Lets the engine come to rest and ends it. */
  async dispose(): Promise<void> {
    this.disposed = true;
    const thread = this.thread;
    this.forget();
    for (const emitter of [this.events, this.crashes, this.stalls]) emitter.dispose();
    await thread?.stop(this.options.grace);
  }

  private start(): WorkerThread {
    const { script, restarts, restartWindow, patience } = this.options;
    const now = Date.now();
    this.crashTimes = this.crashTimes.filter(time => now - time < restartWindow);
    if (this.crashTimes.length > restarts) {
      const times = `${this.crashTimes.length} times within ${Math.round(restartWindow / 1000)} seconds`;
      throw new EngineError(
        `The engine stopped ${times} and is not started again for now. The log says why; wait a little, or reload the window.`,
        'crashed',
      );
    }
    const thread: WorkerThread = new WorkerThread(
      script,
      {
        event: event => this.events.fire(event),
        stalled: () => this.stalls.fire(),
        crashed: reason => {
          if (this.thread === thread) this.forget();
          this.crashTimes.push(Date.now());
          this.crashes.fire(reason);
        },
      },
      patience,
    );
    this.thread = thread;
    return thread;
  }

  private forget(): void {
    this.thread = undefined;
    this.told.clear();
  }

  /** A request about a document waits until the thread knows it: a fresh one does not. */
  private tell(thread: WorkerThread, uri: string): Promise<unknown> | undefined {
    const document = this.documents.get(uri);
    if (document && !this.told.has(uri)) this.remember(uri, thread.call(document));
    return this.told.get(uri);
  }

  private remember(uri: string, answer: Promise<unknown>): void {
    const settled = answer
      .catch(() => {})
      .then(() => {
        if (this.told.get(uri) === settled) this.told.set(uri, undefined);
      });
    this.told.set(uri, settled);
  }

  /** Steering a run waits until the request that starts it is on its way. */
  private starting(request: Request): Promise<unknown> | undefined {
    return request.kind === 'steer' ? this.starts.get(request.runId) : undefined;
  }
}
