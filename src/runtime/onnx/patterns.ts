import { convolutionPatterns } from './convolution/patterns';
import type { OnnxPattern } from './lowering';
import { productWithBias } from './patterns/dense';
import { addPlaced, pickedElements, sumOfPicked, sumOfPlaced } from './patterns/picked';
import { logSoftmax, scaledSoftmax, softmax } from './patterns/softmax';
import { columnSums, manyTerms } from './patterns/sums';

/** Tried in this order at each value before its op's own emitter. */
export const patterns: readonly OnnxPattern[] = [
  ...convolutionPatterns,
  productWithBias,
  sumOfPicked,
  pickedElements,
  sumOfPlaced,
  addPlaced,
  logSoftmax,
  scaledSoftmax,
  softmax,
  manyTerms,
  columnSums,
];
