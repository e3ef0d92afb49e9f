import type { DType } from '../graph/types';
import { positions, sortedNames } from './cells';
import { type ColumnData, GrowingColumn } from './column';
import type { ColumnSchema } from './table';

/** What a cell of a column must be, settled by its first one that is not empty. */
type Kind = 'number' | 'truth value' | 'text' | 'list';

/**
 * A column of typed values as it is read: numbers, truth values, texts, or lists of numbers, nested or not, which become
 * cells with an inner shape. `null` and `undefined` are empty cells.
 */
export class ValueColumn {
  private readonly values = new GrowingColumn();
  private readonly words = new Map<string, number>();
  private kind: Kind | undefined;
  private inner: readonly number[] = [];
  private missing = 0;
  private whole = true;
  /** Cells before the first that is not empty: how wide they are is not known yet. */
  private waiting = 0;
  rows = 0;

  constructor(readonly name: string) {}

  /** Takes the next cell. Returns what is wrong with it, as in `is a text, and the cells before are numbers`. */
  push(value: unknown): string | undefined {
    this.rows++;
    if (value === null || value === undefined) {
      this.missing++;
      if (this.kind === undefined) this.waiting++;
      else this.pushEmpty(1);
      return undefined;
    }
    const kind = kindOf(value);
    if (kind === undefined)
      return `is ${describe(value)}, which is no number, truth value, text or list of numbers`;
    if (this.kind === undefined) {
      this.kind = kind;
      if (kind === 'list') this.inner = shapeOf(value as ArrayLike<unknown>);
      this.pushEmpty(this.waiting);
    } else if (kind !== this.kind) {
      return `is a ${kind}, and the cells above are ${plural(this.kind)}`;
    }
    if (kind === 'text') this.pushWord(value as string);
    else if (kind === 'list') return this.pushList(value as ArrayLike<unknown>, 0);
    else this.pushNumber(Number(value));
    return undefined;
  }

  /** The column; its storage goes over to the caller. Undefined when every cell is empty. */
  finish(): { readonly schema: ColumnSchema; readonly data: ColumnData } | undefined {
    const { kind, missing, inner, name } = this;
    if (kind === undefined) return undefined;
    const data = this.values.finish();
    const classes = kind === 'text' ? this.sortWords(data) : undefined;
    const natural: DType =
      kind === 'truth value' ? 'bool' : kind === 'text' || this.isInt(data) ? 'int' : 'float';
    const schema: ColumnSchema = {
      name,
      dtype: missing > 0 ? 'float' : natural,
      ...(classes ? { classes } : {}),
      ...(missing > 0 ? { missing, natural } : {}),
      ...(kind === 'list' ? { inner } : {}),
    };
    return { schema, data };
  }

  private pushEmpty(cells: number): void {
    const width = this.inner.reduce((product, size) => product * size, 1);
    for (let i = 0; i < cells * width; i++) this.values.push(Number.NaN);
  }

  private pushNumber(value: number): void {
    if ((value | 0) !== value) this.whole = false;
    this.values.push(value);
  }

  private pushWord(word: string): void {
    let code = this.words.get(word);
    if (code === undefined) this.words.set(word, (code = this.words.size));
    this.values.push(code);
  }

  private pushList(list: ArrayLike<unknown>, axis: number): string | undefined {
    if (list.length !== this.inner[axis]) {
      return `has a list of ${list.length} where the cells above have ${this.inner[axis] ?? 'a number'}`;
    }
    const last = axis === this.inner.length - 1;
    for (let i = 0; i < list.length; i++) {
      const item = list[i];
      if (last) {
        if (typeof item !== 'number' && typeof item !== 'bigint')
          return `has ${describe(item)} in a list of numbers`;
        this.pushNumber(Number(item));
      } else {
        if (!isList(item)) return `has ${describe(item)} in a list of lists`;
        const problem = this.pushList(item, axis + 1);
        if (problem !== undefined) return problem;
      }
    }
    return undefined;
  }

  /** Replaces codes in order of appearance by places among the sorted words. */
  private sortWords(codes: ColumnData): string[] {
    const words = [...this.words.keys()];
    const classes = sortedNames(words);
    const places = positions(words, classes);
    for (let i = 0; i < codes.length; i++) codes[i] = places[codes[i]!] ?? Number.NaN;
    return classes;
  }

  private isInt(data: ColumnData): boolean {
    return this.whole && !(data instanceof Float64Array && this.missing === 0);
  }
}

function kindOf(value: unknown): Kind | undefined {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return 'number';
    case 'boolean':
      return 'truth value';
    case 'string':
      return 'text';
    default:
      return isList(value) ? 'list' : undefined;
  }
}

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);

function shapeOf(list: ArrayLike<unknown>): number[] {
  const shape: number[] = [];
  for (let item: unknown = list; isList(item) && shape.length < 8; item = item[0]) shape.push(item.length);
  return shape;
}

function plural(kind: Kind): string {
  return `${kind}s`;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (value instanceof Date) return 'a date';
  if (isList(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}
