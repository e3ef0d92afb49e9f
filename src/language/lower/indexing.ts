import {
  addDims,
  constantDim,
  constantValue,
  type Dim,
  floorDivideDims,
  subtractDims,
} from '../../graph/dimension';
import type { Node } from '../../graph/node';
import { gatherTogether } from '../../library/shapes';
import type { Builder } from '../../ops/builder';
import type { IndexExpression, IndexItem } from '../ast';
import { type ModelError, modelError } from '../diagnostic';
import type { Context } from './context';
import { lowerExpression } from './expressions';
import { dimOf, lowerDim } from './sizes';
import { lowerColumns } from './tables';

/** One axis of the result or one that disappears, in the order of the items. */
type Axis =
  | { readonly kind: 'slice'; readonly start: Dim; readonly step: number; readonly size: Dim }
  | { readonly kind: 'drop'; readonly start: Dim }
  | { readonly kind: 'new' }
  | { readonly kind: 'gather'; readonly positions: Node; readonly size: Dim };

/** `x[i]` for a known i: the i-th entry of the first axis. */
export function elementAt(b: Builder, x: Node, i: number): Node {
  const [, ...rest] = x.shape;
  const start = x.shape.map((_, axis) => constantDim(axis === 0 ? i : 0));
  const entry = b.slice(
    x,
    start,
    x.shape.map(() => 1),
    [constantDim(1), ...rest],
  );
  return b.reshape(entry, rest);
}

/** `x[...]` as NumPy reads it: slices first, then dropped and new axes, then gathers. */
export function lowerIndex(context: Context, expression: IndexExpression): Node {
  const { target, span } = expression;
  const columns = lowerColumns(context, expression);
  if (columns) return columns;
  const x = lowerExpression(context, target);
  // One box of the picture, whatever positions and merged axes it takes.
  return context.guard(span, [[target, x]], () =>
    context.builder.inGroup('call', 'index', () => {
      const axes = readItems(context, expression, x);
      return gatherAxes(context, expression, reshapeAxes(context, sliceAxes(context, x, axes), axes), axes);
    }),
  );
}

/** Items with the ellipsis filled in, one an axis of `x` and one a new axis. */
function readItems(context: Context, expression: IndexExpression, x: Node): Axis[] {
  const { items } = expression;
  const rank = x.shape.length;
  const consumed = items.filter(item => item.kind !== 'ellipsis' && !isNewAxis(item)).length;
  if (consumed > rank) {
    throw modelError(
      'rank',
      expression.span,
      `${consumed === 1 ? '1 position is' : `${consumed} positions are`} given, and ${context.describe(expression.target, x)}`,
    );
  }
  const axes: Axis[] = [];
  let axis = 0;
  const whole = (): void => {
    axes.push({ kind: 'slice', start: constantDim(0), step: 1, size: x.shape[axis++]! });
  };
  let filled = false;
  for (const item of items) {
    if (item.kind === 'ellipsis') {
      if (filled) throw modelError('syntax', item.span, 'only one `...` can stand in an index');
      filled = true;
      for (let i = consumed; i < rank; i++) whole();
    } else if (isNewAxis(item)) axes.push({ kind: 'new' });
    else axes.push(readItem(context, item, x.shape[axis++]!));
  }
  while (axis < rank) whole();
  return axes;
}

function isNewAxis(item: IndexItem): boolean {
  return item.kind === 'at' && item.value.kind === 'constant' && item.value.name === 'none';
}

function readItem(context: Context, item: IndexItem & { kind: 'at' | 'slice' }, size: Dim): Axis {
  if (item.kind === 'slice') return readSlice(context, item, size);
  const node = lowerExpression(context, item.value);
  if (node.dtype === 'bool') {
    throw modelError('index', item.span, 'a mask cannot index; use where(mask, a, b)');
  }
  const position = dimOf(context, node);
  if (position) return { kind: 'drop', start: readPosition(item, position, size) };
  const known = context.constantOf(node);
  if (known && ![...known.data].every(Number.isInteger)) {
    const whole = known.shape.length === 0 ? 'a whole number' : 'a list of whole numbers';
    throw modelError('index', item.span, `\`${context.snippet(item.span)}\` is not ${whole}`);
  }
  if (!known && node.dtype === 'float') {
    throw modelError('index', item.span, 'a position is an int; convert with int(...)');
  }
  const limit = constantValue(size);
  const outside = known && limit !== undefined && [...known.data].find(i => i < -limit || i >= limit);
  if (typeof outside === 'number') {
    throw outsideAxis(item, outside, limit!);
  }
  const positions = context.builder.apply('position', [node], { size, wrap: true, what: 'position' });
  return { kind: 'gather', positions, size };
}

function outsideAxis(item: IndexItem, position: number, size: number): ModelError {
  const range = size === 0 ? 'it has none' : `they run from ${-size} to ${size - 1}`;
  return modelError('index', item.span, `position ${position} is outside an axis of size ${size}: ${range}`);
}

/** A position that may count from the end. */
function readPosition(item: IndexItem, position: Dim, size: Dim): Dim {
  const [at, limit] = [constantValue(position), constantValue(size)];
  if (at !== undefined && limit !== undefined && (at < -limit || at >= limit)) {
    throw outsideAxis(item, at, limit);
  }
  return at !== undefined && at < 0 ? addDims(size, position) : position;
}

function readSlice(context: Context, item: IndexItem & { kind: 'slice' }, size: Dim): Axis {
  const step = item.step ? constantValue(lowerDim(context, item.step)) : 1;
  if (step === undefined || step === 0) {
    throw modelError(
      'index',
      item.step?.span ?? item.span,
      'the step of a slice is a whole number other than 0',
    );
  }
  const last = step > 0 ? size : constantDim(-1);
  const first = step > 0 ? constantDim(0) : subtractDims(size, constantDim(1));
  const start = item.start ? clamp(lowerDim(context, item.start), size, step) : first;
  const stop = item.stop ? clamp(lowerDim(context, item.stop), size, step) : last;
  const length = step > 0 ? subtractDims(stop, start) : subtractDims(start, stop);
  const stride = Math.abs(step);
  const count =
    stride === 1 ? length : floorDivideDims(addDims(length, constantDim(stride - 1)), constantDim(stride))!;
  const known = constantValue(count);
  return { kind: 'slice', start, step, size: known !== undefined && known < 0 ? constantDim(0) : count };
}

/** NumPy's rule for a slice bound: negative counts from the end, outside is cut off where the size is known. */
function clamp(bound: Dim, size: Dim, step: number): Dim {
  const [value, limit] = [constantValue(bound), constantValue(size)];
  if (value === undefined) return bound;
  if (limit === undefined) return value < 0 ? addDims(size, bound) : bound;
  const [low, high] = step > 0 ? [0, limit] : [-1, limit - 1];
  return constantDim(Math.min(high, Math.max(low, value < 0 ? value + limit : value)));
}

function sliceAxes(context: Context, x: Node, axes: readonly Axis[]): Node {
  const own = axes.filter(axis => axis.kind !== 'new');
  const start = own.map(axis => (axis.kind === 'gather' ? constantDim(0) : axis.start));
  const step = own.map(axis => (axis.kind === 'slice' ? axis.step : 1));
  const shape = own.map(axis => (axis.kind === 'drop' ? constantDim(1) : axis.size));
  const nothing = own.every(
    (_, i) => start[i]!.key === '0' && step[i] === 1 && shape[i]!.key === x.shape[i]!.key,
  );
  return nothing ? x : context.builder.slice(x, start, step, shape);
}

/** Drops the axes of single positions and adds new ones. */
function reshapeAxes(context: Context, x: Node, axes: readonly Axis[]): Node {
  const shape = axes.flatMap(axis =>
    axis.kind === 'drop' ? [] : [axis.kind === 'new' ? constantDim(1) : axis.size],
  );
  return context.builder.reshape(x, shape);
}

/** Integer tensors: one gathers along its axis; several next to each other go together, position by position. */
function gatherAxes(context: Context, expression: IndexExpression, x: Node, axes: readonly Axis[]): Node {
  const { builder: b } = context;
  const kept = axes.filter(axis => axis.kind !== 'drop');
  const at = kept.flatMap((axis, i) => (axis.kind === 'gather' ? [i] : []));
  if (at.length === 0) return x;
  if (at.at(-1)! - at[0]! !== at.length - 1) {
    throw modelError(
      'unsupported',
      expression.span,
      'tensors that index together must stand next to each other',
    );
  }
  const positions = b.broadcastTogether(at.map(i => (kept[i] as { positions: Node }).positions));
  const first = at[0]!;
  const gathered = gatherTogether(b, x, positions, first);
  if (first === 0 || adjoining(axes)) return gathered;
  const moved = positions[0]!.shape.length;
  const order = gathered.shape.map((_, axis) => axis);
  return b.transpose(gathered, [...order.splice(first, moved), ...order]);
}

/** Whether all positions stand next to each other; where they do not, NumPy puts what they take first. */
function adjoining(axes: readonly Axis[]): boolean {
  const at = axes.flatMap((axis, i) => (axis.kind === 'gather' || axis.kind === 'drop' ? [i] : []));
  return at.at(-1)! - at[0]! === at.length - 1;
}

/** Whether an index item takes a whole axis: `:`. */
export function isWhole(item: IndexItem | undefined): boolean {
  return !item || (item.kind === 'slice' && !item.start && !item.stop && !item.step);
}
