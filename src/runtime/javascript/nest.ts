import type { Affine } from '../affine';
import type { Reduction } from './emitter';
import type { Expression, LoopKernel } from './expression';

/** Statements of one loop body, or of the block around all loops. */
interface Scope {
  readonly lines: string[];
  /** Local names by the expression they hold. */
  readonly names: Map<string, string>;
}

/** Where one axis stands while code is written. */
interface Position {
  /** The loop's counter; none where the axis is written out. */
  readonly variable: string | undefined;
  /** The first coordinate written out, or what is added to the counter. */
  readonly base: number;
  /** How many consecutive coordinates are written out side by side. */
  readonly lanes: number;
  /** The scope in which `variable` is known. */
  readonly depth: number;
}

/** An expression in code, and the innermost scope it depends on. */
interface Term {
  readonly text: string;
  readonly depth: number;
}

/**
 * Writes a loop nest. Axis by axis the loops are stepped by their tile, and all positions of a tile are written out
 * in the innermost body, each value once at the outermost level where it is known: that is what keeps operands of a
 * product in registers. Accumulators are locals.
 */
export class NestWriter {
  private readonly scopes: Scope[] = [{ lines: [], names: new Map() }];
  private readonly positions: Position[];
  /** What the current lane has computed; a position written before may stand elsewhere now. */
  private readonly computed = new Map<Expression, Term>();
  private names = 0;
  private accumulator = '';

  constructor(
    private readonly kernel: LoopKernel,
    private readonly tiles: readonly number[],
    private readonly reduction: Reduction | undefined,
  ) {
    this.positions = kernel.extents.map(() => ({ variable: undefined, base: 0, lanes: 1, depth: 0 }));
  }

  write(): string {
    if (this.kernel.extents.slice(0, this.kernel.kept).includes(0)) return '';
    this.loops(0, this.kernel.kept, () => this.element());
    return `{\n${this.scopes[0]!.lines.join('\n')}\n}`;
  }

  private get inner(): Scope {
    return this.scopes.at(-1)!;
  }

  private fresh(prefix: string): string {
    return `${prefix}${this.names++}`;
  }

  /** Loops over the axes from `axis` up to `end`, then `body`. */
  private loops(axis: number, end: number, body: () => void): void {
    if (axis === end) {
      body();
      return;
    }
    const extent = this.kernel.extents[axis]!;
    const tile = this.tiles[axis]!;
    const next = (): void => this.loops(axis + 1, end, body);
    if (extent <= tile) {
      this.positions[axis] = { variable: undefined, base: 0, lanes: extent, depth: 0 };
      next();
      return;
    }
    const rest = extent % tile;
    const variable = this.fresh('i');
    this.scopes.push({ lines: [], names: new Map() });
    this.positions[axis] = { variable, base: 0, lanes: tile, depth: this.scopes.length - 1 };
    next();
    const { lines } = this.scopes.pop()!;
    const step = tile === 1 ? `${variable}++` : `${variable} += ${tile}`;
    this.inner.lines.push(
      `for (let ${variable} = 0; ${variable} < ${extent - rest}; ${step}) {`,
      ...lines,
      '}',
    );
    if (rest > 0) {
      this.positions[axis] = { variable: undefined, base: extent - rest, lanes: rest, depth: 0 };
      next();
    }
  }

  /** One tile of results. */
  private element(): void {
    const { core, kept, extents, result } = this.kernel;
    if (!core) {
      this.forLanes(0, kept, lanes => this.store(result, lanes));
      return;
    }
    const reduction = this.reduction!;
    const accumulators: { name: string; lanes: readonly number[] }[] = [];
    this.forLanes(0, kept, lanes => {
      const name = this.fresh('s');
      this.inner.lines.push(`let ${name} = ${reduction.initial(core.value)};`);
      accumulators.push({ name, lanes });
    });
    this.loops(kept, extents.length, () =>
      this.forLanes(kept, extents.length, reduced => {
        for (const { name, lanes } of accumulators) {
          const all = [...lanes.slice(0, kept), ...reduced.slice(kept)];
          this.computed.clear();
          const { text } = this.term(core.body, all, true);
          this.inner.lines.push(reduction.take(name, text, core.value.dtype));
        }
      }),
    );
    for (const { name, lanes } of accumulators) {
      this.accumulator = reduction.finish ? reduction.finish(name) : name;
      this.store(result, lanes);
    }
  }

  private store(result: Expression, lanes: readonly number[]): void {
    const { array, at } = this.kernel.store;
    this.computed.clear();
    const { text } = this.term(result, lanes, true);
    this.inner.lines.push(`${array}[${this.affine(at, lanes).text}] = ${text};`);
  }

  /** Calls `visit` for every choice of a lane on the axes from `from` to `to`. */
  private forLanes(from: number, to: number, visit: (lanes: readonly number[]) => void): void {
    const lanes = this.kernel.extents.map(() => 0);
    const choose = (axis: number): void => {
      if (axis === to) {
        visit([...lanes]);
        return;
      }
      for (let lane = 0; lane < this.positions[axis]!.lanes; lane++) {
        lanes[axis] = lane;
        choose(axis + 1);
      }
      lanes[axis] = 0;
    };
    choose(from);
  }

  /** `once`: the text is used in one place, so it needs no name unless it can leave the innermost loop. */
  private term(expression: Expression, lanes: readonly number[], once = false): Term {
    let term = this.computed.get(expression);
    if (!term) this.computed.set(expression, (term = this.compute(expression, lanes, once)));
    return term;
  }

  private compute(expression: Expression, lanes: readonly number[], once: boolean): Term {
    switch (expression.kind) {
      case 'literal':
        return { text: expression.text, depth: 0 };
      case 'core':
        return { text: this.accumulator, depth: this.scopes.length - 1 };
      case 'index': {
        const { text, depth } = this.affine(expression.at, lanes);
        return { text: `(${text})`, depth };
      }
      case 'load': {
        const at = this.affine(expression.at, lanes);
        return this.named(`${expression.array}[${at.text}]`, at.depth, 'v');
      }
      case 'scalar': {
        const operands = expression.operands.map(operand => this.term(operand, lanes));
        const depth = operands.reduce((deepest, operand) => Math.max(deepest, operand.depth), 0);
        const text = expression.text(operands.map(operand => operand.text));
        return once && depth === this.scopes.length - 1 ? { text, depth } : this.named(text, depth, 'v');
      }
    }
  }

  private affine(at: Affine, lanes: readonly number[]): Term {
    let { base } = at;
    const parts: { text: string; depth: number }[] = [];
    at.terms.forEach((coefficient, axis) => {
      if (coefficient === 0) return;
      const { variable, base: from, depth } = this.positions[axis]!;
      base += coefficient * (from + lanes[axis]!);
      if (variable !== undefined) parts.push({ text: times(variable, coefficient), depth });
    });
    if (parts.length === 0) return { text: String(base), depth: 0 };
    parts.sort((a, b) => a.depth - b.depth);
    let sum = parts[0]!;
    if (!/^\w+$/.test(sum.text)) sum = this.named(sum.text, sum.depth, 'p');
    for (const part of parts.slice(1)) sum = this.named(`${sum.text} + ${part.text}`, part.depth, 'p');
    if (base === 0) return sum;
    return { text: `${sum.text} ${base < 0 ? '-' : '+'} ${Math.abs(base)}`, depth: sum.depth };
  }

  /** A local that holds `text`, declared in the scope at `depth`. */
  private named(text: string, depth: number, prefix: string): Term {
    const scope = this.scopes[depth]!;
    let name = scope.names.get(text);
    if (name === undefined) {
      name = this.fresh(prefix);
      scope.names.set(text, name);
      scope.lines.push(`const ${name} = ${text};`);
    }
    return { text: name, depth };
  }
}

function times(variable: string, coefficient: number): string {
  return coefficient === 1 ? variable : `${variable} * ${coefficient}`;
}
