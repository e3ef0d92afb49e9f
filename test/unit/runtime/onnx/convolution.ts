import assert from 'node:assert/strict';
import type { Node } from '../../../../src/graph/node';
import type { Sizes } from '../../../../src/graph/types';
import { compileOnnx } from '../../../../src/runtime/onnx/program';
import type { OnnxRuntime } from '../../../../src/runtime/onnx/runtime';
import { compile, type Program } from '../../../../src/runtime/program';

export { runtimeOrSkip } from './support';

/**
 * `outputs` by both executors from the same numbers, the embedded one in 64-bit. With `ties` few numbers occur, so that
 * many windows attain their maximum several times.
 */
export function both(
  runtime: OnnxRuntime,
  outputs: readonly Node[],
  sizes: Sizes,
  ties: boolean,
): { readonly embedded: Program; readonly onnx: Program } {
  const embedded = compile({ outputs, sizes, precision: 64 });
  const onnx = compileOnnx({ outputs, sizes, precision: 32, runtime, threads: 1 });
  for (const program of [embedded, onnx]) {
    fill(program, ties);
    program.run();
  }
  return { embedded, onnx };
}

/** The same numbers in all that is fed, whatever the program. */
export function fill(program: Program, ties: boolean): void {
  for (const node of program.fed) {
    const buffer = program.buffer(node);
    for (let i = 0; i < buffer.length; i++) buffer[i] = number(node, i + 977 * node.id, ties);
  }
}

function number({ op, dtype }: Node, i: number, ties: boolean): number {
  const state = Math.imul(i + 1, 2654435761) >>> 0;
  const mixed = (Math.imul(state ^ (state >>> 15), 2246822519) >>> 0) / 2 ** 32;
  if (dtype === 'int') return Math.floor(mixed * 10);
  if (dtype === 'bool') return Number(mixed < 0.7);
  if (ties && op === 'input') return Math.floor(mixed * 3) / 2 - 0.5;
  // Exact in 32-bit.
  return Math.fround(mixed - 0.5);
}

/** Within `tolerance` of the largest number of `expected`. */
export function assertNear(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
  tolerance = 1e-5,
): void {
  assert.equal(actual.length, expected.length, what);
  let [largest, difference, at] = [0, 0, -1];
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!));
    const own = Math.abs(actual[i]! - expected[i]!);
    if (own > difference || Number.isNaN(own)) [difference, at] = [own, i];
    if (Number.isNaN(own)) break;
  }
  const close = difference <= tolerance * Math.max(largest, 1e-3);
  assert.ok(
    close,
    `${what}: [${at}] is ${actual[at]}, by definition ${expected[at]}; the largest is ${largest}`,
  );
}
