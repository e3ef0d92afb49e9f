import type { Definition } from './symbols';

const none: readonly Definition[] = [];

/** Which definitions reach a place of the text: copied where paths part, joined where they meet again. */
export class Environment {
  private constructor(
    private values: Map<string, readonly Definition[]>,
    /** Declarations on this path, of which each name may have one. */
    private readonly declared: Map<string, Definition>,
    /** Names that only some of the paths to here bind. */
    private readonly partial: Map<string, Definition>,
    /** No path leads here: a `return` came before. */
    closed = false,
  ) {
    this.closed = closed;
  }

  closed: boolean;

  static empty(): Environment {
    return new Environment(new Map(), new Map(), new Map());
  }

  /** The inside of a function: outer names are seen, declarations are its own. */
  inner(): Environment {
    return new Environment(new Map(this.values), new Map(), new Map());
  }

  branch(): Environment {
    return new Environment(new Map(this.values), new Map(this.declared), new Map(this.partial), this.closed);
  }

  get(name: string): readonly Definition[] {
    return this.values.get(name) ?? none;
  }

  partlyBound(name: string): Definition | undefined {
    return this.partial.get(name);
  }

  bind(definition: Definition): void {
    this.values.set(definition.name, [definition]);
    this.partial.delete(definition.name);
  }

  /** Notes a declaration; gives the one of the same name that is there already. */
  declare(definition: Definition): Definition | undefined {
    const before = this.declared.get(definition.name);
    if (before === undefined) this.declared.set(definition.name, definition);
    return before;
  }

  /** Visits every definition that holds here, on some path at least. */
  eachHolding(visit: (definition: Definition) => void): void {
    for (const definitions of this.values.values()) definitions.forEach(visit);
    this.partial.forEach(visit);
  }

  names(): IterableIterator<string> {
    return this.values.keys();
  }

  /** Becomes what holds after one of the paths was taken. */
  join(paths: readonly Environment[]): void {
    const open = paths.filter(path => !path.closed);
    for (const path of paths) {
      for (const [name, definition] of path.declared) this.declared.set(name, definition);
    }
    if (open.length === 0) {
      this.closed = true;
      return;
    }
    const joined = new Map<string, readonly Definition[]>();
    for (const path of open) {
      for (const [name, partial] of path.partial) this.partial.set(name, partial);
      for (const name of path.values.keys()) {
        if (joined.has(name)) continue;
        if (open.every(other => other.values.has(name))) {
          joined.set(name, [...new Set(open.flatMap(other => other.get(name)))]);
        } else this.partial.set(name, path.get(name).at(-1)!);
      }
    }
    this.values = joined;
  }
}
