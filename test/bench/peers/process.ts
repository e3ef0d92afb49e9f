import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Answer } from './serve';

/** An answer may take so much longer than it was asked to before the process is given up, in milliseconds. */
const PATIENCE = 10_000;

/** One process that times models on request, see `serve`. */
export class PeerProcess {
  /** What it says of itself, such as its version. */
  readonly title: string;
  private waiting: ((line: string) => void) | undefined;

  private constructor(
    private readonly child: ChildProcess,
    ready: string,
  ) {
    this.title = ready;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Undefined when the program cannot be started or ends before it is ready; `onError` is told why. */
  static async start(
    command: readonly string[],
    environment: Readonly<Record<string, string>>,
    onError: (problem: string) => void,
  ): Promise<PeerProcess | undefined> {
    const [program, ...given] = command as [string, ...string[]];
    const child = spawn(program, given, {
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', chunk => (said += String(chunk)));
    child.stdin.on('error', () => {}); // The process has ended, which `close` tells.
    const lines = createInterface({ input: child.stdout });
    let peer: PeerProcess | undefined;
    const first = await new Promise<string | undefined>(resolve => {
      lines.once('line', resolve);
      child.once('error', error => {
        said = error.message;
        resolve(undefined);
      });
      child.once('close', () => resolve(undefined));
    });
    if (first === undefined) {
      onError(said.trim().split('\n').at(-1) || 'it ended at once');
      return undefined;
    }
    peer = new PeerProcess(child, (JSON.parse(first) as { ready: string }).ready);
    lines.on('line', line => peer.waiting?.(line));
    child.once('close', () => peer.waiting?.(JSON.stringify({ error: 'the process ended' })));
    return peer;
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null || this.child.killed;
  }

  /** Microseconds a step over about so many milliseconds. */
  async time(model: string, milliseconds: number): Promise<Answer> {
    this.child.stdin!.write(`${model} ${milliseconds}\n`);
    const line = await new Promise<string>(resolve => {
      const timer = setTimeout(() => {
        this.child.kill('SIGKILL');
        resolve(JSON.stringify({ error: `a step takes more than ${PATIENCE / 1000} s` }));
      }, PATIENCE + milliseconds);
      this.waiting = answer => {
        clearTimeout(timer);
        resolve(answer);
      };
    });
    this.waiting = undefined;
    return JSON.parse(line) as Answer;
  }

  end(): void {
    this.child.stdin!.end();
    this.child.kill();
  }
}
