import type { OnnxGraph, TensorInfo } from './model';

/*
 * The binding computes outputs straight into our memory, and then copies each into a new array for JavaScript, which nobody
 * looks at: of the gradients of two million weights that is 8 MB a step, and as much garbage. It does so in the order of
 * the model's outputs, and gives up at the first of a type that JavaScript lacks. So such an output comes before all others,
 * and what is said about it means that the run is done.
 */

const STOP: TensorInfo = { name: 'stop', type: 'bfloat16', shape: [1] };

/** As the operator `Cast` counts it. */
const BFLOAT16 = 16;

/** Giving up takes about as long as copying so many bytes. */
const WORTH = 131_072;

/** What is fetched besides outputs: the binding makes it, and then has no form for it. */
export const stopFetch = { [STOP.name]: null };

/** Whether outputs are better not copied. */
export function isWorthStopping({ outputs }: OnnxGraph): boolean {
  const bytes = outputs.reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
  return bytes >= WORTH;
}

/** The same model with the output that ends copying. */
export function stopping(graph: OnnxGraph): OnnxGraph {
  const zero = { name: 'stop_zero', type: 'float', shape: [1], data: new Float32Array(1) } as const;
  const cast = {
    op: 'Cast',
    domain: '',
    inputs: [zero.name],
    outputs: [STOP.name],
    attributes: { to: BFLOAT16 },
  };
  return {
    ...graph,
    nodes: [cast, ...graph.nodes],
    initializers: [...graph.initializers, zero],
    outputs: [STOP, ...graph.outputs],
  };
}

/** Whether the binding has given up at that output, after a run that did what it should. */
export function isStop(error: unknown): boolean {
  return error instanceof Error && error.message === `Tensor type (${BFLOAT16}) is not supported.`;
}
