/**
 * Calls that wait for an answer, keyed by id. Every one of them settles: by its answer, by `reject`, or with all
 * the others by `rejectAll`. An answer that nobody waits for any more is ignored.
 */
export class PendingCalls<T> {
  private readonly pending = new Map<number, PendingCall<T>>();
  private lastId = 0;

  get size(): number {
    return this.pending.size;
  }

  open(): { readonly id: number; readonly answer: Promise<T> } {
    const id = ++this.lastId;
    const answer = new Promise<T>((resolve, reject) => this.pending.set(id, { resolve, reject }));
    return { id, answer };
  }

  resolve(id: number, value: T): void {
    this.take(id)?.resolve(value);
  }

  reject(id: number, error: Error): void {
    this.take(id)?.reject(error);
  }

  rejectAll(error: Error): void {
    for (const id of [...this.pending.keys()]) this.reject(id, error);
  }

  private take(id: number): PendingCall<T> | undefined {
    const call = this.pending.get(id);
    this.pending.delete(id);
    return call;
  }
}

interface PendingCall<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}
