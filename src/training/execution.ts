import { compile, type Program, type ProgramRequest } from '../runtime/program';
import type { Executor, ExecutorRequest } from './executor';

/** Compiles the programs of one training for the executor that runs its steps. */
export class Execution {
  readonly executor: Executor;

  constructor({ backend }: ExecutorRequest) {
    const missing = `the ${backend} backend is not part of this version: our own code runs the steps`;
    this.executor = {
      backend: 'js',
      threads: 1,
      reason: 'our own code',
      ...(backend === 'auto' || backend === 'js' ? {} : { warning: missing }),
    };
  }

  compile(request: ProgramRequest): Program {
    return compile(request);
  }
}
