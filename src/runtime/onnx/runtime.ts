import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { workerData } from 'node:worker_threads';
import { NativeGate } from '../../base/nativeGate';
import type { TensorData } from '../../graph/types';
import { OnnxFailure } from './failure';
import { isStop, stopFetch } from './uncopied';

/** A tensor of the native library over our own memory. */
export interface OnnxTensor {
  readonly data: TensorData;
}

export interface OnnxSession {
  /**
   * Computes every fetch into its tensor. Blocks the thread until it is done; a thread that is ended meanwhile takes
   * the whole process with it, so nothing may terminate a worker during a run.
   */
  run(feeds: OnnxTensors, fetches: OnnxTensors): void;
  /** Frees the native memory; the session cannot run any more. */
  dispose(): void;
}

export type OnnxTensors = Readonly<Record<string, OnnxTensor>>;

export interface SessionSettings {
  /** Inside one operation; operations run one after another. */
  readonly threads: number;
  /** `cpu` unless told; the others are for whoever asks for one of `OnnxRuntime.backends`. */
  readonly backend?: string;
  /** The model is one of `stopping`: its outputs are not copied. */
  readonly stops?: boolean;
  /** Whether the library lays out room for all tensors at once; see `hasSmallTensors`. */
  readonly patterns?: boolean;
  /** Where a profile is written, in the format of Chrome's tracing. */
  readonly profile?: string;
}

export interface OnnxRuntime {
  readonly version: string;
  /** What this build can compute on, such as `cpu` and `webgpu`. */
  readonly backends: readonly string[];
  /** Throws `OnnxFailure` when the model is wrong, does not fit into memory or finds no device. */
  session(model: Uint8Array, settings: SessionSettings): OnnxSession;
  tensor(type: 'float32' | 'int32' | 'bool', data: TensorData, shape: readonly number[]): OnnxTensor;
  /** Nobody ends this thread during `work`, whatever runs there or in threads that it waits for. */
  guarded<T>(work: () => T): T;
}

/** Of `onnxruntime-node/dist/binding.js`, version 1.30.0. */
interface Binding {
  readonly InferenceSession: new () => NativeSession;
  listSupportedBackends(): readonly { readonly name: string }[];
}

interface NativeSession {
  loadModel(buffer: ArrayBuffer, offset: number, length: number, options: object): void;
  run(feeds: OnnxTensors, fetches: Readonly<Record<string, OnnxTensor | null>>, options: object): unknown;
  endProfiling(): void;
  dispose(): void;
}

/**
 * Spinning threads answer a little sooner, but those of two sessions then fight for the same cores; 50 µs is enough
 * to reach from one operation to the next.
 */
const SPIN_MICROSECONDS = '50';
/** Errors are thrown and told by whoever catches them; the library need not print them as well. */
const LOG_FATAL = 4;

/** Whoever made this thread, and may want to end it, holds the other side. */
const gate = new NativeGate((workerData as { gate?: SharedArrayBuffer } | null)?.gate);

let inside = false;

function guarded<T>(work: () => T): T {
  if (inside) return work();
  inside = true;
  try {
    return gate.pass(work);
  } finally {
    inside = false;
  }
}

let loaded: OnnxRuntime | { readonly missing: string } | undefined;

/**
 * ONNX Runtime as installed beside us, loaded at the first call; or why there is none, in one sentence. We use its
 * synchronous native binding: the asynchronous interface blocks the thread just the same, and a step of a training is
 * synchronous.
 */
export function onnxRuntime(): OnnxRuntime | { readonly missing: string } {
  loaded ??= load();
  return loaded;
}

function load(): OnnxRuntime | { readonly missing: string } {
  const own = createRequire(__filename);
  let place: string;
  try {
    place = own.resolve('onnxruntime-node/dist/binding.js');
  } catch {
    return { missing: 'onnxruntime-node is not installed' };
  }
  try {
    const module = own(place) as { binding?: Binding; initOrt?: () => void };
    const beside = createRequire(place);
    const common = beside('onnxruntime-common') as { Tensor?: TensorConstructor };
    const { version } = own('onnxruntime-node/package.json') as { version: string };
    if (
      typeof module.initOrt !== 'function' ||
      typeof module.binding?.InferenceSession?.prototype.loadModel !== 'function' ||
      typeof common.Tensor !== 'function'
    ) {
      return { missing: `onnxruntime-node ${version} has another form than the one we know` };
    }
    module.initOrt();
    return runtimeOf(module.binding, common.Tensor, version);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { missing: `onnxruntime-node does not load on this machine (${reason.split('\n')[0]})` };
  }
}

type TensorConstructor = new (type: string, data: TensorData, shape: readonly number[]) => OnnxTensor;

function runtimeOf(binding: Binding, Tensor: TensorConstructor, version: string): OnnxRuntime {
  return {
    version,
    backends: binding.listSupportedBackends().map(({ name }) => name),
    session(model, settings) {
      const native = new binding.InferenceSession();
      const { buffer, byteOffset, byteLength } = model;
      try {
        guarded(() =>
          native.loadModel(buffer as ArrayBuffer, byteOffset, byteLength, sessionOptions(settings)),
        );
      } catch (error) {
        throw new OnnxFailure(error);
      }
      return {
        run: settings.stops
          ? (feeds, fetches) => guarded(() => runUncopied(native, feeds, fetches))
          : (feeds, fetches) => void guarded(() => native.run(feeds, fetches, {})),
        dispose: () => {
          if (settings.profile) native.endProfiling();
          native.dispose();
        },
      };
    },
    tensor: (type, data, shape) => new Tensor(type, data, shape),
    guarded,
  };
}

function runUncopied(native: NativeSession, feeds: OnnxTensors, fetches: OnnxTensors): void {
  try {
    native.run(feeds, { ...stopFetch, ...fetches }, {});
  } catch (error) {
    if (!isStop(error)) throw error;
  }
}

function sessionOptions({ threads, backend, patterns = true, profile }: SessionSettings): object {
  return {
    graphOptimizationLevel: 'extended',
    intraOpNumThreads: Math.min(threads, availableParallelism()),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    enableMemPattern: patterns,
    logSeverityLevel: LOG_FATAL,
    extra: { session: { 'intra_op.spin_duration_us': SPIN_MICROSECONDS } },
    ...(backend ? { executionProviders: [backend] } : {}),
    ...(profile ? { enableProfiling: true, profileFilePrefix: profile } : {}),
  };
}
