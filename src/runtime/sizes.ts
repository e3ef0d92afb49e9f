import type { Span } from '../base/span';
import { evaluateDim, symbolsOf } from '../graph/dimension';
import type { Constraint } from '../graph/graph';
import type { Sizes } from '../graph/types';
import type { ContractAttributes } from '../ops/contraction';
import type { AxesAttributes, AxisAttributes } from '../ops/linear';
import { definitionOf } from '../ops/registry';
import { type WindowAttributes, windowSpan } from '../ops/window';
import type { Value } from './value';

/** Two sizes that had to agree do not, now that the sizes of the symbols are known. */
export class SizeError extends Error {
  constructor(
    message: string,
    readonly left: number,
    readonly right: number,
    /** Where the file asks for it; absent when no text stands behind it. */
    readonly span?: Span,
  ) {
    super(message);
    this.name = 'SizeError';
  }
}

/**
 * Checks every constraint whose symbols all have a size; the others belong to parts that are not computed. Throws
 * `SizeError`, whose message ends with the two numbers.
 */
export function checkConstraints(constraints: readonly Constraint[], sizes: Sizes): void {
  for (const { left, right, message, span } of constraints) {
    const known = [...symbolsOf(left), ...symbolsOf(right)].every(name => Object.hasOwn(sizes, name));
    if (!known) continue;
    const [a, b] = [evaluateDim(left, sizes), evaluateDim(right, sizes)];
    if (a === undefined || b === undefined || a === b) continue;
    throw new SizeError(`${message} (here ${a} and ${b})`, a, b, span);
  }
}

/**
 * Checks that an op's operands fit each other, now in numbers: code generated for sizes that do not would read past
 * the end of a buffer and say nothing. Throws `SizeError`.
 */
export function checkSizes(value: Value): void {
  const { inputs, shape } = value;
  const fail = (left: number, right: number, said?: string): never => {
    const shapes = inputs.map(input => `[${input.shape.join(', ')}]`).join(' and ');
    const message = said ?? `${value.op}: ${shapes} do not fit (here ${left} and ${right})`;
    throw new SizeError(message, left, right, value.node.provenance.span);
  };
  const agree = (left: number | undefined, right: number | undefined): void => {
    if (left !== right) fail(left ?? 0, right ?? 0);
  };
  const same = (a: readonly number[], b: readonly number[]): void => {
    agree(a.length, b.length);
    a.forEach((size, axis) => {
      agree(size, b[axis]);
    });
  };
  for (const size of shape) if (!(size >= 0)) fail(size, 0);

  switch (value.op) {
    case 'reshape':
      agree(inputs[0]!.count, value.count);
      break;
    case 'broadcast': {
      const { axes } = value.attributes as AxesAttributes;
      same(
        inputs[0]!.shape,
        shape.filter((_, axis) => !axes.includes(axis)),
      );
      break;
    }
    case 'slice':
      checkInside(inputs[0]!.shape, shape, value, fail);
      break;
    case 'unslice':
      checkInside(shape, inputs[0]!.shape, value, fail);
      break;
    case 'window':
      checkWindows(inputs[0]!.shape, value.attributes as WindowAttributes, fail);
      break;
    case 'unwindow':
      checkWindows(shape, value.attributes as WindowAttributes, fail);
      break;
    case 'concat': {
      const { axis } = value.attributes as AxisAttributes;
      for (const input of inputs) same(input.shape.with(axis, 0), shape.with(axis, 0));
      break;
    }
    case 'scatter_add': {
      const { axis } = value.attributes as AxisAttributes;
      const [x, positions] = inputs;
      same(x!.shape.slice(axis, axis + positions!.shape.length), positions!.shape);
      break;
    }
    case 'contract': {
      const { left, right } = value.attributes as ContractAttributes;
      [...left].forEach((label, axis) => {
        const other = right.indexOf(label);
        if (other >= 0) agree(inputs[0]!.shape[axis], inputs[1]!.shape[other]);
      });
      break;
    }
    case 'solve':
      agree(inputs[0]!.shape.at(-1), inputs[0]!.shape.at(-2));
      same(inputs[0]!.shape.slice(0, -1), inputs[1]!.shape.slice(0, -1));
      break;
    case 'det':
      agree(inputs[0]!.shape.at(-1), inputs[0]!.shape.at(-2));
      break;
    case 'lstsq':
      same(inputs[0]!.shape.slice(0, -1), inputs[1]!.shape.slice(0, -1));
      break;
    default: {
      const { kind } = definitionOf(value.op) as { kind: string; scalar?: unknown };
      const everywhere =
        kind === 'elementwise' || value.op === 'recurrence' || 'scalar' in definitionOf(value.op);
      if (everywhere) for (const input of inputs) same(input.shape, shape);
    }
  }
}

/** Every window lies inside its axis. */
function checkWindows(
  shape: readonly number[],
  { kernel, dilation }: WindowAttributes,
  fail: (left: number, right: number, message: string) => never,
): void {
  const before = shape.length - kernel.length;
  kernel.forEach((k, i) => {
    const span = windowSpan(k, dilation[i]!);
    const size = shape[before + i]!;
    if (span > size) fail(span, size, `a window of ${span} does not fit into an axis of ${size}`);
  });
}

/** The positions `start + i * step` of a `small` shape lie inside the `large` one. */
function checkInside(
  large: readonly number[],
  small: readonly number[],
  { attributes }: Value,
  fail: (left: number, right: number) => never,
): void {
  const { start, step } = attributes as { start: readonly number[]; step: readonly number[] };
  large.forEach((size, axis) => {
    if (small[axis] === 0) return;
    for (const place of [start[axis]!, start[axis]! + (small[axis]! - 1) * step[axis]!]) {
      if (place < 0 || place >= size) fail(place, size);
    }
  });
}
