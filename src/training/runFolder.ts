import { appendFileSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { version } from '../../package.json';
import { encodeSafetensors } from '../interop/safetensors';
import { type Model, savedTensors, type Training } from '../language/model';
import type { Source } from '../language/source';
import { writeCheckpoint } from './checkpointFiles';
import { eventJson, toJson } from './eventJson';
import { executorName } from './executor';
import type { Fingerprint } from './fingerprint';
import type { ParameterValues } from './initial';
import { makeFolder } from './makeFolder';
import type { Run, RunEvent } from './run';

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

/** Unless the file says how often, checkpoints of quick epochs are so many milliseconds apart. */
const CHECKPOINT_MILLISECONDS = 500;

/**
 * What a run leaves behind: the model's text, events as JSON lines, checkpoints, the parameters as safetensors and
 * `run.json`, which is written first as `running` and replaced at the end.
 */
export class RunFolder {
  private readonly started = new Date();
  private lines: string[] = [];
  private lastCheckpoint = 0;
  private own: Fingerprint | undefined;
  private executor: { readonly executor?: string; readonly executorReason?: string } = {};

  constructor(
    readonly path: string,
    private readonly source: Source,
    private readonly runId: string,
    private readonly seed: number,
  ) {}

  /** `resumed` is the folder of the run that is taken up, whose events until then become this one's. */
  async begin(run: Run, resumed?: string): Promise<void> {
    this.executor = { executor: executorName(run.executor), executorReason: run.executor.reason };
    await makeFolder(this.path);
    const hidden = dirname(dirname(this.path));
    // The folder of runs keeps itself out of version control.
    if (basename(hidden) === '.nabla') await writeAtomically(join(hidden, '.gitignore'), '*\n');
    await writeAtomically(join(this.path, 'model.nabla'), this.source.text);
    // A folder that is used again keeps nothing of another run.
    const before = resumed === undefined ? '' : await eventsUntil(resumed, run);
    await writeAtomically(join(this.path, 'events.jsonl'), before);
    await this.record({ phase: 'running', steps: run.stepsDone, metrics: {}, seconds: 0 });
    this.checkpoint(run);
  }

  /** To be called after every event: an epoch may end with a checkpoint. */
  afterEvent(event: RunEvent, run: Run): void {
    if (event.kind !== 'epoch') return;
    const every = run.training.checkpoint;
    const due =
      every === undefined
        ? performance.now() - this.lastCheckpoint >= CHECKPOINT_MILLISECONDS
        : (event.epoch + 1) % every === 0;
    if (due) this.checkpoint(run);
  }

  /** Keeps the last checkpoint where the last update has spoilt the parameters. */
  checkpoint(run: Run): void {
    const checkpoint = run.checkpoint();
    for (const { data } of checkpoint.tensors.parameters.values()) if (!data.every(Number.isFinite)) return;
    this.flush();
    this.own ??= run.fingerprint(this.source.text);
    writeCheckpoint(this.path, { checkpoint, fingerprint: this.own }, keysOf(run.training));
    this.lastCheckpoint = performance.now();
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
      ...this.executor,
      nabla: version,
      ...(error ? { error: error.message } : {}),
    };
    return writeAtomically(join(this.path, 'run.json'), `${toJson(record, 2)}\n`);
  }
}

/** The settings of a `train` block, for people who read a checkpoint. */
function keysOf({ optimizer, batch, split, shuffle, seed, precision }: Training): Record<string, unknown> {
  const { name, settings } = optimizer;
  return { optimizer: { name, ...settings }, batch, split, shuffle, seed, precision };
}

/** The events of a run up to where another takes it up; a step before that says the end of its epoch again. */
async function eventsUntil(folder: string, run: Run): Promise<string> {
  let text: string;
  try {
    text = await readFile(join(folder, 'events.jsonl'), 'utf8');
  } catch {
    return '';
  }
  const { stepsDone } = run;
  const { pendingEpoch } = run.checkpoint().run;
  const kept = text.split('\n').filter(line => {
    try {
      const { event, step } = JSON.parse(line) as { event?: unknown; step?: unknown };
      if (typeof step !== 'number') return false;
      return step < stepsDone || (step === stepsDone && (event === 'step' || !pendingEpoch));
    } catch {
      return false; // a last line that was cut off
    }
  });
  return kept.map(line => `${line}\n`).join('');
}

/** Parameters by their paths, in 64-bit, as they are in the model. */
export function encodeParameters(parameters: ParameterValues, model: Model): Uint8Array {
  const tensors = savedTensors(model).map(
    ({ path, sizes }) => [path, { shape: sizes, data: parameters.get(path)! }] as const,
  );
  return encodeSafetensors(new Map(tensors), { nabla: version });
}

/** Files that this thread has written: two runs that begin at once write the same one. */
let written = 0;

/** Under another name first, so that a reader never sees half a file. */
export async function writeAtomically(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}-${++written}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, file);
}
