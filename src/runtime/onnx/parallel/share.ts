import type { TensorData } from '../../../graph/types';
import type { OnnxRuntime, OnnxSession, OnnxTensor } from '../runtime';

export type TensorType = 'float32' | 'int32' | 'bool';

/** A tensor of the model. */
export interface Slot {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  readonly count: number;
}

/** What the model of a share takes and gives. */
export interface Slots {
  /** The same for all shares, such as parameters. */
  readonly whole: readonly Slot[];
  /** A part for each share. */
  readonly rows: readonly Slot[];
  /** Added up over the shares. */
  readonly sums: readonly Slot[];
  /** A part for each share, of the result. */
  readonly results: readonly Slot[];
}

/** The numbers of a tensor. */
export type Numbers = (slot: Slot) => TensorData;

/** One thread's share of a batch. */
export class Share {
  private readonly feeds: Record<string, OnnxTensor>;
  private readonly fetches: Record<string, OnnxTensor>;

  constructor(
    runtime: OnnxRuntime,
    private readonly session: OnnxSession,
    { whole, rows, sums, results }: Slots,
    numbers: Numbers,
  ) {
    const tensors = (slots: readonly Slot[]): Record<string, OnnxTensor> =>
      Object.fromEntries(
        slots.map(slot => [slot.name, runtime.tensor(slot.type, numbers(slot), slot.shape)]),
      );
    this.feeds = tensors([...whole, ...rows]);
    this.fetches = tensors([...sums, ...results]);
  }

  run(): void {
    this.session.run(this.feeds, this.fetches);
  }

  dispose(): void {
    this.session.dispose();
  }
}

/** to += from, always in this order, so that sums come out alike every time. */
export function add(to: TensorData, from: TensorData): void {
  for (let i = 0; i < to.length; i++) to[i] = to[i]! + from[i]!;
}
