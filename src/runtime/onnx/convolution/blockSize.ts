import { encodeModel } from '../model';
import { onnxRuntime } from '../runtime';

/** Kernels for images in blocks of channels: a domain of the library's own, which its documentation leaves out. */
export const BLOCKED = 'com.microsoft.nchwc';

let size: number | undefined;

/**
 * How many channels lie side by side in the blocked memory of this machine's kernels: the width of its vectors. 0
 * where there are none. What a reordering makes of four channels tells.
 */
export function blockSize(): number {
  size ??= probe();
  return size;
}

function probe(): number {
  const runtime = onnxRuntime();
  if ('missing' in runtime) return 0;
  const node = (op: string, input: string, output: string, domain = '', attributes = {}) => ({
    op,
    domain,
    inputs: [input],
    outputs: [output],
    attributes,
  });
  const model = encodeModel({
    nodes: [
      node('ReorderInput', 'x', 'blocks', BLOCKED),
      node('Shape', 'blocks', 'shape'),
      node('Cast', 'shape', 'size', '', { to: 6 }),
    ],
    initializers: [],
    inputs: [{ name: 'x', type: 'float', shape: [1, 4, 1, 1] }],
    outputs: [{ name: 'size', type: 'int32', shape: [4] }],
  });
  try {
    const session = runtime.session(model, { threads: 1 });
    const shape = new Int32Array(4);
    session.run(
      { x: runtime.tensor('float32', new Float32Array(4), [1, 4, 1, 1]) },
      { size: runtime.tensor('int32', shape, [4]) },
    );
    session.dispose();
    return shape[1]! > 4 ? shape[1]! : 0;
  } catch {
    // No such operators in this build, or none for this processor.
    return 0;
  }
}
