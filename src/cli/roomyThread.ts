import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ROOMY_STACK_MEGABYTES } from '../base/roomyStack';
import type { ExitStatus } from './status';
import type { TerminalTraits } from './terminal';

/** A command line that is run on a thread of its own. */
export interface Errand {
  readonly args: readonly string[];
  readonly terminal: TerminalTraits;
  /** Not 0 once Ctrl-C has been pressed. */
  readonly interrupted: SharedArrayBuffer;
}

type News =
  /** Whether the command wants to hear of Ctrl-C; else that ends the process. */
  | { readonly kind: 'listens'; readonly on: boolean }
  | { readonly kind: 'ended'; readonly status: ExitStatus };

/** What this thread was started for; undefined on the main thread. */
export const errand: Errand | undefined = isMainThread ? undefined : (workerData as Errand);

/** Runs a command line from its beginning on a thread whose stack holds deep calls. `script` is that of the process. */
export function runOnRoomyThread(
  script: string,
  args: readonly string[],
  terminal: TerminalTraits,
): Promise<ExitStatus> {
  const interrupted = new SharedArrayBuffer(4);
  const interrupt = (): void => void Atomics.store(new Int32Array(interrupted), 0, 1);
  const thread = new Worker(script, {
    workerData: { args, terminal, interrupted } satisfies Errand,
    resourceLimits: { stackSizeMb: ROOMY_STACK_MEGABYTES },
  });
  return new Promise((resolve, reject) => {
    let status: ExitStatus | undefined;
    thread.on('message', (news: News) => {
      if (news.kind === 'ended') status = news.status;
      else if (news.on) process.once('SIGINT', interrupt);
      else process.removeListener('SIGINT', interrupt);
    });
    thread.on('error', reject);
    // After everything that the thread has written.
    thread.on('exit', () => {
      if (status === undefined) reject(new Error('the thread ended without a word'));
      else resolve(status);
    });
  });
}

/** To the thread that started this one. */
export function tellStarter(news: News): void {
  parentPort?.postMessage(news);
}
