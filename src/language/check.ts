import type { File } from './ast';
import { checkBlocks } from './checkBlocks';
import { checkCalls } from './checkCalls';
import { checkNames } from './checkNames';
import { checkPlaces } from './checkPlaces';
import type { Diagnostic } from './diagnostic';
import type { Source } from './source';
import type { Symbols } from './symbols';

/**
 * Everything that can be said about a file from its text alone: names, arguments, keys, places. Shapes,
 * types and values are for lowering. `complete` says that the text has no syntax error.
 */
export function check(file: File, symbols: Symbols, source: Source, complete: boolean): Diagnostic[] {
  return [
    ...checkNames(file, symbols, complete),
    ...checkCalls(symbols, source),
    ...checkBlocks(file),
    ...checkPlaces(file, source, complete),
  ];
}
