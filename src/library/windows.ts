import { addDims, constantDim, constantValue, type Dim } from '../graph/dimension';
import type { Node } from '../graph/node';
import type { Builder } from '../ops/builder';
import { windowSpan } from '../ops/window';
import type { Call } from './call';

/** How a window slides over the last axes of a tensor, one entry an axis. */
export interface Sliding {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  /** Places added before and after each axis. */
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

/** Windows over the last axes: `[.., H, W]` becomes `[.., OH, OW, kh, kw]`. What lies outside is 0. */
export function slide(b: Builder, x: Node, { kernel, stride, padding, dilation }: Sliding): Node {
  return b.window(padLast(b, x, padding), { kernel, stride, dilation });
}

/** Zeros around the last axes. */
export function padLast(b: Builder, x: Node, padding: readonly number[]): Node {
  if (padding.every(p => p === 0)) return x;
  const before = x.shape.length - padding.length;
  const around = x.shape.map((_, axis) => constantDim(axis < before ? 0 : padding[axis - before]!));
  const shape = x.shape.map((dim, axis) => addDims(dim, addDims(around[axis]!, around[axis]!)));
  return b.unslice(
    x,
    around,
    x.shape.map(() => 1),
    shape,
  );
}

/** Fails at `parameter` when a window is larger than what it slides over, as far as the sizes are known. */
export function requireFit(call: Call, x: Node, sliding: Sliding, parameter: string): void {
  const { kernel, stride, padding, dilation } = sliding;
  const sizes = x.shape.slice(-kernel.length);
  const padded = sizes.map((size, i) => addDims(size, constantDim(2 * padding[i]!)));
  const spans = kernel.map((k, i) => windowSpan(k, dilation[i]!));
  if (spans.every((span, i) => span <= (constantValue(padded[i]!) ?? span))) return;
  const dilated = dilation.some(d => d > 1) ? `, ${times(spans)} with dilation ${times(dilation)}` : '';
  call.fail(
    'shape-mismatch',
    `a window of ${times(kernel)}${dilated} does not fit into ${times(padded.map(dim => dim.key))}: ` +
      `${call.describe('x')}, padding ${times(padding)}, stride ${times(stride)}`,
    parameter,
  );
}

/** `3 x 3`, or `3` for one axis. */
export function times(sizes: readonly (number | string)[]): string {
  return sizes.join(' x ');
}

/** Fails at `x` unless it has one of these ranks; `form` says what the axes are. */
export function requireForm(call: Call, x: Node, ranks: readonly number[], form: string): void {
  if (!ranks.includes(x.shape.length)) {
    call.fail('rank', `${call.name} takes ${form}; ${call.describe('x')}`, 'x');
  }
}

/** The channels, axis 1, which a parameter's shape rests on. */
export function channelsOf(x: Node): Dim {
  return x.shape[1]!;
}
