import type { TensorData } from '../../../graph/types';
import type { Slot, Slots, TensorType } from './share';

const ALIGNMENT = 64;
const WIDTHS: Readonly<Record<TensorType, number>> = { float32: 4, int32: 4, bool: 1 };

/** Places in the control words of a thread that computes a share. */
export const CONTROL = {
  /** The number of the last run that was asked for. */
  asked: 0,
  /** That of the last one that is finished; 0 once the thread is ready for the first. */
  finished: 1,
  stop: 2,
  /** Bytes of the sentence that says what went wrong; 0 when nothing did. */
  failure: 3,
} as const;

export const NOT_READY = -1;
const CONTROL_WORDS = 16;
const SENTENCE_BYTES = 2048;

/** All numbers of a share, in memory that two threads see. */
export class SharedMemory {
  readonly control: Int32Array;
  private readonly sentence: Uint8Array;
  private readonly views = new Map<string, TensorData>();

  constructor(
    readonly buffer: SharedArrayBuffer,
    slots: Slots,
  ) {
    this.control = new Int32Array(buffer, 0, CONTROL_WORDS);
    this.sentence = new Uint8Array(buffer, 4 * CONTROL_WORDS, SENTENCE_BYTES);
    let offset = aligned(4 * CONTROL_WORDS + SENTENCE_BYTES);
    for (const { name, type, count } of all(slots)) {
      this.views.set(name, view(type, buffer, offset, count));
      offset += aligned(count * WIDTHS[type]);
    }
  }

  static make(slots: Slots): SharedMemory {
    let bytes = aligned(4 * CONTROL_WORDS + SENTENCE_BYTES);
    for (const { type, count } of all(slots)) bytes += aligned(count * WIDTHS[type]);
    return new SharedMemory(new SharedArrayBuffer(bytes), slots);
  }

  of({ name }: Slot): TensorData {
    return this.views.get(name)!;
  }

  fail(sentence: string): void {
    const { written } = new TextEncoder().encodeInto(sentence, new Uint8Array(SENTENCE_BYTES));
    const bytes = new TextEncoder().encode(sentence).subarray(0, written);
    this.sentence.set(bytes);
    Atomics.store(this.control, CONTROL.failure, bytes.length);
  }

  /** What went wrong in the other thread; it is forgotten by asking. */
  failure(): string | undefined {
    const length = Atomics.exchange(this.control, CONTROL.failure, 0);
    return length === 0 ? undefined : new TextDecoder().decode(this.sentence.slice(0, length));
  }
}

function all({ whole, rows, sums, results }: Slots): Slot[] {
  return [...whole, ...rows, ...sums, ...results];
}

function view(type: TensorType, buffer: SharedArrayBuffer, offset: number, count: number): TensorData {
  const Kind = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[type];
  return new Kind(buffer as unknown as ArrayBuffer, offset, count);
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
