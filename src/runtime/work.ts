import type { ContractAttributes } from '../ops/contraction';
import { type Computation, lowerRequest } from './loweredRequest';
import type { Value } from './value';

/** What one run takes, counted rather than timed, so that whoever decides by it decides the same every time. */
export interface Work {
  /** Additions and multiplications inside contractions, two for each product. */
  readonly products: number;
  /** Those of them in contractions over windows, and how many contractions these are. */
  readonly convolved: number;
  readonly convolutions: number;
  /** Numbers that all other computations take in or give, whichever are more. */
  readonly numbers: number;
  /** Values that are computed, views aside. */
  readonly operations: number;
}

const VIEWS: ReadonlySet<string> = new Set([
  'identity',
  'stop_gradient',
  'reshape',
  'transpose',
  'broadcast',
  'slice',
  'window',
  'constant',
  'size',
]);

/** Throws `SizeError` when operands that must have one shape do not. */
export function countWork(computation: Computation): Work {
  let [products, numbers, operations] = [0, 0, 0];
  let [convolved, convolutions] = [0, 0];
  for (const value of lowerRequest(computation).lowered.values) {
    if (value.fed || value.constant || VIEWS.has(value.op)) continue;
    operations++;
    if (value.op === 'contract') {
      const own = 2 * turns(value);
      products += own;
      if (value.inputs.some(overWindows)) {
        convolved += own;
        convolutions++;
      }
    } else numbers += Math.max(value.count, ...value.inputs.map(input => input.count));
  }
  return { products, convolved, convolutions, numbers, operations };
}

function overWindows(value: Value): boolean {
  return !value.fed && value.op === 'window';
}

/** Products of a contraction: the sizes of all its labels, multiplied. */
function turns({ attributes, inputs }: Value): number {
  const { left, right } = attributes as ContractAttributes;
  const sizes = new Map<string, number>();
  [left, right].forEach((labels, i) => {
    [...labels].forEach((label, axis) => {
      sizes.set(label, inputs[i]!.shape[axis]!);
    });
  });
  return [...sizes.values()].reduce((product, size) => product * size, 1);
}
