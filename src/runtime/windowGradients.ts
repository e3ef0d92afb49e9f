import type { ContractAttributes } from '../ops/contraction';
import type { WindowAttributes } from '../ops/window';
import { type Add, rewritten } from './rewrite';
import type { Lowered, Value } from './value';

/**
 * Rewrites sums over windows, the gradients of convolutions and pools, so that nothing of the size of all windows is
 * stored and nothing is scattered: windows side by side are a change of shape, and what a contraction makes for
 * overlapping windows is a convolution in its own right, over the padded factor that moves with the window.
 */
export function gatherWindowGradients(lowered: Lowered): Lowered {
  if (!lowered.values.some(({ op, fed }) => op === 'unwindow' && !fed)) return lowered;
  const readers = new Map<Value, number>();
  for (const { inputs } of lowered.values)
    for (const input of inputs) readers.set(input, (readers.get(input) ?? 0) + 1);

  return rewritten(lowered, (value, [x], add) => {
    if (value.op !== 'unwindow' || value.dtype !== 'float') return undefined;
    const [own] = value.inputs;
    if (isSideBySide(value)) return sideBySide(value, x!, add);
    return own!.op === 'contract' && !own!.fed && readers.get(own!) === 1
      ? convolved(value, x!, add)
      : undefined;
  });
}

/** Windows that neither overlap nor leave anything out. */
function isSideBySide(value: Value): boolean {
  const { kernel, stride, dilation } = value.attributes as WindowAttributes;
  const before = value.shape.length - kernel.length;
  return kernel.every(
    (k, i) =>
      k === stride[i] &&
      (k === 1 || dilation[i] === 1) &&
      value.inputs[0]!.shape[before + i]! * k === value.shape[before + i],
  );
}

/** `[.., y, x, u, v]` as `[.., y u, x v]`. */
function sideBySide(value: Value, x: Value, add: Add): Value {
  const { kernel } = value.attributes as WindowAttributes;
  const before = value.shape.length - kernel.length;
  const axes = kernel.flatMap((_, i) => [before + i, before + kernel.length + i]);
  const permutation = [...value.shape.slice(0, before).keys(), ...axes];
  const { dtype, node } = value;
  const shape = permutation.map(axis => x.shape[axis]!);
  const common = { fed: false, dtype, node };
  const moved = add({ ...common, op: 'transpose', inputs: [x], attributes: { permutation }, shape });
  return add({ ...common, op: 'reshape', inputs: [moved], attributes: {}, shape: value.shape });
}

/**
 * With out[i] the sum of g[y] w[u] over y stride + u dilation = i: g spread by the stride and padded by the span of a
 * window on both sides, seen through windows of stride 1, times w from back to front. Undefined where the contraction
 * is of another form.
 */
function convolved(value: Value, product: Value, add: Add): Value | undefined {
  const { kernel, stride, dilation } = value.attributes as WindowAttributes;
  const { left, right, out } = product.attributes as ContractAttributes;
  const n = kernel.length;
  const before = out.length - 2 * n;
  const places = out.slice(before, before + n);
  const offsets = out.slice(before + n);
  const moving = left.endsWith(places) ? 0 : 1;
  const [moves, stays] = moving === 0 ? [left, right] : [right, left];
  const [g, w] = moving === 0 ? product.inputs : product.inputs.toReversed();
  const apart =
    moves.endsWith(places) &&
    [...places].every(label => !stays.includes(label)) &&
    [...offsets].every(label => stays.includes(label) && !moves.includes(label));
  if (!apart) return undefined;

  const { dtype, node } = value;
  const common = { fed: false, dtype, node };
  const others = g!.shape.slice(0, -n);
  const size = value.shape.slice(-n);
  const span = kernel.map((k, i) => (k - 1) * dilation[i]!);
  const none = others.map(() => 0);
  const padded = add({
    ...common,
    op: 'unslice',
    inputs: [g!],
    attributes: { start: [...none, ...span], step: [...others.map(() => 1), ...stride] },
    shape: [...others, ...size.map((s, i) => s + span[i]!)],
  });
  const windows = add({
    ...common,
    op: 'window',
    inputs: [padded],
    attributes: { kernel, stride: kernel.map(() => 1), dilation } satisfies WindowAttributes,
    shape: [...others, ...size, ...kernel],
  });
  const backwards = [...stays].map(label => offsets.includes(label));
  const turned = add({
    ...common,
    op: 'slice',
    inputs: [w!],
    attributes: {
      start: w!.shape.map((s, axis) => (backwards[axis] ? s - 1 : 0)),
      step: w!.shape.map((_, axis) => (backwards[axis] ? -1 : 1)),
    },
    shape: w!.shape,
  });
  return add({
    ...common,
    op: 'contract',
    inputs: [windows, turned],
    attributes: { left: moves + offsets, right: stays, out: out.slice(0, before) + places },
    shape: value.shape,
  });
}
