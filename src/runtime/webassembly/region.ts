const PAGE = 65_536;
/** Of 32-bit addresses, one page short, so that no address is one past the end. */
const MOST_PAGES = 65_535;
/** Parts start at multiples of a cache line. */
const ALIGNMENT = 64;

/**
 * One memory of WebAssembly that programs share, handed out from front to back. It never grows: growing would detach
 * every view of it. What is reserved and not used takes address space, no memory.
 */
export class Region {
  private next = 0;

  private constructor(readonly memory: WebAssembly.Memory) {}

  /** At least `bytes`, and up to `wanted` where the platform grants it; undefined where it does not even grant `bytes`. */
  static reserve(bytes: number, wanted = bytes): Region | undefined {
    // Reading a whole vector at the last element must stay inside.
    const least = Math.ceil((bytes + ALIGNMENT) / PAGE);
    let pages = Math.min(MOST_PAGES, Math.max(least, Math.ceil(wanted / PAGE)));
    for (;;) {
      if (pages < least) return undefined;
      try {
        return new Region(new WebAssembly.Memory({ initial: pages, maximum: pages }));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        pages = pages > least ? Math.max(least, Math.floor(pages / 2)) : 0;
      }
    }
  }

  get pages(): number {
    return this.memory.buffer.byteLength / PAGE;
  }

  /** The byte where `bytes` of zeros start; undefined where there is no more room. */
  allocate(bytes: number): number | undefined {
    const end = this.next + Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    if (end + ALIGNMENT > this.memory.buffer.byteLength) return undefined;
    const start = this.next;
    this.next = end;
    return start;
  }

  holds(array: ArrayBufferView): boolean {
    return array.buffer === this.memory.buffer;
  }
}
