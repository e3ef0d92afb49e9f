import type { Lowering } from '../lowering';
import { sameShape } from '../tensor';
import type { Labelled, Roles } from './recognize';
import type { Sliding } from './sliding';

/** `operand` with its axes in the order of `wanted`, each run of labels merged into one axis. */
export function arranged(operand: Labelled, wanted: readonly string[], l: Lowering): string {
  const { labels, value } = operand;
  const order = [...wanted.join('')].map(label => labels.indexOf(label));
  const moved = l.transpose(l.emit(value), order);
  const shape = wanted.map(run => [...run].reduce((n, label) => n * value.shape[labels.indexOf(label)]!, 1));
  const inOrder = order.map(axis => value.shape[axis]!);
  return reshaped(moved, inOrder, shape, l);
}

/** The tensor with the axes `labels`, merged or not, split and brought into the order of `out`. */
export function spread(
  name: string,
  shape: readonly number[],
  labels: string,
  out: string,
  size: (labels: string) => number,
  l: Lowering,
): string {
  const split = reshaped(name, shape, [...labels].map(size), l);
  return l.transpose(
    split,
    [...out].map(label => labels.indexOf(label)),
  );
}

export function reshaped(
  name: string,
  shape: readonly number[],
  wanted: readonly number[],
  l: Lowering,
): string {
  return sameShape(shape, wanted) ? name : l.reshape(name, wanted);
}

/** A value over batch, channels and one or two axes as `[N, C, H, W]`. */
export function image(
  name: string,
  shape: readonly number[],
  channels: number,
  [height, width]: readonly [number, number],
  l: Lowering,
): string {
  const count = shape.reduce((product, n) => product * n, 1);
  const batch = count / (channels * height * width);
  return reshaped(name, shape, [batch, channels, height, width], l);
}

/** Weights as `[group * filters, inputs, kh, kw]`. */
export function filtersFirst(
  weights: Labelled,
  { group, filters, inputs, inside }: Roles,
  { kernel }: Sliding,
  size: (labels: string) => number,
  l: Lowering,
): string {
  const merged = [group + filters, inputs, ...inside];
  const name = arranged(weights, merged, l);
  return reshaped(name, merged.map(size), [size(group) * size(filters), size(inputs), ...kernel], l);
}

/** The attributes of ONNX's convolutions and pools. */
export function slidingAttributes({ kernel, stride, dilation, before, after }: Sliding) {
  return {
    kernel_shape: kernel,
    strides: stride,
    dilations: dilation,
    pads: [...before, ...after],
  };
}
