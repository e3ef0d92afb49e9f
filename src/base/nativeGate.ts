/** Places in the memory of a gate: whether a call is under way, and whether none may begin. */
const INSIDE = 0;
const CLOSED = 1;

/** How often whoever waits for a thread to come out looks again. */
const LOOK_MILLISECONDS = 10;

/**
 * Around calls of native code in a thread that another may want to end: a thread that is terminated inside such a call
 * takes the whole process with it. Both threads make a gate over the same memory; one passes through it, the other
 * closes it before it terminates the first.
 */
export class NativeGate {
  private readonly state: Int32Array;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.state = new Int32Array(memory);
  }

  /** Calls `work`, which must not call `pass` itself. Never returns once the gate is closed: the thread is being ended. */
  pass<T>(work: () => T): T {
    // First the one place is written, then the other read, and in `close` the other way round: one of them sees it.
    Atomics.store(this.state, INSIDE, 1);
    if (Atomics.load(this.state, CLOSED) !== 0) {
      Atomics.store(this.state, INSIDE, 0);
      Atomics.wait(this.state, CLOSED, 1);
    }
    try {
      return work();
    } finally {
      Atomics.store(this.state, INSIDE, 0);
    }
  }

  /** Settles when no call is under way, and from now on none begins. */
  async close(): Promise<void> {
    Atomics.store(this.state, CLOSED, 1);
    while (Atomics.load(this.state, INSIDE) !== 0) {
      await new Promise(resolve => setTimeout(resolve, LOOK_MILLISECONDS));
    }
  }
}
