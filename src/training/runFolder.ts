import { appendFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { version } from '../../package.json';
import { encodeSafetensors } from '../interop/safetensors';
import { type Model, savedTensors } from '../language/model';
import type { Source } from '../language/source';
import { eventJson } from './eventJson';
import type { ParameterValues } from './initial';
import type { RunEvent } from './run';

/** How a run ended, as `run.json` tells it. */
export interface RunEnd {
  readonly phase: 'finished' | 'stopped' | 'failed';
  readonly steps: number;
  readonly loss?: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly validationLoss?: number;
  readonly validationMetrics?: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly error?: { readonly message: string };
}

/**
 * What a run leaves behind: the model's text, events as JSON lines, the parameters as safetensors and `run.json`, which
 * is written first as `running` and replaced at the end.
 */
export class RunFolder {
  private readonly started = new Date();
  private lines: string[] = [];

  constructor(
    readonly path: string,
    private readonly source: Source,
    private readonly runId: string,
    private readonly seed: number,
  ) {}

  async begin(): Promise<void> {
    await mkdir(this.path, { recursive: true });
    const hidden = dirname(dirname(this.path));
    // The folder of runs keeps itself out of version control.
    if (basename(hidden) === '.nabla') await writeAtomically(join(hidden, '.gitignore'), '*\n');
    await writeAtomically(join(this.path, 'model.nabla'), this.source.text);
    // A folder that is used again keeps nothing of the run before.
    await writeFile(join(this.path, 'events.jsonl'), '');
    await this.record({ phase: 'running', steps: 0, metrics: {}, seconds: 0 });
  }

  /** Remembers an event until the next `flush`. */
  write(event: RunEvent): void {
    this.lines.push(toJson(eventJson(event)));
  }

  flush(): void {
    if (this.lines.length === 0) return;
    appendFileSync(join(this.path, 'events.jsonl'), `${this.lines.join('\n')}\n`);
    this.lines = [];
  }

  async end(end: RunEnd, parameters: ParameterValues, model: Model): Promise<void> {
    this.flush();
    await writeAtomically(join(this.path, 'params.safetensors'), encodeParameters(parameters, model));
    await this.record(end);
  }

  private record({
    error,
    ...end
  }: Omit<RunEnd, 'phase'> & { phase: RunEnd['phase'] | 'running' }): Promise<void> {
    const record = {
      format: 1,
      runId: this.runId,
      model: this.source.file,
      started: this.started.toISOString(),
      seed: this.seed,
      ...end,
      executor: 'javascript',
      nabla: version,
      ...(error ? { error: error.message } : {}),
    };
    return writeAtomically(join(this.path, 'run.json'), `${toJson(record, 2)}\n`);
  }
}

/** Parameters by their paths, in 64-bit, as they are in the model. */
export function encodeParameters(parameters: ParameterValues, model: Model): Uint8Array {
  const tensors = savedTensors(model).map(
    ({ path, sizes }) => [path, { shape: sizes, data: parameters.get(path)! }] as const,
  );
  return encodeSafetensors(new Map(tensors), { nabla: version });
}

/** Under another name first, so that a reader never sees half a file. */
export async function writeAtomically(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, file);
}

/** JSON has no NaN and no infinities; they are written as strings. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_, item: unknown) => (typeof item === 'number' && !Number.isFinite(item) ? String(item) : item),
    indent,
  );
}
