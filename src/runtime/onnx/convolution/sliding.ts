import type { WindowAttributes } from '../../../ops/window';
import type { Value } from '../../value';

/** How windows slide over the last two axes of `[N, C, H, W]`; one axis alone counts as an image of height 1. */
export interface Sliding {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Zeros before and after each axis. */
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
  /** Of what the windows slide over, without padding. */
  readonly size: readonly [number, number];
  /** How many windows there are. */
  readonly places: readonly [number, number];
}

/** A window and what it looks at: all but the last axes, and the sliding over these. */
export interface Windows {
  readonly x: Value;
  /** Axes of the image, 1 or 2. */
  readonly axes: number;
  readonly sliding: Sliding;
}

interface Padding {
  readonly x: Value;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** What `window` looks at through zero padding; undefined for more than two axes. */
export function windowsOf(value: Value): Windows | undefined {
  if (value.op !== 'window' || value.fed) return undefined;
  const { kernel } = value.attributes as WindowAttributes;
  const axes = kernel.length;
  if (axes > 2) return undefined;
  const { x, before, after } = paddingOf(value.inputs[0]!, axes);
  return { x, axes, sliding: slidingOf(value.attributes as WindowAttributes, value, x, before, after) };
}

/** As `windowsOf`, for the sum of overlapping windows; `x` is the value that has the gradient's shape. */
export function unwindowsOf(value: Value): (Windows & { readonly windows: Value }) | undefined {
  const cut = cutOf(value);
  const sum = cut?.padded ?? value;
  if (sum.op !== 'unwindow' || sum.fed) return undefined;
  const attributes = sum.attributes as WindowAttributes;
  const axes = attributes.kernel.length;
  if (axes > 2) return undefined;
  const windows = sum.inputs[0]!;
  const edges = cut && around(cut.before, cut.after, axes);
  if (cut && !edges) return undefined;
  const none = { before: new Array<number>(axes).fill(0), after: new Array<number>(axes).fill(0) };
  const { before, after } = edges ?? none;
  return { x: value, axes, windows, sliding: slidingOf(attributes, windows, value, before, after) };
}

function slidingOf(
  { kernel, stride, dilation }: WindowAttributes,
  windows: Value,
  x: Value,
  before: readonly number[],
  after: readonly number[],
): Sliding {
  const axes = kernel.length;
  const first = windows.shape.length - 2 * axes;
  return {
    kernel: plane(kernel, 1),
    stride: plane(stride, 1),
    dilation: plane(dilation, 1),
    before: plane(before, 0),
    after: plane(after, 0),
    size: plane(x.shape.slice(-axes), 1),
    places: plane(windows.shape.slice(first, first + axes), 1),
  };
}

function plane(numbers: readonly number[], missing: number): readonly [number, number] {
  return numbers.length === 2 ? [numbers[0]!, numbers[1]!] : [missing, numbers[0]!];
}

/** Zeros around the last axes of `value`, or none. */
function paddingOf(value: Value, axes: number): Padding {
  if (value.op === 'unslice' && !value.fed) {
    const { start, step } = value.attributes as { start: readonly number[]; step: readonly number[] };
    const x = value.inputs[0]!;
    const after = value.shape.map((size, axis) => size - start[axis]! - x.shape[axis]!);
    const edges = step.every(s => s === 1) ? around(start, after, axes) : undefined;
    if (edges) return { x, ...edges };
  }
  return {
    x: value,
    before: new Array<number>(axes).fill(0),
    after: new Array<number>(axes).fill(0),
  };
}

/** What `slice` cuts off around a value. */
function cutOf(
  value: Value,
):
  | { readonly padded: Value; readonly before: readonly number[]; readonly after: readonly number[] }
  | undefined {
  if (value.op !== 'slice' || value.fed) return undefined;
  const { start, step } = value.attributes as { start: readonly number[]; step: readonly number[] };
  if (step.some(s => s !== 1)) return undefined;
  const padded = value.inputs[0]!;
  const after = padded.shape.map((size, axis) => size - start[axis]! - value.shape[axis]!);
  return { padded, before: start, after };
}

/** The edges of the last axes; undefined when others have some too. */
function around(
  before: readonly number[],
  after: readonly number[],
  axes: number,
): { readonly before: readonly number[]; readonly after: readonly number[] } | undefined {
  const inner = before.length - axes;
  if ([...before.slice(0, inner), ...after.slice(0, inner)].some(size => size !== 0)) return undefined;
  return { before: before.slice(inner), after: after.slice(inner) };
}
