import type { ContractAttributes } from '../../../ops/contraction';
import type { Value } from '../../value';
import { type Sliding, unwindowsOf, windowsOf } from './sliding';

/** An operand of a contraction with the labels of its axes. */
export interface Labelled {
  readonly value: Value;
  readonly labels: string;
}

/**
 * The roles of the labels of a contraction with windows `[*batch, *group, *inputs, *places, *inside]`, weights over
 * group, filters, inputs and inside, and results over batch, group, filters and places.
 */
export interface Roles {
  readonly batch: string;
  readonly group: string;
  readonly inputs: string;
  readonly filters: string;
  readonly places: string;
  readonly inside: string;
}

interface Convolving {
  readonly sliding: Sliding;
  readonly roles: Roles;
  /** Of the axes that the labels stand for. */
  readonly size: (labels: string) => number;
}

/** result = sum over inputs and inside of windows(x) times weights. */
export interface Convolution extends Convolving {
  readonly x: Value;
  readonly weights: Labelled;
  /** The labels of the value's axes. */
  readonly out: string;
}

/** The gradient of a convolution's weights: sum over batch and places of windows(x) times the result's gradient. */
export interface WeightGradient extends Convolving {
  readonly x: Value;
  readonly cotangent: Labelled;
  readonly out: string;
}

/** The gradient of what a convolution slides over: `[*batch, *group, *inputs, ...size]`. */
export interface InputGradient extends Convolving {
  readonly weights: Labelled;
  readonly cotangent: Labelled;
}

interface Split {
  readonly before: string;
  readonly places: string;
  readonly inside: string;
}

export function convolutionOf(value: Value): Convolution | undefined {
  return firstOf(value, (windows, other, out) => {
    const seen = windowsOf(windows.value)!;
    const { before, places, inside } = split(windows.labels, seen.axes);
    const contracted = (label: string): boolean => other.labels.includes(label) && !out.includes(label);
    if (![...inside].every(contracted)) return undefined;
    if (![...places].every(label => out.includes(label) && !other.labels.includes(label))) return undefined;
    const roles = rolesOf(before, places, inside, {
      batch: label => !other.labels.includes(label),
      group: label => other.labels.includes(label) && out.includes(label),
      filters: [...other.labels].filter(label => !windows.labels.includes(label)).join(''),
    });
    if (!roles) return undefined;
    const { x, sliding } = seen;
    return { x, sliding, roles, weights: other, out, size: sizesOf(windows, other) };
  });
}

export function weightGradientOf(value: Value): WeightGradient | undefined {
  return firstOf(value, (windows, other, out) => {
    const seen = windowsOf(windows.value)!;
    const { before, places, inside } = split(windows.labels, seen.axes);
    const contracted = (label: string): boolean => other.labels.includes(label) && !out.includes(label);
    if (![...places].every(contracted)) return undefined;
    if (![...inside].every(label => out.includes(label) && !other.labels.includes(label))) return undefined;
    const roles = rolesOf(before, places, inside, {
      batch: contracted,
      group: label => other.labels.includes(label) && out.includes(label),
      filters: [...other.labels].filter(label => !windows.labels.includes(label)).join(''),
    });
    if (!roles) return undefined;
    const { x, sliding } = seen;
    return { x, sliding, roles, cotangent: other, out, size: sizesOf(windows, other) };
  });
}

/** For the sum of the windows, or for what is cut out of it because the windows slid over padding too. */
export function inputGradientOf(value: Value): InputGradient | undefined {
  const sum = unwindowsOf(value);
  if (sum?.windows.op !== 'contract' || sum.windows.fed || value.dtype !== 'float') return undefined;
  const { out } = sum.windows.attributes as ContractAttributes;
  const { before, places, inside } = split(out, sum.axes);
  for (const [cotangent, weights] of bothWays(sum.windows)) {
    if (![...places].every(label => cotangent.labels.includes(label) && !weights.labels.includes(label)))
      continue;
    if (![...inside].every(label => weights.labels.includes(label) && !cotangent.labels.includes(label)))
      continue;
    const shared = (label: string): boolean =>
      cotangent.labels.includes(label) && weights.labels.includes(label);
    const roles = rolesOf(before, places, inside, {
      batch: label => !weights.labels.includes(label),
      group: shared,
      filters: [...cotangent.labels].filter(label => shared(label) && !out.includes(label)).join(''),
    });
    if (!roles) continue;
    return { sliding: sum.sliding, roles, weights, cotangent, size: sizesOf(weights, cotangent) };
  }
  return undefined;
}

function firstOf<T>(
  value: Value,
  find: (windows: Labelled, other: Labelled, out: string) => T | undefined,
): T | undefined {
  if (value.op !== 'contract' || value.fed || value.dtype !== 'float') return undefined;
  const { out } = value.attributes as ContractAttributes;
  for (const [windows, other] of bothWays(value)) {
    const found = windowsOf(windows.value) && find(windows, other, out);
    if (found) return found;
  }
  return undefined;
}

function bothWays({ attributes, inputs }: Value): [Labelled, Labelled][] {
  const { left, right } = attributes as ContractAttributes;
  const a = { value: inputs[0]!, labels: left };
  const b = { value: inputs[1]!, labels: right };
  return [
    [a, b],
    [b, a],
  ];
}

function split(labels: string, axes: number): Split {
  const first = labels.length - 2 * axes;
  return {
    before: labels.slice(0, first),
    places: labels.slice(first, first + axes),
    inside: labels.slice(first + axes),
  };
}

/** The labels before the places are those of the batch, of the groups and of the input channels, in this order. */
function rolesOf(
  before: string,
  places: string,
  inside: string,
  is: {
    readonly batch: (label: string) => boolean;
    readonly group: (label: string) => boolean;
    readonly filters: string;
  },
): Roles | undefined {
  const pick = (keep: (label: string) => boolean): string => [...before].filter(keep).join('');
  const batch = pick(is.batch);
  const group = pick(is.group);
  const inputs = pick(label => !is.batch(label) && !is.group(label));
  if (batch + group + inputs !== before) return undefined;
  return { batch, group, inputs, filters: is.filters, places, inside };
}

function sizesOf(...operands: readonly Labelled[]): (labels: string) => number {
  const sizes = new Map<string, number>();
  for (const { value, labels } of operands) {
    [...labels].forEach((label, axis) => {
      sizes.set(label, value.shape[axis]!);
    });
  }
  return labels => [...labels].reduce((product, label) => product * sizes.get(label)!, 1);
}
