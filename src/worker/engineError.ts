import type { Diagnostic } from '../language/diagnostic';
import type { Failure } from './protocol';

/** Why a request to the engine has no result. */
export class EngineError extends Error {
  constructor(
    message: string,
    /** `crashed`: the thread ended. `failed`: the engine answered that it could not. */
    readonly reason: 'cancelled' | 'crashed' | 'failed',
    readonly diagnostic?: Diagnostic,
  ) {
    super(message);
    this.name = 'EngineError';
  }

  static cancelled(): EngineError {
    return new EngineError('Cancelled.', 'cancelled');
  }

  static from(failure: Failure): EngineError {
    if (failure.cancelled) return EngineError.cancelled();
    const error = new EngineError(failure.message, 'failed', failure.diagnostic);
    if (failure.stack) error.stack = failure.stack; // where it happened, on the other thread
    return error;
  }
}

export function isCancelled(error: unknown): boolean {
  return error instanceof EngineError && error.reason === 'cancelled';
}
