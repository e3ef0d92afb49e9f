import { convolutionPatterns } from './convolution/patterns';
import type { OnnxPattern } from './lowering';
import { productWithBias, reluMask } from './patterns/dense';
import { addPlaced, logSoftmaxOfLoss, sumOfCrossEntropy, sumOfPlaced } from './patterns/picked';
import { logSoftmax, scaledSoftmax, softmax } from './patterns/softmax';
import { manyTerms } from './patterns/sums';

/** Tried in this order at each value before its op's own emitter. */
export const patterns: readonly OnnxPattern[] = [
  ...convolutionPatterns,
  productWithBias,
  reluMask,
  sumOfCrossEntropy,
  sumOfPlaced,
  addPlaced,
  logSoftmaxOfLoss,
  logSoftmax,
  scaledSoftmax,
  softmax,
  manyTerms,
];
