import type { ParameterValues } from '../training/initial';

/** How many steps of a run keep their parameters, so that they can be shown again. */
const KEPT_STEPS = 64;

/** Bytes that the kept steps of one run may take. */
const KEPT_BYTES = 64 * 2 ** 20;

/** Parameters at some steps of one run: evenly spread, the first and the latest always among them. */
export class KeptSteps {
  private readonly kept = new Map<number, ParameterValues>();
  private spacing = 1;

  /** Steps in ascending order. */
  get steps(): number[] {
    return [...this.kept.keys()].sort((a, b) => a - b);
  }

  get latest(): number | undefined {
    return this.steps.at(-1);
  }

  at(step: number): ParameterValues | undefined {
    return this.kept.get(step);
  }

  /** Whether a step lies on the present grid, so that its parameters are worth copying. */
  wants(step: number): boolean {
    return step % this.spacing === 0;
  }

  keep(step: number, values: ParameterValues): void {
    const previous = this.latest;
    // The latest is kept only as long as it is the latest, unless it lies on the grid.
    if (previous !== undefined && previous % this.spacing !== 0) this.kept.delete(previous);
    this.kept.set(step, values);
    let bytes = 0;
    for (const value of values.values()) bytes += value.byteLength;
    const most = Math.max(2, Math.min(KEPT_STEPS, Math.floor(KEPT_BYTES / Math.max(1, bytes))));
    while (this.kept.size > most) this.thin(step);
  }

  /** Doubles the spacing of the grid and drops what lies between. */
  private thin(latest: number): void {
    this.spacing *= 2;
    for (const step of this.kept.keys()) {
      if (step % this.spacing !== 0 && step !== latest) this.kept.delete(step);
    }
  }
}
