import type { TensorData } from '../../../graph/types';
import { add, type Numbers, type Share, type Slot, type Slots } from './share';
import type { ShareThread } from './shareThread';

type Copy = readonly [to: TensorData, from: TensorData];

/** The shares of a batch: that of this thread comes first, then those of the others in their order. */
export class Shares {
  private readonly others: readonly {
    readonly thread: ShareThread;
    readonly given: readonly Copy[];
    readonly sums: readonly Copy[];
    readonly results: readonly Copy[];
  }[];

  constructor(
    private readonly own: Share,
    threads: readonly ShareThread[],
    slots: Slots,
    numbers: Numbers,
  ) {
    this.others = threads.map((thread, i) => {
      const shared = (slot: Slot): TensorData => thread.memory.of(slot);
      const part = (slot: Slot): TensorData => {
        return numbers(slot).subarray((i + 1) * slot.count, (i + 2) * slot.count);
      };
      return {
        thread,
        given: [
          ...slots.whole.map(slot => [shared(slot), numbers(slot)] as const),
          ...slots.rows.map(slot => [shared(slot), part(slot)] as const),
        ],
        sums: slots.sums.map(slot => [numbers(slot), shared(slot)] as const),
        results: slots.results.map(slot => [part(slot), shared(slot)] as const),
      };
    });
  }

  run(): void {
    for (const { thread, given } of this.others) {
      for (const [to, from] of given) to.set(from);
      thread.start();
    }
    try {
      this.own.run();
    } finally {
      for (const { thread } of this.others) thread.join();
    }
    for (const { sums, results } of this.others) {
      for (const [to, from] of sums) add(to, from);
      for (const [to, from] of results) to.set(from);
    }
  }

  dispose(): void {
    for (const { thread } of this.others) thread.stop();
    this.own.dispose();
  }
}
