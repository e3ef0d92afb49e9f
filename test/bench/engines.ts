import path from 'node:path';
import type { Backend } from '../../src/training/executor';
import { projectRoot } from '../vscode/host/paths';
import { bundle } from './bundle';
import type { Candidate } from './interleave';
import { PeerProcess } from './peers/process';
import type { Answer } from './peers/serve';

/** Something that trains models, in processes of its own: ours as chosen automatically, ours forced, or another's. */
export interface Engine {
  readonly name: string;
  readonly family: 'nabla' | 'pytorch' | 'tfjs';
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** An engine with its process, which is started again after one that was given up. */
export class RunningEngine implements Candidate {
  private constructor(
    readonly engine: Engine,
    private peer: PeerProcess,
  ) {}

  /** Undefined when it cannot be started; `onError` is told why. */
  static async start(engine: Engine, onError: (problem: string) => void): Promise<RunningEngine | undefined> {
    const peer = await PeerProcess.start(engine.command, engine.environment ?? {}, onError);
    return peer && new RunningEngine(engine, peer);
  }

  get name(): string {
    return this.engine.name;
  }

  get title(): string {
    return this.peer.title;
  }

  get pid(): number {
    return this.peer.pid;
  }

  async time(model: string, milliseconds: number): Promise<Answer> {
    if (this.peer.ended) {
      let problem = '';
      const again = await PeerProcess.start(this.engine.command, this.engine.environment ?? {}, said => {
        problem = said;
      });
      if (!again) return { error: problem };
      this.peer = again;
    }
    return this.peer.time(model, milliseconds);
  }

  end(): void {
    this.peer.end();
  }
}

const python = process.env.PYTHON ?? '/usr/bin/python3';

function pytorch(threads: number): Engine {
  return {
    name: `PyTorch ${threads}T`,
    family: 'pytorch',
    command: [python, path.join(projectRoot, 'test/bench/peers/pytorch.py'), String(threads)],
    environment: { OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) },
  };
}

function tfjs(backend: string): Engine {
  return {
    name: `tfjs ${backend}`,
    family: 'tfjs',
    command: [process.execPath, bundle('tfjs'), backend, '1'],
  };
}

function nabla(name: string, backend: Backend, threads?: number): Engine {
  const given = [backend, ...(threads === undefined ? [] : [String(threads)])];
  return { name, family: 'nabla', command: [process.execPath, bundle('nabla'), ...given] };
}

/** What is compared, in the order in which it takes turns. The first is what a user gets who asks for nothing. */
export const engines: readonly Engine[] = [
  nabla('Nabla', 'auto'),
  pytorch(1),
  pytorch(2),
  nabla('own code', 'js'),
  nabla('ONNX 1T', 'onnx', 1),
  nabla('ONNX 2T', 'onnx', 2),
  tfjs('wasm'),
  tfjs('cpu'),
];

/** Starts all that can be started; why another cannot is said in one line. */
export async function startEngines(say: (line: string) => void): Promise<RunningEngine[]> {
  const problems = new Map<string, string>();
  const started = await Promise.all(
    engines.map(engine => RunningEngine.start(engine, problem => problems.set(engine.family, problem))),
  );
  for (const [family, problem] of problems) {
    const remedy =
      family === 'pytorch' ? ` (${python}; set PYTHON to an interpreter that has \`torch\`)` : '';
    say(`${family} is left out: ${problem}${remedy}`);
  }
  return started.filter(engine => engine !== undefined);
}
