import type { TensorData } from '../../../graph/types';
import type { OnnxRuntime, OnnxSession, OnnxTensor } from '../runtime';

export type TensorType = 'float32' | 'int32' | 'bool';

/** A tensor of the model. `shape` is that of one chunk. */
export interface Slot {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  /** Of one chunk. */
  readonly count: number;
}

/** What the model takes and gives, chunk after chunk of examples. */
export interface Slots {
  readonly chunks: number;
  /** The same for all chunks, such as parameters. */
  readonly whole: readonly Slot[];
  /** One part a chunk. */
  readonly rows: readonly Slot[];
  /** Added up over the chunks. */
  readonly sums: readonly Slot[];
  /** One part a chunk, of the result. */
  readonly results: readonly Slot[];
}

/** The numbers of the tensors, by name: those of rows and results for all chunks, one after another. */
export type Numbers = (slot: Slot) => TensorData;

/** One thread's share of a batch: a model for a chunk of examples, run over several of them. */
export class Share {
  private readonly turns: {
    readonly feeds: Record<string, OnnxTensor>;
    readonly fetches: Record<string, OnnxTensor>;
  }[] = [];
  /** What the chunks after the first give, and where it is added. */
  private readonly additions: { readonly to: TensorData; readonly from: TensorData }[] = [];

  constructor(
    runtime: OnnxRuntime,
    private readonly session: OnnxSession,
    slots: Slots,
    numbers: Numbers,
  ) {
    const tensor = ({ type, shape }: Slot, data: TensorData): OnnxTensor => runtime.tensor(type, data, shape);
    const whole = slots.whole.map(slot => [slot.name, tensor(slot, numbers(slot))] as const);
    const sums = slots.sums.map(slot => {
      const to = numbers(slot);
      if (slots.chunks === 1) return { slot, to, from: to };
      const from = to.slice();
      this.additions.push({ to, from });
      return { slot, to, from };
    });
    for (let chunk = 0; chunk < slots.chunks; chunk++) {
      const part = (slot: Slot): [string, OnnxTensor] => {
        const data = numbers(slot).subarray(chunk * slot.count, (chunk + 1) * slot.count);
        return [slot.name, tensor(slot, data)];
      };
      const added = sums.map(
        ({ slot, to, from }) => [slot.name, tensor(slot, chunk === 0 ? to : from)] as const,
      );
      this.turns.push({
        feeds: Object.fromEntries([...whole, ...slots.rows.map(part)]),
        fetches: Object.fromEntries([...added, ...slots.results.map(part)]),
      });
    }
  }

  run(): void {
    this.turns.forEach(({ feeds, fetches }, chunk) => {
      this.session.run(feeds, fetches);
      if (chunk > 0) for (const { to, from } of this.additions) add(to, from);
    });
  }

  dispose(): void {
    this.session.dispose();
  }
}

/** to += from, always in this order, so that sums come out alike every time. */
export function add(to: TensorData, from: TensorData): void {
  for (let i = 0; i < to.length; i++) to[i] = to[i]! + from[i]!;
}
