import assert from 'node:assert/strict';
import type { Node } from '../../../../src/graph/node';
import { compileOnnx } from '../../../../src/runtime/onnx/program';
import { type OnnxRuntime, onnxRuntime } from '../../../../src/runtime/onnx/runtime';
import { compile, type Program, type ProgramRequest } from '../../../../src/runtime/program';

/** ONNX Runtime, or the test is skipped and says why. */
export function runtimeOrSkip(test: Mocha.Context): OnnxRuntime {
  const runtime = onnxRuntime();
  if (!('missing' in runtime)) return runtime;
  test.test!.title += ` (skipped: ${runtime.missing})`;
  return test.skip() as never;
}

export type Feeds = ReadonlyMap<Node, { readonly data: Iterable<number> & ArrayLike<number> }>;

/** Both executors on the same feeds, once, the embedded one in 64-bit. */
export function both(
  runtime: OnnxRuntime,
  request: Omit<ProgramRequest, 'precision'>,
  feeds: Feeds,
): { readonly embedded: Program; readonly onnx: Program } {
  const embedded = compile({ ...request, precision: 64 });
  const onnx = compileOnnx({ ...request, precision: 32, runtime, threads: 2 });
  for (const program of [embedded, onnx]) {
    for (const node of program.fed) program.buffer(node).set(feeds.get(node)!.data);
    program.run();
  }
  return { embedded, onnx };
}

/** To 1e-5 of the larger of the value and 1; NaN is NaN. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
  tolerance = 1e-5,
): void {
  assert.equal(actual.length, expected.length, what);
  for (let i = 0; i < expected.length; i++) {
    const [x, y] = [actual[i]!, expected[i]!];
    const close =
      Object.is(x, y) || (Number.isFinite(y) && Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(y)));
    assert.ok(close, `${what}[${i}] is ${x}, embedded ${y}`);
  }
}
