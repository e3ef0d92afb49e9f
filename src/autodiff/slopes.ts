import type { BatchProbe } from './batchProbe';
import { type DifferenceQuotient, differentiate, type Pair } from './differences';

/** A way through the elements, along which a slope is wanted. */
export interface Way {
  readonly step: number;
  /** Moves the elements by `t`. */
  move(elements: Float64Array, t: number): void;
}

/** The slopes along all ways, each evaluation for many of them. Gives way with how many evaluations were made. */
export function* slopes(
  probed: BatchProbe,
  ways: readonly Way[],
  tolerance: number,
): Generator<number, DifferenceQuotient[]> {
  const [middle] = yield* probed.at([() => {}]);
  const quotients: DifferenceQuotient[] = [];
  let open = ways.map((way, i) => {
    const search = differentiate(middle!, way.step, tolerance);
    return { way, i, search, wanted: search.next() };
  });
  while (open.length > 0) {
    const changes = open.flatMap(({ way, wanted }) =>
      (wanted.value as Pair).map(t => (elements: Float64Array) => way.move(elements, t)),
    );
    const values = yield* probed.at(changes);
    open = open.flatMap(({ way, i, search }, k) => {
      const wanted = search.next([values[2 * k]!, values[2 * k + 1]!]);
      if (!wanted.done) return [{ way, i, search, wanted }];
      quotients[i] = wanted.value;
      return [];
    });
  }
  return quotients;
}
