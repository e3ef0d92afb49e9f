import { OnnxFailure } from '../runtime/onnx/failure';
import { compileOnnx } from '../runtime/onnx/program';
import { type OnnxRuntime, onnxRuntime } from '../runtime/onnx/runtime';
import { UnsupportedByOnnx } from '../runtime/onnx/unsupported';
import { compile, type Program, type ProgramRequest } from '../runtime/program';
import { missingKernels } from '../runtime/webassembly/library';
import { countWork } from '../runtime/work';
import { describeWork, type Executor, type ExecutorRequest, estimate, threadsOf } from './executor';
import { compileLeaving } from './leftOutputs';

/**
 * Compiles the programs of one training. The first one, which is that of the step, decides what runs them all; another
 * that ONNX Runtime cannot compute runs on our own code beside it, as metrics of the step do that it cannot compute.
 */
export class Execution {
  private chosen: Executor | undefined;
  private runtime: OnnxRuntime | undefined;

  constructor(private readonly asked: ExecutorRequest) {}

  /** What runs the steps. */
  get executor(): Executor {
    if (!this.chosen) throw new Error('no program has been compiled');
    return this.chosen;
  }

  /** Throws `SizeError` and `MemoryError`. */
  compile(request: ProgramRequest): Program {
    const first = this.chosen === undefined;
    const { backend, threads } = (this.chosen ??= this.choose(request));
    if (backend === 'js') return compile(request);
    const provider = backend === 'webgpu' ? { backend } : {};
    const onnx = (step: ProgramRequest): Program =>
      compileOnnx({ ...step, runtime: this.runtime!, threads, ...provider });
    try {
      return onnxWithout(onnx, request);
    } catch (error) {
      if (!(error instanceof UnsupportedByOnnx || error instanceof OnnxFailure)) throw error;
      if (first) this.chosen = this.own(error.message);
      return compile(request);
    }
  }

  private choose(request: ProgramRequest): Executor {
    const { backend } = this.asked;
    if (backend === 'js') return ownCode('it was asked for');
    if (request.precision === 64) return this.own('ONNX Runtime does not compute all operations in 64-bit');
    const threads = threadsOf(this.asked);
    const work = countWork(request);
    const { js, onnx } = estimate(work, threads);
    if (backend === 'auto' && js <= onnx) return ownCode(`${describeWork(work)} need no more`);
    const runtime = onnxRuntime();
    if ('missing' in runtime) return this.own(runtime.missing);
    if (backend === 'webgpu' && !runtime.backends.includes(backend)) {
      return this.own(`ONNX Runtime ${runtime.version} has no WebGPU on this platform`);
    }
    this.runtime = runtime;
    const reason = backend === 'auto' ? `${describeWork(work)} are worth it` : 'it was asked for';
    return { backend: backend === 'auto' ? 'onnx' : backend, threads, reason };
  }

  /** Our own code after all, and why; a warning where something else was asked for by name. */
  private own(reason: string): Executor {
    const { backend } = this.asked;
    if (backend === 'auto') return ownCode(reason);
    return {
      ...ownCode(reason),
      warning: `the ${backend} backend cannot run these steps, and our own code does: ${reason}`,
    };
  }
}

/** As `compileStep`, but outputs that it cannot compute, such as a metric, are left to our own code one after the other. */
function onnxWithout(compileStep: (request: ProgramRequest) => Program, request: ProgramRequest): Program {
  try {
    return compileStep(request);
  } catch (error) {
    if (!(error instanceof UnsupportedByOnnx)) throw error;
    const program = compileLeaving(error.node, request, rest => onnxWithout(compileStep, rest));
    if (!program) throw error;
    return program;
  }
}

function ownCode(reason: string): Executor {
  const missing = missingKernels();
  return { backend: 'js', threads: 1, reason: missing === undefined ? reason : `${reason}; ${missing}` };
}
