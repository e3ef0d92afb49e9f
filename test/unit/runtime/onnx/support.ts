import assert from 'node:assert/strict';
import { ancestors } from '../../../../src/graph/graph';
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

/** Ops of random graphs whose result jumps where an operand moves by next to nothing. */
const JUMPING: ReadonlySet<string> = new Set([
  ...['floor', 'sign', 'less', 'equal', 'greater_equal', 'argmax', 'argsort'],
]);

/** Ops of random graphs that round; sums of their leaves, which are quarters, are exact in 32 bits too. */
const ROUNDING: ReadonlySet<string> = new Set(['tanh', 'sin', 'sigmoid', 'atan']);

/** Whether rounding decides what `node` of a random graph is: such as the floor of a tanh that is almost 1. */
export function hangsOnRounding(node: Node): boolean {
  return ancestors([node]).some(
    each => JUMPING.has(each.op) && ancestors([each]).some(({ op }) => ROUNDING.has(op)),
  );
}
