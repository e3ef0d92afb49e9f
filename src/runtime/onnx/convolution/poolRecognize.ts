import type { AxesAttributes, AxisAttributes } from '../../../ops/linear';
import type { WindowAttributes } from '../../../ops/window';
import { isZero } from '../../uniform';
import type { Value } from '../../value';
import { sameShape } from '../tensor';
import { type Sliding, unwindowsOf, windowsOf } from './sliding';

/** Windows over an image without padding. */
export interface Pool {
  readonly image: Value;
  readonly sliding: Sliding;
}

/** The gradient of what a pool looks at, from that of its result. */
export interface PoolGradient extends Pool {
  readonly gradient: Value;
}

/** The first of the largest of each window: the sum of the window's elements where their position is the argmax. */
export function maxPoolOf(value: Value): Pool | undefined {
  if (value.op !== 'sum' || value.fed || !reducesLast(value)) return undefined;
  const [chosen, rows, zero] = partsOf(value.inputs[0]!) ?? [];
  const found = chosen && chosenRows(chosen);
  return found && found === rows && isZero(zero!) ? poolOf(found) : undefined;
}

/** All of a window's gradient where the window attains its maximum first, added up over the windows. */
export function maxPoolGradientOf(value: Value): PoolGradient | undefined {
  if (value.op !== 'unwindow' || value.fed) return undefined;
  const reshape = value.inputs[0]!;
  if (reshape.op !== 'reshape' || reshape.fed) return undefined;
  const [chosen, gradient, zero] = partsOf(reshape.inputs[0]!) ?? [];
  const rows = chosen && chosenRows(chosen);
  if (!rows || !isZero(zero!)) return undefined;
  if (gradient!.op !== 'broadcast' || gradient!.fed || !spreadsLast(gradient!)) return undefined;
  const pool = poolOf(rows);
  if (!pool || !sameShape(pool.image.shape, value.shape)) return undefined;
  if (!sameWindows(value, rows.inputs[0]!)) return undefined;
  return { ...pool, gradient: gradient!.inputs[0]! };
}

/** The sum of each window. */
export function sumPoolOf(value: Value): Pool | undefined {
  if (value.op !== 'sum' || value.fed || value.dtype !== 'float') return undefined;
  const windows = value.inputs[0]!;
  const found = windowsOf(windows);
  if (found?.axes !== 2 || !sameAxes(value, lastTwo(windows))) return undefined;
  return { image: found.x, sliding: found.sliding };
}

/** Each window's gradient at all of its places. `image` is the value itself, which has the image's shape. */
export function sumPoolGradientOf(value: Value): PoolGradient | undefined {
  const found = unwindowsOf(value);
  if (found?.axes !== 2 || value.dtype !== 'float') return undefined;
  const { windows, sliding } = found;
  if (windows.op !== 'broadcast' || windows.fed || !sameAxes(windows, lastTwo(windows))) return undefined;
  return { image: value, gradient: windows.inputs[0]!, sliding };
}

function partsOf(value: Value): readonly Value[] | undefined {
  return value.op === 'where' && !value.fed && value.dtype === 'float' ? value.inputs : undefined;
}

/** `rows` of iota = argmax(rows), along the last axis. */
function chosenRows({ op, fed, inputs }: Value): Value | undefined {
  if (op !== 'equal' || fed) return undefined;
  const positions = inputs.find(input => input.op === 'iota' && !input.fed);
  const spread = inputs.find(input => input !== positions);
  if (!positions || spread?.op !== 'broadcast' || spread.fed || !spreadsLast(spread)) return undefined;
  const first = spread.inputs[0]!;
  if (first.op !== 'argmax' || first.fed) return undefined;
  const rows = first.inputs[0]!;
  const last = rows.shape.length - 1;
  const along = (value: Value): boolean => (value.attributes as AxisAttributes).axis === last;
  return along(positions) && along(first) && sameShape(rows.shape, positions.shape) ? rows : undefined;
}

/** `rows` are the windows, each as one row. */
function poolOf(rows: Value): Pool | undefined {
  const windows = rows.inputs[0];
  if (rows.op !== 'reshape' || rows.fed || !windows) return undefined;
  const found = windowsOf(windows);
  if (found?.axes !== 2 || !sameShape(rows.shape.slice(0, -1), windows.shape.slice(0, -2))) return undefined;
  // Zeros around would take part; the library pads with minus infinity, by another op.
  const image = windows.inputs[0]!;
  const { sliding } = found;
  const size = image.shape.slice(-2) as [number, number];
  return { image, sliding: { ...sliding, before: [0, 0], after: [0, 0], size } };
}

function sameWindows(a: Value, b: Value): boolean {
  const [one, other] = [a.attributes as WindowAttributes, b.attributes as WindowAttributes];
  return (
    sameShape(one.kernel, other.kernel) &&
    sameShape(one.stride, other.stride) &&
    sameShape(one.dilation, other.dilation)
  );
}

function reducesLast(value: Value): boolean {
  return sameAxes(value, [value.inputs[0]!.shape.length - 1]);
}

function spreadsLast(value: Value): boolean {
  return sameAxes(value, [value.shape.length - 1]);
}

function sameAxes(value: Value, axes: readonly number[]): boolean {
  return sameShape((value.attributes as AxesAttributes).axes, axes);
}

function lastTwo({ shape }: Value): number[] {
  return [shape.length - 2, shape.length - 1];
}
