import type { Value } from '../../value';
import type { Lowering } from '../lowering';
import { arranged, filtersFirst, image, reshaped, slidingAttributes, spread } from './arrange';
import type { Convolution, InputGradient } from './recognize';
import type { Sliding } from './sliding';

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
  const { kernel, stride, before, after } = sliding;
  const dy = reshaped(
    arranged(cotangent, [batch, group + filters, ...places], l),
    [size(batch), size(group + filters), ...[...places].map(size)],
    [size(batch), size(group + filters), ...sliding.places],
    l,
  );
  const shape = [size(batch), size(group + inputs), ...sliding.size];
  const back = backward(sliding);
  if (back) {
    const w = arranged(weights, [group + inputs, filters, ...inside], l);
    const w4 = reshaped(
      w,
      [size(group + inputs), size(filters), ...[...inside].map(size)],
      [size(group + inputs), size(filters), ...kernel],
      l,
    );
    const attributes = { ...slidingAttributes(back), group: size(group) };
    const dx = l.node('Conv', [dy, turned(w4, l)], attributes);
    return reshaped(dx, shape, value.shape, l);
  }
  const w = filtersFirst(weights, roles, sliding, size, l);
  const rest = sliding.size.map(
    (n, i) => n + before[i]! + after[i]! - stride[i]! * (sliding.places[i]! - 1) - roomOf(sliding, i) - 1,
  );
  const dx = l.node('ConvTranspose', [dy, w], {
    ...slidingAttributes(sliding),
    output_padding: rest,
    group: size(group),
  });
  return reshaped(dx, shape, value.shape, l);
}

/**
 * How the windows of a convolution slide that goes from a result's gradient back to the input's; undefined where none
 * does, since the stride leaves gaps or the padding is wider than a window.
 */
export function backward(sliding: Sliding): Sliding | undefined {
  const { stride, before, after, size, places } = sliding;
  const edges = (padding: readonly [number, number]): [number, number] => [
    roomOf(sliding, 0) - padding[0],
    roomOf(sliding, 1) - padding[1],
  ];
  const [first, last] = [edges(before), edges(after)];
  if (stride.some(s => s !== 1) || [...first, ...last].some(p => p < 0)) return undefined;
  return { ...sliding, before: first, after: last, size: places, places: size };
}

/** What a window covers beside its first place. */
function roomOf({ kernel, dilation }: Sliding, axis: number): number {
  return (kernel[axis]! - 1) * dilation[axis]!;
}

/** Both axes of the kernel backward. */
export function turned(weights: string, l: Lowering): string {
  const back = l.ints([-1, -1]);
  return l.node('Slice', [weights, back, l.ints([-(2 ** 31), -(2 ** 31)]), l.ints([2, 3]), back]);
}
