import type { StoredTensor } from '../interop/safetensors';
import type { Sums } from './measures';
import type { StoredState } from './stepMethod';

/** Where one `train` block stands between two steps. */
export interface BlockPosition {
  /** Updates made. */
  readonly steps: number;
  /** The epoch under way, from 0. */
  readonly epoch: number;
  /** Batches taken in that epoch. */
  readonly batches: number;
  /** Figures of that epoch so far. */
  readonly sums: Sums;
  /** A learning rate that was set by hand, in place of the file's. */
  readonly learningRate?: number;
  /** For early stopping: the best validation loss, and how many epochs ago that was. */
  readonly best?: { readonly loss: number; readonly epochsAgo: number };
}

/** The tensors that the rest of a block depends on. */
export interface BlockState {
  readonly parameters: StoredState;
  /** Of the optimiser. */
  readonly state: StoredState;
  /** The parameters of the best epoch, for early stopping; empty without. */
  readonly best: StoredState;
}

/** The numbers of stored tensors, without their shapes. */
export function valuesOf(stored: StoredState): Map<string, Float64Array> {
  return new Map([...stored].map(([path, { data }]) => [path, data]));
}

/** Where a run stands between two of its events. */
export interface RunPosition {
  /** Which `train` block, from 0. */
  readonly block: number;
  /** Updates and epochs of the blocks before it. */
  readonly stepsBefore: number;
  readonly epochsBefore: number;
  /** Whether the step just made may have ended its epoch, which has not been said yet. */
  readonly pendingEpoch: boolean;
  readonly seed: number;
  readonly optimizer: string;
}

/** Everything that the rest of a run depends on besides the model and its data. */
export interface Checkpoint {
  readonly run: RunPosition;
  readonly block: BlockPosition;
  readonly tensors: BlockState;
}

/** A checkpoint does not fit the model; the message says which tensors differ, and how. */
export class CheckpointMismatch extends Error {
  override readonly name = 'CheckpointMismatch';
}

interface Expected {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Differences named at most; the rest is counted. */
const MOST_DIFFERENCES = 5;

/** Throws `CheckpointMismatch` unless exactly the expected tensors are stored, in their shapes. */
export function requireSameTensors(
  whose: string,
  expected: readonly Expected[],
  stored: ReadonlyMap<string, StoredTensor>,
): void {
  const names = new Set(expected.map(({ name }) => name));
  const differences: string[] = [];
  for (const { name, shape } of expected) {
    const tensor = stored.get(name);
    if (!tensor) differences.push(`${name} [${shape.join(', ')}] is missing`);
    else if (tensor.shape.join() !== shape.join()) {
      differences.push(`${name} is [${tensor.shape.join(', ')}], and the model's is [${shape.join(', ')}]`);
    }
  }
  for (const name of stored.keys()) if (!names.has(name)) differences.push(`${name} is surplus`);
  if (differences.length === 0) return;
  const shown = differences.slice(0, MOST_DIFFERENCES);
  const more = differences.length - shown.length;
  const rest = more > 0 ? `, and ${more} more` : '';
  throw new CheckpointMismatch(`the checkpoint does not fit ${whose}: ${shown.join('; ')}${rest}`);
}
