import type { Value } from '../value';
import type { Location } from './expression';

/** What an op with statements of its own may use. Its operands are stored, contiguous and whole. */
export interface WholeContext {
  readonly out: Location;
  readonly inputs: readonly Location[];
  /** A local array for scratch of `count` doubles, kept between runs. */
  scratch(count: number): string;
  /** An expression that stops the run with `message`, a JavaScript expression, blaming this op. */
  fail(message: string): string;
  /** Calls code outside the generated function. */
  external(value: Value): string;
}

/** `array[offset + index]`. */
export function at({ array, offset }: Location, index: string): string {
  return offset === 0 ? `${array}[${index}]` : `${array}[${offset} + ${index}]`;
}

/** Sizes before, of, and after one axis. */
export function around(
  shape: readonly number[],
  axis: number,
): { outer: number; size: number; inner: number } {
  const count = (sizes: readonly number[]): number => sizes.reduce((product, size) => product * size, 1);
  return { outer: count(shape.slice(0, axis)), size: shape[axis]!, inner: count(shape.slice(axis + 1)) };
}

export function loop(variable: string, end: number | string, body: string): string {
  return `for (let ${variable} = 0; ${variable} < ${end}; ${variable}++) {\n${body}\n}`;
}
