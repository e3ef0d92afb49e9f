import type { Lowering } from '../lowering';
import { slidingAttributes } from './arrange';
import { BLOCKED } from './blockSize';
import type { Layout } from './layout';

/** Channels in whole blocks. */
export function inBlocks(channels: number, block: number): number {
  return Math.ceil(channels / block) * block;
}

/** Whether no more than half of the blocks' channels would be zeros. */
export function fills(channels: number, block: number): boolean {
  return 2 * channels >= inBlocks(channels, block);
}

/** `[N, C, H, W]` with `block` channels side by side; what a last block has more than C is 0. */
export function toBlocks(x: string, channels: number, block: number, l: Lowering): string {
  // The kernel moves four channels at a time.
  const rest = channels % 4 === 0 ? 0 : inBlocks(channels, block) - channels;
  const whole = rest === 0 ? x : l.node('Pad', [x, l.ints([0, 0, 0, 0, 0, rest, 0, 0])]);
  return l.node('ReorderInput', [whole], {}, BLOCKED);
}

export function fromBlocks(x: string, channels: number, l: Lowering): string {
  return l.node('ReorderOutput', [x], { channels }, BLOCKED);
}

/** Zeros after the first two axes of `[O, I, kh, kw]`, up to whole blocks. */
function filled(weights: string, filters: number, inputs: number, l: Lowering): string {
  if (filters === 0 && inputs === 0) return weights;
  return l.node('Pad', [weights, l.ints([0, 0, 0, 0, filters, inputs, 0, 0])]);
}

/** Weights `[O, I, kh, kw]` in the order of the blocked kernels; `inputs` in blocks too unless the image has rows. */
export function blockedWeights(
  weights: string,
  [filters, inputs, kh, kw]: readonly [number, number, number, number],
  rows: boolean,
  block: number,
  l: Lowering,
): string {
  const outer = inBlocks(filters, block);
  const inner = rows ? inputs : inBlocks(inputs, block);
  const whole = filled(weights, outer - filters, inner - inputs, l);
  const moved = rows
    ? l.transpose(l.reshape(whole, [outer / block, block, inner, kh, kw]), [0, 2, 3, 4, 1])
    : l.transpose(l.reshape(whole, [outer / block, block, inner / block, block, kh, kw]), [0, 2, 4, 5, 3, 1]);
  return l.reshape(moved, [outer, inner, kh, kw]);
}

/** As `blockedWeights`, for the convolution whose inputs are the filters and whose filters are the inputs. */
export function exchangedWeights(
  weights: string,
  [filters, inputs, kh, kw]: readonly [number, number, number, number],
  rows: boolean,
  block: number,
  l: Lowering,
): string {
  const outer = inBlocks(inputs, block);
  const inner = rows ? filters : inBlocks(filters, block);
  const whole = filled(weights, inner - filters, outer - inputs, l);
  const moved = rows
    ? l.transpose(l.reshape(whole, [inner, outer / block, block, kh, kw]), [1, 0, 3, 4, 2])
    : l.transpose(l.reshape(whole, [inner / block, block, outer / block, block, kh, kw]), [2, 0, 4, 5, 1, 3]);
  return l.reshape(moved, [outer, inner, kh, kw]);
}

/** One number a channel, with zeros up to whole blocks. */
export function blockedBias(bias: string, filters: number, block: number, l: Lowering): string {
  const rest = inBlocks(filters, block) - filters;
  return rest === 0 ? bias : l.node('Pad', [bias, l.ints([0, rest])]);
}

export function blockedLayout(block: number): Layout {
  return {
    block,
    maxPool: (x, sliding, l) => l.node('MaxPool', [x], slidingAttributes(sliding), BLOCKED),
    averagePool: (x, sliding, l) =>
      l.node('AveragePool', [x], { ...slidingAttributes(sliding), count_include_pad: 1 }, BLOCKED),
    enlarge: (x, factors, l) =>
      l.node('Upsample', [x], { scales: [1, 1, ...factors], mode: 'nearest' }, BLOCKED),
  };
}
