import type { Value } from '../../value';
import type { Lowering } from '../lowering';
import { arranged, filtersFirst, image, reshaped, slidingAttributes, spread } from './arrange';
import type { Convolution, InputGradient } from './recognize';

/** One number a filter, added to a convolution's result: `[filters]`. */
export type Bias = Value | undefined;

/** `Conv` over `[N, C, H, W]`. */
export function convolve(found: Convolution, bias: Bias, l: Lowering): string {
  const { x, roles, sliding, size, out } = found;
  const { batch, group, inputs, filters, places } = roles;
  const channels = size(group) * size(inputs);
  const operands = [
    image(l.emit(x), x.shape, channels, sliding.size, l),
    filtersFirst(found.weights, roles, sliding, size, l),
    ...(bias ? [l.emit(bias)] : []),
  ];
  const y = l.node('Conv', operands, { ...slidingAttributes(sliding), group: size(group) });
  const shape = [size(batch), size(group) * size(filters), ...sliding.places];
  return spread(y, shape, batch + group + filters + places, out, size, l);
}

/**
 * The gradient of what a convolution slides over: where the stride is 1, the convolution of the result's gradient with
 * the weights turned around and filters and inputs exchanged; otherwise the transposed convolution.
 */
export function inputGradient(value: Value, found: InputGradient, l: Lowering): string {
  const { roles, sliding, size, cotangent, weights } = found;
  const { batch, group, filters, inputs, places, inside } = roles;
  const { kernel, stride, dilation, before, after } = sliding;
  const dy = reshaped(
    arranged(cotangent, [batch, group + filters, ...places], l),
    [size(batch), size(group + filters), ...[...places].map(size)],
    [size(batch), size(group + filters), ...sliding.places],
    l,
  );
  const shape = [size(batch), size(group + inputs), ...sliding.size];
  const room = kernel.map((k, i) => (k - 1) * dilation[i]!);
  const edges = [...before.map((p, i) => room[i]! - p), ...after.map((p, i) => room[i]! - p)];
  if (stride.every(s => s === 1) && edges.every(p => p >= 0)) {
    const w = arranged(weights, [group + inputs, filters, ...inside], l);
    const w4 = reshaped(
      w,
      [size(group + inputs), size(filters), ...[...inside].map(size)],
      [size(group + inputs), size(filters), ...kernel],
      l,
    );
    const attributes = { kernel_shape: kernel, strides: [1, 1], dilations: dilation, pads: edges };
    const dx = l.node('Conv', [dy, turned(w4, l)], { ...attributes, group: size(group) });
    return reshaped(dx, shape, value.shape, l);
  }
  const w = filtersFirst(weights, roles, sliding, size, l);
  const rest = sliding.size.map(
    (n, i) => n - (stride[i]! * (sliding.places[i]! - 1) + room[i]! + 1 - before[i]! - after[i]!),
  );
  const dx = l.node('ConvTranspose', [dy, w], {
    ...slidingAttributes(sliding),
    output_padding: rest,
    group: size(group),
  });
  return reshaped(dx, shape, value.shape, l);
}

/** Both axes of the kernel backward. */
export function turned(weights: string, l: Lowering): string {
  const back = l.ints([-1, -1]);
  return l.node('Slice', [weights, back, l.ints([-(2 ** 31), -(2 ** 31)]), l.ints([2, 3]), back]);
}
