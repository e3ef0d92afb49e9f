import type { Node } from '../../graph/node';
import type { Argument } from '../ast';
import type { ModelTable } from '../model';

/** What a name stands for at one place of the file. */
export type Meaning =
  | { readonly kind: 'node'; readonly node: Node; readonly line: number; readonly layer?: string }
  | { readonly kind: 'table'; readonly table: ModelTable }
  /** A function handed over as an argument. */
  | { readonly kind: 'function'; readonly name: string }
  /** One layer whose calls share their parameters. */
  | { readonly kind: 'instance'; readonly instance: Instance }
  /** The stack that `ys[t] = ...` collects while its loop runs, by turn. */
  | { readonly kind: 'collecting'; readonly items: Map<number, Node> }
  /** First bound in the branches of an `if`, to what cannot stand for one another. */
  | { readonly kind: 'differing'; readonly message: string }
  /** An argument left out. */
  | { readonly kind: 'none' }
  /** A table that cannot be read now: the workspace is not trusted, or reading failed. */
  | { readonly kind: 'unread' }
  /** Bound by a statement that failed. */
  | { readonly kind: 'broken' };

/** `layer cell = f(units = 8)` */
export interface Instance {
  /** The path of its parameters: the name bound. */
  readonly path: string;
  readonly callee: string;
  /** The arguments given once for all calls. */
  readonly fixed: readonly Argument[];
}

/** Names visible at one place: those of a block or function body, over those around it. */
export class Scope {
  private readonly own = new Map<string, Meaning>();

  constructor(private readonly outer?: Scope) {}

  get(name: string): Meaning | undefined {
    return this.own.get(name) ?? this.outer?.get(name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  set(name: string, meaning: Meaning): void {
    this.own.set(name, meaning);
  }

  delete(name: string): void {
    this.own.delete(name);
  }

  /** The names bound here, not those around. */
  get names(): readonly string[] {
    return [...this.own.keys()];
  }

  /** A copy that later bindings here do not reach. */
  snapshot(): Scope {
    const copy = new Scope(this.outer);
    for (const [name, meaning] of this.own) copy.set(name, meaning);
    return copy;
  }
}

/**
 * How parameters are named in one body: the path of the layer around, the name bound, the turns of the loops around,
 * and a number where a path is taken.
 */
export class Frame {
  constructor(
    /** The path of the layer whose body this is; empty at top level. */
    readonly prefix: string,
    /** Why nothing in this body may own parameters. */
    readonly barren?: string,
    /** Turns of the loops around the present statement, within this body. */
    readonly turns: string[] = [],
    private readonly taken = new Set<string>(),
  ) {}

  /** The same names for an instance, which owns its parameters wherever it is called. */
  fertile(): Frame {
    return new Frame(this.prefix, undefined, this.turns, this.taken);
  }

  path(name: string): string {
    return [...(this.prefix === '' ? [] : [this.prefix]), name, ...this.turns].join('.');
  }

  /** The path itself, or with the next free number. */
  claim(path: string): string {
    let free = path;
    for (let n = 2; this.taken.has(free); n++) free = `${path}.${n}`;
    this.taken.add(free);
    return free;
  }
}
