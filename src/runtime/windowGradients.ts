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

  // What the operand of a sum over windows has become.
  const products = new Map<Value, Value>();
  return rewritten(lowered, (value, [x], add) => {
    const [own] = value.inputs;
    if (value.op === 'slice' && products.has(own!) && readers.get(own!) === 1) {
      const { start, step } = value.attributes as { start: readonly number[]; step: readonly number[] };
      if (step.every(s => s === 1))
        return convolved(own!, products.get(own!)!, add, { start, shape: value.shape });
    }
    if (value.op !== 'unwindow' || value.dtype !== 'float') return undefined;
    if (isSideBySide(value)) return sideBySide(value, x!, add);
    if (own!.op !== 'contract' || own!.fed || readers.get(own!) !== 1) return undefined;
    products.set(value, x!);
    return convolved(value, x!, add, { start: value.shape.map(() => 0), shape: value.shape });
  });
}

/** The part of a tensor that is asked for, as of an image without the padding around it. */
interface Part {
  readonly start: readonly number[];
  readonly shape: readonly number[];
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
 * window on both sides, seen through windows of stride 1, times w from back to front. Only `part` of it is made.
 * Undefined where the contraction is of another form, or the part leaves out more than borders of the image.
 */
function convolved(value: Value, product: Value, add: Add, part: Part): Value | undefined {
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
  const borders = part.shape.every((s, axis) => axis >= before || s === value.shape[axis]);
  if (!apart || !borders) return undefined;

  const { dtype, node } = value;
  const common = { fed: false, dtype, node };
  const others = g!.shape.slice(0, -n);
  const size = value.shape.slice(-n);
  const span = kernel.map((k, i) => (k - 1) * dilation[i]!);
  const none = others.map(() => 0);
  const wanted = part.shape.slice(-n);
  const cut = part.start.slice(-n);
  const seen = wanted.map((s, i) => s + span[i]!);
  // All of g lies inside of what is asked for, unless the part leaves out more than the border of zeros.
  const inside = seen.every(
    (s, i) => cut[i]! <= span[i]! && span[i]! + (g!.shape.at(i - n)! - 1) * stride[i]! < cut[i]! + s,
  );
  const spread = (front: readonly number[], sizes: readonly number[]): Value =>
    add({
      ...{ ...common, op: 'unslice', inputs: [g!] },
      attributes: { start: [...none, ...front], step: [...others.map(() => 1), ...stride] },
      shape: [...others, ...sizes],
    });
  let within: Value;
  if (inside)
    within = spread(
      span.map((s, i) => s - cut[i]!),
      seen,
    );
  else {
    const padded = spread(
      span,
      size.map((s, i) => s + span[i]!),
    );
    within = add({
      ...{ ...common, op: 'slice', inputs: [padded] },
      attributes: { start: [...none, ...cut], step: padded.shape.map(() => 1) },
      shape: [...others, ...seen],
    });
  }
  const windows = add({
    ...common,
    op: 'window',
    inputs: [within],
    attributes: { kernel, stride: kernel.map(() => 1), dilation } satisfies WindowAttributes,
    shape: [...others, ...wanted, ...kernel],
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
    shape: part.shape,
  });
}
