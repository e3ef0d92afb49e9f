import { convolutionPatterns } from './convolution/patterns';
import type { OnnxPattern } from './lowering';

/** Tried in this order at each value before its op's own emitter. */
export const patterns: readonly OnnxPattern[] = [...convolutionPatterns];
