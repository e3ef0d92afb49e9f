import { backends, type ExecutorRequest } from '../training/executor';
import type { OptionSpecs, Options } from './options';

/** Options of every command that trains. */
export const executorOptions = {
  backend: { value: backends.join('|'), help: 'what runs the steps; by their work unless told' },
  threads: { value: 'T', help: 'of ONNX Runtime; all cores unless told' },
} as const satisfies OptionSpecs;

export function readExecutor(options: Options): ExecutorRequest {
  const threads = options.whole('threads', 1);
  return {
    backend: options.oneOf('backend', backends) ?? 'auto',
    ...(threads === undefined ? {} : { threads }),
  };
}
