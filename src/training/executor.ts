import { availableParallelism } from 'node:os';
import type { Work } from '../runtime/work';

/** What runs the steps, as people ask for it. */
export const backends = ['auto', 'js', 'onnx', 'webgpu'] as const;

export type Backend = (typeof backends)[number];

export interface ExecutorRequest {
  readonly backend: Backend;
  /** Of ONNX Runtime; as many as the machine has cores, unless told. */
  readonly threads?: number;
}

/** What runs the steps of a training. `js` is our own generated code, WebAssembly included. */
export interface Executor {
  readonly backend: Exclude<Backend, 'auto'>;
  readonly threads: number;
  /** Why this one: one sentence for the log. */
  readonly reason: string;
  /** What was asked for and is not to be had: one sentence for the user. */
  readonly warning?: string;
}

/** As records and people name it: `js`, or `onnx, 2 threads`. */
export function executorName({ backend, threads }: Executor): string {
  if (backend !== 'onnx') return backend;
  return `${backend}, ${threads} thread${threads === 1 ? '' : 's'}`;
}

/** More threads than this gain nothing on the steps that people train here. */
const MOST_THREADS = 8;

export function threadsOf({ threads }: ExecutorRequest): number {
  return threads ?? Math.min(MOST_THREADS, availableParallelism());
}

/**
 * How long a step takes, in microseconds, from what was measured on one machine over some forty nets from xor to big-mlp:
 * only the comparison matters. Our own code runs on one thread and begins at once; a run of ONNX Runtime has a cost of its
 * own, and one for each operation and each convolution, which it lays out anew. Its threads share products alone.
 */
export function estimate(
  { products, convolved, convolutions, numbers, operations }: Work,
  threads: number,
): { js: number; onnx: number } {
  const multiplied = (products - convolved) / 90_000 + convolved / 50_000;
  return {
    js: products / 40_000 + numbers / 10_000 + operations * 0.02,
    onnx: 25 + operations * 0.27 + convolutions * 40 + numbers / 10_000 + multiplied / Math.sqrt(threads),
  };
}

/** `26 million products and 210 thousand other numbers a step`. */
export function describeWork({ products, numbers }: Work): string {
  return `${roughly(products / 2)} products and ${roughly(numbers)} other numbers a step`;
}

function roughly(count: number): string {
  const [unit, word] = (
    [
      [1e9, ' billion'],
      [1e6, ' million'],
      [1e3, ' thousand'],
    ] as const
  ).find(([size]) => count >= size) ?? [1, ''];
  return `${Number((count / unit).toPrecision(2))}${word}`;
}
