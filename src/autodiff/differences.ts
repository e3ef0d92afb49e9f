/** The derivative of a function of one number at 0, from its values alone. */
export interface DifferenceQuotient {
  readonly value: number;
  /** Estimated error of `value`: what is left of the series in the step, and rounding. */
  readonly error: number;
  /** The part of `error` that comes from rounding. */
  readonly noise: number;
  /** The slopes from the left and from the right when they differ however small the step: there is no derivative. */
  readonly kink?: { readonly left: number; readonly right: number };
}

/** Something on the left and on the right. */
export type Pair = readonly [number, number];

const RATIO = 10;
const STEPS = 6;
/** Rounding errors of a value, in units of its last place: a loss sums many terms. */
const NOISE_UNITS = 16;

/**
 * Central differences D(h) = f' + c h² + ... with steps h, h/10, ...; two of them give (100 D(h/10) - D(h)) / 99,
 * which is free of the h² term. Two steps do where they agree; a steep function, or a kink nearby, takes smaller ones.
 * Asks for the function's values at two places at a time; `middle` is the one at 0.
 */
export function* differentiate(
  middle: number,
  h: number,
  tolerance: number,
): Generator<Pair, DifferenceQuotient, Pair> {
  let best: DifferenceQuotient = { value: Number.NaN, error: Infinity, noise: Infinity };
  let before: Sample | undefined;
  let kink = false;
  let sample = sampleOf(yield [-h, h], middle, h);
  for (let i = 1; i < STEPS; i++) {
    before = sample;
    const closer = h / RATIO ** i;
    sample = sampleOf(yield [-closer, closer], middle, closer);
    kink = isKink(before, sample, tolerance);
    if (kink) continue;
    const value = (RATIO * RATIO * sample.central - before.central) / (RATIO * RATIO - 1);
    const error = Math.abs(sample.central - before.central) / RATIO + sample.noise;
    if (error < best.error) best = { value, error, noise: sample.noise };
    if (error <= tolerance * Math.abs(value) + sample.noise) break;
  }
  return kink || !Number.isFinite(best.value)
    ? {
        value: sample.central,
        error: Infinity,
        noise: sample.noise,
        kink: { left: sample.left, right: sample.right },
      }
    : best;
}

interface Sample {
  readonly central: number;
  readonly left: number;
  readonly right: number;
  readonly noise: number;
}

function sampleOf([low, high]: Pair, middle: number, h: number): Sample {
  const size = Math.max(Math.abs(low), Math.abs(middle), Math.abs(high));
  return {
    central: (high - low) / (2 * h),
    left: (middle - low) / h,
    right: (high - middle) / h,
    noise: (NOISE_UNITS * Number.EPSILON * size) / h,
  };
}

/** The jump from the left slope to the right one shrinks with the step where there is a derivative. */
function isKink(before: Sample, after: Sample, tolerance: number): boolean {
  const [wide, narrow] = [Math.abs(before.right - before.left), Math.abs(after.right - after.left)];
  if (!Number.isFinite(narrow)) return true;
  const slope = Math.max(Math.abs(after.left), Math.abs(after.right));
  return narrow > tolerance * slope + 4 * after.noise && !(narrow < 0.5 * wide);
}
