import type { CheckOutcome } from '../training/evaluation';

/** `holds to 1e-16`, or how far apart the sides are and where. */
export function describeCheck({ pass, deviation, worst }: CheckOutcome): string {
  if (pass) return deviation === 0 ? 'the check holds exactly' : `the check holds to ${short(deviation)}`;
  if (!worst) return 'the check fails: the two sides have different shapes';
  const place = worst.index.length === 0 ? '' : ` at [${worst.index.join(', ')}]`;
  const how = Number.isNaN(deviation)
    ? 'NaN is not equal to anything'
    : `they deviate by ${short(deviation)}`;
  return `the check fails${place}: left is ${short(worst.left)}, right is ${short(worst.right)}; ${how}`;
}

function short(x: number): string {
  return String(Number(x.toPrecision(6)));
}
