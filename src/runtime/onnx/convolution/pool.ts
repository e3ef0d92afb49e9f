import type { Lowering } from '../lowering';
import { CAST } from '../tensor';
import { reshaped } from './arrange';
import type { Layout } from './layout';
import { overlapAdd } from './overlap';
import type { Sliding } from './sliding';

/** A numbering of the places of an image larger than this is made of rows of windows instead. */
const LARGEST_NUMBERING = 16384;

/** Sizes of an image in memory: batch, channels (those of whole blocks), rows, columns. */
export type Extents = readonly [number, number, number, number];

/** Windows that touch and do not overlap, without gaps. */
export function tiles({ kernel, stride, dilation }: Sliding): boolean {
  return kernel.every((k, i) => k === stride[i] && dilation[i] === 1);
}

/** Whether the windows use all of the image. */
export function covers({ kernel, places, size }: Sliding): boolean {
  return kernel.every((k, i) => k * places[i]! === size[i]);
}

/**
 * The gradient of what a max pool looks at, where its windows tile the image: all of `gradient` at the first position
 * that attains the window's maximum. Positions that attain it are numbered downwards along the window, so that the
 * largest number is that of the first. `finite`: see `isSumOfProducts`.
 */
export function tiledMaxGradient(
  image: string,
  gradient: string,
  sliding: Sliding,
  extents: Extents,
  layout: Layout,
  finite: boolean,
  l: Lowering,
): string {
  const { kernel } = sliding;
  const largest = layout.enlarge(layout.maxPool(image, sliding, l), kernel, l);
  const attained = l.node('Equal', [image, largest]);
  const numbered = numberedPlaces(attained, kernel, extents, layout, l);
  const first = layout.enlarge(layout.maxPool(numbered, sliding, l), kernel, l);
  const chosen = l.node('Equal', [numbered, first]);
  return masked(chosen, layout.enlarge(gradient, kernel, l), finite, l);
}

/** `x` where `mask` holds, and else 0. Multiplying is faster than choosing, for an `x` that is finite everywhere. */
export function masked(mask: string, x: string, finite: boolean, l: Lowering): string {
  if (!finite) return l.node('Where', [mask, x, l.scalar(0)]);
  return l.node('Mul', [l.node('Cast', [mask], { to: CAST.float }), x]);
}

/** The number of its place in its window where `mask` holds, from the last place upwards, and else 0. */
function numberedPlaces(
  mask: string,
  [kh, kw]: readonly [number, number],
  extents: Extents,
  { block }: Layout,
  l: Lowering,
): string {
  const [, , height, width] = extents;
  const rows = height * width * block <= LARGEST_NUMBERING ? height : kh;
  const line = rows * width * block;
  const numbers = Array.from({ length: line }, (_, i) => {
    const column = Math.floor(i / block) % width;
    const row = Math.floor(i / (block * width));
    return kh * kw - ((row % kh) * kw + (column % kw));
  });
  const count = extents.reduce((product, n) => product * n, 1);
  const flat = l.reshape(mask, [count / line, line]);
  const weights = l.constant('float', [line], numbers);
  return l.reshape(l.node('Mul', [l.node('Cast', [flat], { to: CAST.float }), weights]), extents);
}

/** As `tiledMaxGradient`, for windows that overlap or leave gaps, in rows: place by place of the window. */
export function overlappingMaxGradient(
  image: string,
  gradient: string,
  sliding: Sliding,
  layout: Layout,
  l: Lowering,
): string {
  const { kernel, stride, dilation, places } = sliding;
  const largest = layout.maxPool(image, sliding, l);
  const zero = l.scalar(0);
  let rest = gradient;
  return overlapAdd(sliding, l, (u, v) => {
    const start = [u * dilation[0], v * dilation[1]];
    const end = start.map((first, i) => first + (places[i]! - 1) * stride[i]! + 1);
    const seen = l.node('Slice', [image, l.ints(start), l.ints(end), l.ints([2, 3]), l.ints(stride)]);
    if (u === kernel[0] - 1 && v === kernel[1] - 1) return rest;
    const chosen = l.node('Equal', [seen, largest]);
    const own = l.node('Where', [chosen, rest, zero]);
    rest = l.node('Where', [chosen, zero, rest]);
    return own;
  });
}

/** The part of an image that windows from its corner use. */
export function cropped(image: string, sliding: Sliding, l: Lowering): string {
  if (covers(sliding)) return image;
  const ends = sliding.kernel.map((k, i) => k * sliding.places[i]!);
  return l.node('Slice', [image, l.ints([0, 0]), l.ints(ends), l.ints([2, 3])]);
}

/** Zeros where `cropped` cut something off. */
export function uncropped(gradient: string, sliding: Sliding, l: Lowering): string {
  if (covers(sliding)) return gradient;
  const rest = sliding.kernel.map((k, i) => sliding.size[i]! - k * sliding.places[i]!);
  return l.node('Pad', [gradient, l.ints([0, 0, 0, 0, 0, 0, ...rest])]);
}

/** An image of any rank from 2 on as `[N, C, H, W]`. */
export function asImage(name: string, shape: readonly number[], l: Lowering): string {
  return reshaped(name, shape, imageShape(shape), l);
}

export function imageShape(shape: readonly number[]): Extents {
  const [height, width] = shape.slice(-2) as [number, number];
  const channels = shape.at(-3) ?? 1;
  const batch = shape.slice(0, -3).reduce((product, n) => product * n, 1);
  return [batch, channels, height, width];
}
