import { RunError } from '../../graph/evaluate';
import type { Node } from '../../graph/node';
import type { TensorData } from '../../graph/types';
import { lowerRequest } from '../loweredRequest';
import { defaultMemoryLimit } from '../memory';
import type { Program, ProgramRequest } from '../program';
import { checkConstraints } from '../sizes';
import { Storage } from '../storage';
import type { Value } from '../value';
import { compileBeside } from './beside';
import { conditionalUpdates } from './condition';
import { knownConstants } from './constants';
import { OnnxFailure } from './failure';
import { lowerToOnnx } from './lower';
import { hasSmallTensors, memoryNeed } from './memoryNeed';
import { encodeModel } from './model';
import { compileDivided } from './parallel/divide';
import type { OnnxRuntime, OnnxSession, OnnxTensor } from './runtime';
import { split } from './split';
import { isWorthStopping, stopping } from './uncopied';

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
  const divided = compileDivided(request);
  if (divided) return divided;
  const limit = request.memoryLimit ?? defaultMemoryLimit;
  const storage = request.storage ?? new Storage(precision);
  checkConstraints(request.constraints ?? [], sizes);

  const requested = lowerRequest({ outputs: request.outputs, updates, cut, sizes });
  const { lowered } = requested;
  const changes = conditionalUpdates(updates, lowered);
  const parts = split(lowered, { outputs: request.outputs, ...changes });
  const given = (value: Value): boolean => value.fed || parts.before.has(value);
  const computed = [...request.outputs.map(node => lowered.of(node)), ...parts.border.keys()];
  const outputs = [...new Set(computed.filter(value => !given(value)))];
  const model = lowerToOnnx({
    outputs,
    given,
    constants: knownConstants(outputs, given, sizes),
  });
  const stops = isWorthStopping(model.graph);
  const patterns = hasSmallTensors(model);
  const encoded = encodeModel(stops ? stopping(model.graph) : model.graph);

  const bytes = memoryNeed(requested, outputs, limit, model) + encoded.byteLength;
  // First, since it reserves the memory that it can work in.
  const beside = compileBeside(parts, changes, { sizes, cut, storage, memoryLimit: limit });
  const stored = [...requested.fed, ...[...parts.border.values()].map(([node]) => node!)];
  storage.provide(stored.map(node => ({ node, dtype: node.dtype, count: lowered.of(node).count })));

  const buffers = new Map<Value, TensorData>();
  const bufferOf = (value: Value): TensorData => {
    let buffer = buffers.get(value);
    if (!buffer) {
      const [border] = parts.border.get(value) ?? [];
      if (parts.before.has(value)) buffer = beside.checked(value.node);
      else if (!value.fed && !border) buffer = zeros(value);
      else {
        const { array, offset } = storage.place(border ?? value.node, value.count);
        buffer = array.subarray(offset, offset + value.count);
      }
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
    outputs.length > 0
      ? runtime.session(encoded, { threads, stops, patterns, ...(backend ? { backend } : {}) })
      : undefined;

  return {
    fed: requested.fed,
    bytes,
    kernels: beside.kernels,
    buffer(node) {
      const value = lowered.of(node);
      if (!given(value) && !outputs.includes(value)) {
        throw new Error(`node ${node.id} (${node.op}) is not an output`);
      }
      return bufferOf(value);
    },
    shape: node => lowered.of(node).shape,
    run() {
      beside.before();
      if (session) runSession(session, feeds, fetches, model.origins);
      beside.after();
    },
    dispose() {
      beside.dispose();
      session?.dispose();
    },
  };
}

function zeros({ dtype, count }: Value): TensorData {
  if (dtype === 'int') return new Int32Array(count);
  return dtype === 'bool' ? new Uint8Array(count) : new Float32Array(count);
}

const TYPES = { float: 'float32', int: 'int32', bool: 'bool' } as const;

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
