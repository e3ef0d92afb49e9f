/** Up to so many numbers are copied before every step: that costs next to nothing beside the step. */
const SMALL = 10_000;

/** More numbers are copied at most so often, and seldom enough for the copies to take this share of the time at most. */
const MILLISECONDS_BETWEEN = 50;
const SHARE = 1 / 200;

type FloatBuffer = Float32Array | Float64Array;

/**
 * Copies of the numbers that training changes, taken before a step and good once the step has found a finite loss: what
 * a divergence goes back to. Of small models these are the numbers before the last step, of larger ones they are older,
 * since copying every time would take as long as the update itself.
 */
export class LastGood {
  private readonly slots: readonly (readonly FloatBuffer[])[];
  private readonly small: boolean;
  /** The slot that is known to be good. */
  private good = 0;
  private copied = false;
  /** When numbers that are not few may be copied again. */
  private due = Number.NEGATIVE_INFINITY;

  /** `buffers` hold the numbers to begin with, which count as good. */
  constructor(private readonly buffers: readonly FloatBuffer[]) {
    const copy = (): FloatBuffer[] => buffers.map(buffer => buffer.slice());
    this.slots = [copy(), copy()];
    this.small = buffers.reduce((sum, { length }) => sum + length, 0) <= SMALL;
  }

  /** To be called before a step. */
  before(): void {
    const start = this.small ? 0 : performance.now();
    this.copied = this.small || start >= this.due;
    if (!this.copied) return;
    const slot = this.slots[1 - this.good]!;
    for (let i = 0; i < slot.length; i++) slot[i]!.set(this.buffers[i]!);
    if (this.small) return;
    const end = performance.now();
    this.due = end + Math.max(MILLISECONDS_BETWEEN, (end - start) / SHARE);
  }

  /** The step has found a finite loss. */
  confirm(): void {
    if (this.copied) this.good = 1 - this.good;
  }

  restore(): void {
    this.slots[this.good]!.forEach((values, i) => {
      this.buffers[i]!.set(values);
    });
  }
}
