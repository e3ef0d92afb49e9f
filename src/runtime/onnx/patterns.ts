import type { OnnxPattern } from './lowering';

/** Tried in this order at each value before its op's own emitter. */
export const patterns: readonly OnnxPattern[] = [];
