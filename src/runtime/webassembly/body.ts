import { bump, I32_ADD, I32_LESS, i32Constant, localGet, localSet } from './instructions';
import { type Code, I32, V128, type ValueType } from './module';

/** Instructions of one loop body, or of the block around all loops. */
interface Scope {
  /** Put together in the end, so that nothing is copied on the way out of the loops. */
  readonly code: Code[];
  /** Locals by what they hold. */
  readonly names: Map<string, number>;
  /** Locals that step with the loop, by the coefficients of the counters they follow. */
  readonly pointers: Map<string, Pointer>;
}

interface Pointer {
  readonly local: number;
  /** What one position of the loop's axis adds. */
  readonly step: number;
  /** Whether it starts at 0, as a counter does. */
  readonly fromZero: boolean;
}

/** A vector in a local, and the innermost scope it depends on. */
export interface Term {
  readonly local: number;
  readonly depth: number;
}

/** A place in memory: `offset` bytes after what `pointer` holds. */
export interface Address {
  readonly pointer: number | undefined;
  readonly offset: number;
  readonly depth: number;
}

/** What the loop at `depth` adds to an address a position, which starts at `from`. */
interface Part {
  readonly depth: number;
  readonly step: number;
  readonly from: number;
}

/** Where an access starts from: `start` bytes after the value of a parameter, or after the beginning of the memory. */
export interface Origin {
  readonly start: number;
  readonly parameter?: number;
}

/** Where one axis stands while code is written. */
interface Position {
  /** The depth of the loop over it; none where the axis is written out. */
  readonly loop: number | undefined;
  /** The first coordinate written out, or what is added to the counter. */
  readonly base: number;
  /** How many consecutive coordinates are written out. */
  readonly count: number;
  /** The counter in the last turn of the loop. */
  readonly last: number;
}

/**
 * The body of one function, a nest of loops under construction. What is computed goes to the outermost scope where it
 * is known, once; addresses are locals that step with their loop.
 */
export class Body {
  readonly locals: ValueType[] = [];
  private readonly scopes: Scope[] = [scope()];
  private readonly positions: Position[];

  constructor(
    private readonly extents: readonly number[],
    /** How many locals are given from outside, before all others. */
    private readonly parameters: number,
  ) {
    this.positions = extents.map(() => ({ loop: undefined, base: 0, count: 1, last: 0 }));
  }

  get code(): readonly Code[] {
    return this.scopes[0]!.code;
  }

  get depth(): number {
    return this.scopes.length - 1;
  }

  /** Adds instructions to the innermost loop. */
  emit(...code: readonly Code[]): void {
    this.scopes.at(-1)!.code.push(...code);
  }

  local(type: ValueType): number {
    return this.parameters + this.locals.push(type) - 1;
  }

  /** The vector that `code` puts on the stack, computed here and now. */
  fresh(code: Code): Term {
    const local = this.local(V128);
    this.emit(code, localSet(local));
    return { local, depth: this.depth };
  }

  /** How many coordinates of the axis are written out. */
  count(axis: number): number {
    return this.positions[axis]!.count;
  }

  /** The vector that `code` puts on the stack, computed in the scope at `depth`. */
  named(code: Code, depth: number, key = String.fromCharCode(...code)): Term {
    const { names, code: own } = this.scopes[depth]!;
    let local = names.get(key);
    if (local === undefined) {
      local = this.local(V128);
      names.set(key, local);
      own.push(code, localSet(local));
    }
    return { local, depth };
  }

  /**
   * Steps over an axis by `tile`, the rest in a body of its own. `flush` is called after every `every` turns of the
   * loop, and once more after the last.
   */
  loop(axis: number, tile: number, body: () => void, every = 0, flush: () => void = () => {}): void {
    const extent = this.extents[axis]!;
    if (extent <= tile) {
      this.positions[axis] = { loop: undefined, base: 0, count: extent, last: 0 };
      body();
      return;
    }
    const rest = extent % tile;
    const inner = scope();
    this.scopes.push(inner);
    const end = extent - rest;
    this.positions[axis] = { loop: this.depth, base: 0, count: tile, last: end - tile };
    body();
    this.scopes.pop();
    const turns = end / tile;
    if (every > 0 && every < turns) this.close(inner, end, tile, { every, flush });
    else {
      this.close(inner, end, tile);
      if (every > 0) flush();
    }
    if (rest > 0) {
      this.positions[axis] = { loop: undefined, base: end, count: rest, last: 0 };
      body();
    }
  }

  /** The place that `terms` lead to from `origin`, each lane's coordinates added. */
  address(terms: readonly number[], lanes: readonly number[], origin: Origin, width: number): Address {
    let offset = origin.start;
    const parts: Part[] = [];
    terms.forEach((coefficient, axis) => {
      if (coefficient === 0) return;
      const { loop, base, last } = this.positions[axis]!;
      const step = coefficient * width;
      offset += step * (base + lanes[axis]!);
      if (loop === undefined) return;
      // The sum of pointer and offset does not wrap around, so neither may be negative.
      const from = step < 0 ? -step * last : 0;
      offset -= from;
      parts.push({ depth: loop, step, from });
    });
    parts.sort((a, b) => a.depth - b.depth);
    return { pointer: this.pointer(parts, origin.parameter), offset, depth: parts.at(-1)?.depth ?? 0 };
  }

  private pointer(parts: readonly Part[], parameter: number | undefined): number | undefined {
    const last = parts.at(-1);
    if (!last) return parameter;
    const { pointers } = this.scopes[last.depth]!;
    const key = `${parameter}${parts.map(({ depth, step }) => ` ${depth}:${step}`).join('')}`;
    let pointer = pointers.get(key);
    if (!pointer) {
      const outer = this.pointer(parts.slice(0, -1), parameter);
      const fromZero = outer === undefined && last.from === 0;
      pointer = { local: this.local(I32), step: last.step, fromZero };
      pointers.set(key, pointer);
      const before = this.scopes[last.depth - 1]!.code;
      before.push(i32Constant(last.from));
      if (outer !== undefined) before.push(localGet(outer), [I32_ADD]);
      before.push(localSet(pointer.local));
    }
    return pointer.local;
  }

  /** Puts a finished loop into the scope around it. */
  private close(
    inner: Scope,
    end: number,
    tile: number,
    blocks?: { readonly every: number; readonly flush: () => void },
  ): void {
    let counter = [...inner.pointers.values()].find(({ fromZero, step }) => fromZero && step > 0);
    if (!counter) {
      counter = { local: this.local(I32), step: 1, fromZero: true };
      inner.pointers.set('counter', counter);
      this.emit(i32Constant(0), localSet(counter.local));
    }
    const { local, step } = counter;
    const last = end * step;
    const limit = blocks && this.local(I32);
    if (blocks) {
      const next = [...localGet(local), ...i32Constant(blocks.every * tile * step), I32_ADD];
      this.emit([LOOP, VOID], next, i32Constant(last));
      this.emit(next, i32Constant(last), [I32_LESS, SELECT], localSet(limit!));
    }
    this.emit([LOOP, VOID]);
    const { code } = this.scopes.at(-1)!;
    for (const part of inner.code) code.push(part);
    for (const pointer of inner.pointers.values()) this.emit(bump(pointer.local, pointer.step * tile));
    const until = limit === undefined ? i32Constant(last) : localGet(limit);
    this.emit(localGet(local), until, [I32_LESS, BRANCH_IF, 0, END]);
    if (blocks) {
      blocks.flush();
      this.emit(localGet(local), i32Constant(last), [I32_LESS, BRANCH_IF, 0, END]);
    }
  }
}

const [LOOP, VOID, END, BRANCH_IF, SELECT] = [0x03, 0x40, 0x0b, 0x0d, 0x1b];

function scope(): Scope {
  return { code: [], names: new Map(), pointers: new Map() };
}
