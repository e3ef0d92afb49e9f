import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { version } from '../../package.json';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../interop/safetensors';
import type { BlockPosition, BlockState, Checkpoint, RunPosition } from './checkpoint';
import { toJson } from './eventJson';
import type { Fingerprint } from './fingerprint';

/**
 * A checkpoint is `checkpoint.json`, which names the file of its tensors and that file's hash. Two such files are used by
 * turns, so that whoever reads finds a whole checkpoint at any moment, whenever the writer was interrupted.
 */
const RECORD = 'checkpoint.json';
const TENSORS = ['checkpoint.a.safetensors', 'checkpoint.b.safetensors'] as const;

const FORMAT = 1;
const SECTIONS = { state: 'optimizer/', best: 'best/' } as const;

export interface SavedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly fingerprint: Fingerprint;
}

/** There is no checkpoint, or it cannot be read; the message is a sentence without the folder's name. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

/** `keys` are the settings of the `train` block, for people. */
export function writeCheckpoint(
  folder: string,
  { checkpoint, fingerprint }: SavedCheckpoint,
  keys: Readonly<Record<string, unknown>>,
): void {
  const { run, block, tensors } = checkpoint;
  const file = namedTensors(folder) === TENSORS[0] ? TENSORS[1] : TENSORS[0];
  const bytes = encodeSafetensors(joined(tensors), { nabla: version });
  replaceFile(join(folder, file), bytes);
  const record = {
    format: FORMAT,
    nabla: version,
    step: run.stepsBefore + block.steps,
    epoch: run.epochsBefore + block.epoch,
    run,
    block,
    keys,
    ...fingerprint,
    tensors: { file, sha256: hashOf(bytes) },
  };
  replaceFile(join(folder, RECORD), `${toJson(record, 2)}\n`);
}

/** Throws `CheckpointError`. */
export async function readCheckpoint(folder: string): Promise<SavedCheckpoint> {
  let before: string | undefined;
  for (;;) {
    const record = await readRecord(folder);
    let bytes: Uint8Array;
    try {
      bytes = await readFile(join(folder, record.file));
    } catch {
      throw new CheckpointError(`${record.file}, which ${RECORD} names, cannot be read`);
    }
    if (hashOf(bytes) !== record.sha256) {
      // A run that goes on may have written two checkpoints meanwhile, and then there is another record.
      if (record.sha256 !== before) {
        before = record.sha256;
        continue;
      }
      throw new CheckpointError(`${record.file} is damaged: it is not what ${RECORD} says`);
    }
    const tensors = separated(decodeSafetensors(bytes));
    const { run, block, fingerprint } = record;
    return { checkpoint: { run, block, tensors }, fingerprint };
  }
}

/** Which file of tensors the present checkpoint uses. */
function namedTensors(folder: string): string | undefined {
  try {
    return String((JSON.parse(readFileSync(join(folder, RECORD), 'utf8')) as ReadRecord).tensors?.file);
  } catch {
    return undefined;
  }
}

/** Under another name first, so that a reader never sees half a file. */
function replaceFile(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, file);
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function joined({ parameters, state, best }: BlockState): Map<string, StoredTensor> {
  const tensors = new Map(parameters);
  for (const [name, tensor] of state) tensors.set(SECTIONS.state + name, tensor);
  for (const [name, tensor] of best) tensors.set(SECTIONS.best + name, tensor);
  return tensors;
}

function separated(tensors: ReadonlyMap<string, StoredTensor>): BlockState {
  const parts = { parameters: new Map(), state: new Map(), best: new Map() } as Record<
    keyof BlockState,
    Map<string, StoredTensor>
  >;
  for (const [name, tensor] of tensors) {
    if (name.startsWith(SECTIONS.state)) parts.state.set(name.slice(SECTIONS.state.length), tensor);
    else if (name.startsWith(SECTIONS.best)) parts.best.set(name.slice(SECTIONS.best.length), tensor);
    else parts.parameters.set(name, tensor);
  }
  return parts;
}

/** `checkpoint.json` as parsed, with nothing taken for granted. */
interface ReadRecord {
  readonly format?: unknown;
  readonly nabla?: unknown;
  readonly run?: Partial<Record<keyof RunPosition, unknown>>;
  readonly block?: Partial<Record<keyof BlockPosition, unknown>>;
  readonly text?: unknown;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly executor?: unknown;
  readonly tensors?: { readonly file?: unknown; readonly sha256?: unknown };
}

async function readRecord(folder: string): Promise<{
  readonly run: RunPosition;
  readonly block: BlockPosition;
  readonly fingerprint: Fingerprint;
  readonly file: string;
  readonly sha256: string;
}> {
  let text: string;
  try {
    text = await readFile(join(folder, RECORD), 'utf8');
  } catch {
    throw new CheckpointError(`there is no ${RECORD}; name a folder that nabla train --out has written`);
  }
  const damaged = (): never => {
    throw new CheckpointError(`${RECORD} is damaged`);
  };
  let record: ReadRecord | null = null;
  try {
    record = JSON.parse(text) as ReadRecord | null;
  } catch {
    damaged();
  }
  if (typeof record !== 'object' || record === null) return damaged();
  if (record.format !== FORMAT) {
    throw new CheckpointError(
      `${RECORD} has a format that this version does not read (${String(record.nabla)})`,
    );
  }
  const { run = {}, block = {}, data = {}, tensors = {} } = record;
  const whole = (value: unknown): number =>
    Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : damaged();
  const file = TENSORS.find(name => name === tensors.file) ?? damaged();
  return {
    run: {
      block: whole(run.block),
      stepsBefore: whole(run.stepsBefore),
      epochsBefore: whole(run.epochsBefore),
      pendingEpoch: run.pendingEpoch === true,
      seed: whole(run.seed),
      optimizer: String(run.optimizer),
    },
    block: readBlock(block, whole),
    fingerprint: {
      text: String(record.text),
      data: Object.fromEntries(Object.entries(data).map(([name, hash]) => [name, String(hash)])),
      ...(typeof record.executor === 'string' ? { executor: record.executor } : {}),
    },
    file,
    sha256: String(tensors.sha256),
  };
}

function readBlock(
  block: Partial<Record<keyof BlockPosition, unknown>>,
  whole: (value: unknown) => number,
): BlockPosition {
  const { rows, loss, metrics } = asObject(block.sums);
  const best = block.best === undefined ? undefined : asObject(block.best);
  return {
    steps: whole(block.steps),
    epoch: whole(block.epoch),
    batches: whole(block.batches),
    // What is not finite is written as text.
    sums: {
      rows: whole(rows),
      loss: Number(loss),
      metrics: Object.fromEntries(Object.entries(asObject(metrics)).map(([key, sum]) => [key, Number(sum)])),
    },
    ...(block.learningRate === undefined ? {} : { learningRate: Number(block.learningRate) }),
    ...(best ? { best: { loss: Number(best.loss), epochsAgo: whole(best.epochsAgo) } } : {}),
  };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
