import { isZero, positivePart } from '../../uniform';
import type { Value } from '../../value';
import type { Lowering, OnnxPattern } from '../lowering';
import { reshaped } from './arrange';
import { biasedConvolutionOf } from './biased';
import { blockedValues } from './blocked';
import { convolve, inputGradient } from './convolve';
import { isSumOfProducts } from './finite';
import { rowMajor } from './layout';
import { overlapAdd } from './overlap';
import {
  asImage,
  covers,
  cropped,
  imageShape,
  masked,
  overlappingMaxGradient,
  tiledMaxGradient,
  tiles,
  uncropped,
} from './pool';
import { maxPoolGradientOf, maxPoolOf, sumPoolGradientOf, sumPoolOf } from './poolRecognize';
import { inputGradientOf, weightGradientOf } from './recognize';
import { rectifiedPoolGradientOf, reluUnderPool } from './rectifiedPool';
import type { Sliding } from './sliding';
import { weightGradient } from './weightGradient';

const convolution: OnnxPattern = (value, l) => {
  const found = biasedConvolutionOf(value, l);
  if (!found) return undefined;
  const y = convolve(found.convolution, found.bias, l);
  return reshaped(y, found.result.shape, value.shape, l);
};

const gradientOfInput: OnnxPattern = (value, l) => {
  const found = inputGradientOf(value);
  return found && inputGradient(value, found, l);
};

const gradientOfWeights: OnnxPattern = (value, l) => {
  const found = weightGradientOf(value);
  return found && weightGradient(found, l);
};

const maxPool: OnnxPattern = (value, l) => {
  const pool = maxPoolOf(value);
  if (!pool) return undefined;
  const z = reluUnderPool(pool.image, l);
  const image = z ?? pool.image;
  const largest = rowMajor.maxPool(asImage(l.emit(image), image.shape, l), pool.sliding, l);
  const name = z ? l.node('Relu', [largest]) : largest;
  return reshaped(name, [...imageShape(image.shape).slice(0, 2), ...pool.sliding.places], value.shape, l);
};

/** The gradient of relu and max pool after it is that of max pool, where the result is above 0, and relu's before. */
const rectifiedPoolGradient: OnnxPattern = (value, l) => {
  const found = rectifiedPoolGradientOf(value, l);
  if (!found) return undefined;
  const { z, pool } = found;
  const image = asImage(l.emit(z), z.shape, l);
  const gradient = asImage(l.emit(pool.gradient), pool.gradient.shape, l);
  const largest = rowMajor.maxPool(image, pool.sliding, l);
  const on = l.node('Greater', [largest, l.scalar(0)]);
  const finite = isSumOfProducts(pool.gradient);
  return maxGradient(value, image, masked(on, gradient, finite, l), pool.sliding, finite, l);
};

const maxPoolGradient: OnnxPattern = (value, l) => {
  const pool = maxPoolGradientOf(value);
  if (!pool) return undefined;
  const image = asImage(l.emit(pool.image), pool.image.shape, l);
  const gradient = asImage(l.emit(pool.gradient), pool.gradient.shape, l);
  return maxGradient(value, image, gradient, pool.sliding, isSumOfProducts(pool.gradient), l);
};

function maxGradient(
  value: Value,
  image: string,
  gradient: string,
  sliding: Sliding,
  finite: boolean,
  l: Lowering,
): string {
  const extents = imageShape(value.shape);
  if (!tiles(sliding)) {
    const name = overlappingMaxGradient(image, gradient, sliding, rowMajor, l);
    return reshaped(name, extents, value.shape, l);
  }
  const { kernel, places } = sliding;
  const used = [extents[0], extents[1], kernel[0] * places[0], kernel[1] * places[1]] as const;
  const inner = { ...sliding, size: [used[2], used[3]] as const };
  const own = tiledMaxGradient(cropped(image, sliding, l), gradient, inner, used, rowMajor, finite, l);
  return reshaped(uncropped(own, sliding, l), extents, value.shape, l);
}

const sumPool: OnnxPattern = (value, l) => {
  const pool = sumPoolOf(value);
  if (!pool || pool.sliding.dilation.some(d => d > 1)) return undefined;
  const { image, sliding } = pool;
  const mean = rowMajor.averagePool(asImage(l.emit(image), image.shape, l), sliding, l);
  const sum = l.node('Mul', [mean, l.scalar(sliding.kernel[0] * sliding.kernel[1])]);
  return reshaped(sum, [...imageShape(image.shape).slice(0, 2), ...sliding.places], value.shape, l);
};

const sumPoolGradient: OnnxPattern = (value, l) => {
  const pool = sumPoolGradientOf(value);
  if (!pool) return undefined;
  const { gradient, sliding } = pool;
  const own = asImage(l.emit(gradient), gradient.shape, l);
  const bare = [...sliding.before, ...sliding.after].every(p => p === 0);
  const name =
    tiles(sliding) && bare && covers(sliding)
      ? rowMajor.enlarge(own, sliding.kernel, l)
      : overlapAdd(sliding, l, () => own);
  return reshaped(name, imageShape(value.shape), value.shape, l);
};

/**
 * relu's gradient, where a product with the mask is as good as a choice. relu(z) is above 0 where z is; z is then read
 * by the relu alone, which becomes part of the product before it.
 */
const rectified: OnnxPattern = (value, l) => {
  if (value.op !== 'where' || value.fed || value.dtype !== 'float') return undefined;
  const [on, gradient, zero] = value.inputs as [Value, Value, Value];
  const z = positivePart(on);
  if (!z || !isZero(zero)) return undefined;
  const relu = l.readersOf(z).find(reader => reader?.op === 'relu');
  const mask = relu ? l.node('Greater', [l.emit(relu), l.scalar(0)]) : l.emit(on);
  return masked(mask, l.emit(gradient), isSumOfProducts(gradient), l);
};

/** Convolutions, pools and their gradients. */
export const convolutionPatterns: readonly OnnxPattern[] = [
  (value, l) => blockedValues(l)?.inRows(value) ?? blockedValues(l)?.convolutions.folded(value),
  rectifiedPoolGradient,
  convolution,
  gradientOfInput,
  gradientOfWeights,
  maxPool,
  maxPoolGradient,
  sumPool,
  sumPoolGradient,
  rectified,
];
