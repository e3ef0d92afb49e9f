import type { Disposable } from './disposable';

/** Runs an action once things have been quiet for `delay` milliseconds. */
export class Debounce implements Disposable {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly delay: number,
    private readonly action: () => void,
  ) {}

  get waiting(): boolean {
    return this.timer !== undefined;
  }

  trigger(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), this.delay);
  }

  /** Runs now what was waiting. */
  flush(): void {
    if (this.timer === undefined) return;
    this.dispose();
    this.action();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}

/** Runs an action at most once every `interval` milliseconds: the first time at once, the last time always. */
export class Throttle implements Disposable {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private again = false;

  constructor(
    private readonly interval: number,
    private readonly action: () => void,
  ) {}

  trigger(): void {
    if (this.timer !== undefined) {
      this.again = true;
      return;
    }
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (!this.again) return;
      this.again = false;
      this.trigger();
    }, this.interval);
    this.action();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.again = false;
  }
}

/**
 * Keeps one asynchronous action in flight. A request that comes meanwhile leads to exactly one more round, so the
 * last state of things is always seen and the work never piles up.
 */
export class OneInFlight {
  private running: Promise<void> | undefined;
  private again = false;

  constructor(private readonly action: () => Promise<void>) {}

  /** Settles, without an error, when everything asked for so far is done. */
  trigger(): Promise<void> {
    this.again = true;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async run(): Promise<void> {
    while (this.again) {
      this.again = false;
      await this.action().catch(() => {}); // an action reports its own failures
    }
  }
}
