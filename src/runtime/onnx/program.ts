import { RunError } from '../../graph/evaluate';
import type { Node } from '../../graph/node';
import type { TensorData } from '../../graph/types';
import { type LoweredRequest, lowerRequest } from '../loweredRequest';
import { defaultMemoryLimit, MemoryError } from '../memory';
import { compile, type Program, type ProgramRequest } from '../program';
import { checkConstraints } from '../sizes';
import { Storage, widthOf } from '../storage';
import type { Value } from '../value';
import type { KernelCounts } from '../webassembly/generate';
import { knownConstants } from './constants';
import { OnnxFailure } from './failure';
import { lowerToOnnx } from './lower';
import { encodeModel } from './model';
import type { OnnxRuntime, OnnxSession, OnnxTensor } from './runtime';
import { type Split, split } from './split';

export interface OnnxRequest extends ProgramRequest {
  readonly runtime: OnnxRuntime;
  readonly threads: number;
  /** One of the runtime's; `cpu` unless told. */
  readonly backend?: string;
}

/**
 * A graph compiled for ONNX Runtime, in 32-bit: the model computes outputs and gradients, in our own memory; what an
 * update does to parameters and optimiser state is a program of the embedded executor, in place. A run blocks the
 * thread in native code, and whoever terminates the thread meanwhile ends the process: stop between runs.
 *
 * Throws `UnsupportedByOnnx` where the embedded executor is needed, `SizeError`, and `MemoryError` before anything is
 * allocated.
 */
export function compileOnnx(request: OnnxRequest): Program {
  const { sizes, precision, updates = [], cut = new Set<Node>(), runtime } = request;
  if (precision !== 32) throw new Error('ONNX Runtime computes in 32-bit here');
  const limit = request.memoryLimit ?? defaultMemoryLimit;
  const storage = request.storage ?? new Storage(precision);
  checkConstraints(request.constraints ?? [], sizes);

  const requested = lowerRequest({ outputs: request.outputs, updates, cut, sizes });
  const { lowered } = requested;
  const parts = split(lowered, { outputs: request.outputs, updates });
  const given = (value: Value): boolean => value.fed || parts.before.has(value);
  const computed = [...request.outputs.map(node => lowered.of(node)), ...parts.border.keys()];
  const outputs = [...new Set(computed.filter(value => !given(value)))];
  const model = lowerToOnnx({
    outputs,
    given,
    constants: knownConstants(outputs, given, sizes),
  });
  const encoded = encodeModel(model.graph);

  const bytes = memoryOf(requested, outputs, limit) + encoded.byteLength;
  const common = { sizes, precision, storage, memoryLimit: limit };
  const checks = [...parts.before].map(({ node }) => node);
  const before = checks.length > 0 ? compile({ ...common, outputs: checks, cut }) : undefined;
  const after = updates.length > 0 ? compile({ ...common, ...updating(parts, request, storage) }) : undefined;
  storage.provide(requested.fed.map(node => ({ node, dtype: node.dtype, count: lowered.of(node).count })));

  const buffers = new Map<Value, TensorData>();
  const leaf = (value: Value): TensorData => {
    const { array, offset } = storage.place(value.node, value.count);
    return array.subarray(offset, offset + value.count);
  };
  for (const output of outputs) {
    const [node] = parts.border.get(output) ?? [];
    buffers.set(output, node && after ? after.buffer(node) : zeros(output));
  }
  const bufferOf = (value: Value): TensorData => {
    let buffer = buffers.get(value);
    if (!buffer) {
      buffer = parts.before.has(value) ? before!.buffer(value.node) : leaf(value);
      buffers.set(value, buffer);
    }
    return buffer;
  };
  const tensor = (value: Value): OnnxTensor =>
    runtime.tensor(TYPES[value.dtype], bufferOf(value), value.shape);
  const used = new Set(model.graph.inputs.map(({ name }) => name));
  const feeds = Object.fromEntries(
    [...model.inputs].filter(([name]) => used.has(name)).map(([name, value]) => [name, tensor(value)]),
  );
  const fetches = Object.fromEntries([...model.names].map(([value, name]) => [name, tensor(value)]));
  const { threads, backend } = request;
  const session =
    outputs.length > 0 ? runtime.session(encoded, { threads, ...(backend ? { backend } : {}) }) : undefined;

  return {
    fed: requested.fed,
    bytes,
    kernels: together(before?.kernels, after?.kernels),
    buffer(node) {
      const value = lowered.of(node);
      if (!given(value) && !buffers.has(value)) {
        throw new Error(`node ${node.id} (${node.op}) is not an output`);
      }
      return bufferOf(value);
    },
    shape: node => lowered.of(node).shape,
    run() {
      before?.run();
      if (session) runSession(session, feeds, fetches, model.origins);
      after?.run();
    },
    dispose() {
      before?.dispose?.();
      session?.dispose();
      after?.dispose?.();
    },
  };
}

function together(...counts: readonly (KernelCounts | undefined)[]): KernelCounts {
  const sum = (of: keyof KernelCounts): number =>
    counts.reduce((total, each) => total + (each?.[of] ?? 0), 0);
  return { webassembly: sum('webassembly'), javascript: sum('javascript') };
}

function zeros({ dtype, count }: Value): TensorData {
  if (dtype === 'int') return new Int32Array(count);
  return dtype === 'bool' ? new Uint8Array(count) : new Float32Array(count);
}

const TYPES = { float: 'float32', int: 'int32', bool: 'bool' } as const;

/** The updates as a program over what the model computes. */
function updating(
  { border }: Split,
  { updates = [], cut = new Set() }: OnnxRequest,
  storage: Storage,
): Pick<ProgramRequest, 'outputs' | 'updates' | 'cut'> {
  for (const [first, ...others] of border.values()) {
    for (const node of others) storage.share(node, first!);
  }
  return { outputs: [], updates, cut: new Set([...cut, ...[...border.values()].flat()]) };
}

function memoryOf({ lowered, fed }: LoweredRequest, outputs: readonly Value[], limit: number): number {
  const size = ({ count, dtype }: Value): number => count * widthOf(dtype, 32);
  const stored = [...fed.map(node => lowered.of(node)), ...outputs];
  const bytes = stored.reduce((sum, value) => sum + size(value), 0);
  if (bytes > limit) {
    const largest = stored.reduce((a, b) => (size(b) > size(a) ? b : a));
    throw new MemoryError(bytes, limit, largest.node, size(largest));
  }
  return bytes;
}

/** The library names the operator that failed: `... while running Gather node. Name:'Gather_12' ...`. */
function runSession(
  session: OnnxSession,
  feeds: Record<string, OnnxTensor>,
  fetches: Record<string, OnnxTensor>,
  origins: ReadonlyMap<string, Value>,
): void {
  try {
    session.run(feeds, fetches);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const origin = origins.get(/Name:'([^']+)'/.exec(message)?.[1] ?? '');
    const failure = new OnnxFailure(error);
    throw origin ? new RunError(origin.node, failure.message) : failure;
  }
}
