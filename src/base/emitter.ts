import type { Disposable } from './disposable';

/** Subscribes a listener; compatible with VS Code's own `Event`. */
export type Listen<T> = (
  listener: (value: T) => unknown,
  self?: unknown,
  disposables?: Disposable[],
) => Disposable;

/** A list of listeners. One that throws does not keep the others from hearing. */
export class Emitter<T> implements Disposable {
  private readonly listeners = new Set<(value: T) => unknown>();

  /** `onFault` hears what a listener threw: a fault of ours that must not be lost. */
  constructor(private readonly onFault: (error: unknown) => void = reportLater) {}

  readonly listen: Listen<T> = (listener, self, disposables) => {
    const bound = (value: T) => listener.call(self, value);
    this.listeners.add(bound);
    const disposable = { dispose: () => void this.listeners.delete(bound) };
    disposables?.push(disposable);
    return disposable;
  };

  fire(value: T): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(value);
      } catch (error) {
        this.onFault(error);
      }
    }
  }

  dispose(): void {
    this.listeners.clear();
  }
}

/** Surfaces as an uncaught error in the host's log, outside of the caller's work. */
function reportLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
