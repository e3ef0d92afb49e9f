import {
  addDims,
  constantDim,
  constantValue,
  type Dim,
  exactQuotient,
  isOne,
  multiplyDims,
  printDim,
  subtractDims,
} from '../graph/dimension';
import type { Node } from '../graph/node';
import { elementCount, printShape } from '../graph/shape';
import type { Shape } from '../graph/types';
import type { Builder } from '../ops/builder';
import { type Call, filled, type Implementation } from './call';

/** `x` with a new axis of size 1 before axis `axis`. */
export function expand(b: Builder, x: Node, axis: number): Node {
  return b.reshape(x, [...x.shape.slice(0, axis), constantDim(1), ...x.shape.slice(axis)]);
}

/** Stacks tensors of one shape along a new axis. */
export function stack(b: Builder, parts: readonly Node[], axis: number): Node {
  return b.concat(
    parts.map(part => expand(b, part, axis)),
    axis,
  );
}

/** Elements in opposite order along `axis`. */
export function flip(b: Builder, x: Node, axis: number): Node {
  const start = x.shape.map((dim, i) => (i === axis ? subtractDims(dim, constantDim(1)) : constantDim(0)));
  const step = x.shape.map((_, i) => (i === axis ? -1 : 1));
  return b.slice(x, start, step, x.shape);
}

/** 1 at the class number along a new last axis, else 0; float. */
export function oneHot(b: Builder, labels: Node, classes: Dim): Node {
  const shape = [...labels.shape, classes];
  const axis = labels.shape.length;
  const spread = b.broadcast(b.cast(labels, 'int'), shape, [axis]);
  return b.toFloat(b.equal(spread, b.iota(shape, axis)));
}

/** Ops whose values are positions from 0: ONNX Runtime takes them as they are, and has nothing to tell of others. */
const givePositions: ReadonlySet<string> = new Set(['argmax', 'argmin', 'argsort']);

/** The argument `i` as positions; one that is no whole number, or outside, fails the run. */
function positions(call: Call, attributes: { size: Dim; wrap: boolean; what: string }): Node {
  const { b } = call;
  const i = call.node('i');
  if (givePositions.has(i.op)) return i;
  return b.apply('position', [i.dtype === 'bool' ? b.cast(i, 'int') : i], attributes);
}

/** The entry of each example's own class: `scores[i, label[i]]`. A class number outside the scores fails the run. */
export function pick(b: Builder, scores: Node, labels: Node): Node {
  const last = scores.shape.length - 1;
  const rows = scores.shape.slice(0, last);
  const positions = rows.map((_, axis) => b.iota(rows, axis));
  const label = b.apply('position', [labels], { size: scores.shape[last]!, wrap: false, what: 'class' });
  return gatherTogether(b, scores, [...positions, label], 0);
}

/**
 * x[..., i0, i1, ...] for int tensors of one shape that index the axes `axis`, `axis + 1`, ...: the axes are merged
 * and one position is computed, so that one gather serves.
 */
export function gatherTogether(b: Builder, x: Node, positions: readonly Node[], axis: number): Node {
  if (positions.length === 1) return b.gather(x, positions[0]!, axis);
  const sizes = x.shape.slice(axis, axis + positions.length);
  const merged = b.reshape(x, [
    ...x.shape.slice(0, axis),
    elementCount(sizes),
    ...x.shape.slice(axis + positions.length),
  ]);
  let flat: Node | undefined;
  positions.forEach((position, i) => {
    flat = flat ? b.add(b.mul(flat, b.size(sizes[i]!)), position) : position;
  });
  return b.gather(merged, flat!, axis);
}

/** The order that sorts along `axis`, applied: a gather over the flattened tensor. */
function sort(call: Call): Node {
  const { b } = call;
  const x = call.node('x');
  const axis = call.axis('axis', x.shape.length);
  const order = b.apply('argsort', [x], { axis });
  let position: Node | undefined;
  x.shape.forEach((dim, i) => {
    const index = i === axis ? order : b.iota(x.shape, i);
    position = position ? b.add(b.mul(position, b.size(dim)), index) : index;
  });
  return b.gather(b.reshape(x, [elementCount(x.shape)]), position!, 0);
}

/** Fills in a size of -1 from the number of elements. */
export function completeShape(call: Call, x: Node, wanted: readonly (Dim | null)[]): Shape {
  const holes = wanted.filter(dim => dim === null).length;
  if (holes > 1) call.fail('argument-value', 'only one size can be -1', 'shape');
  if (holes === 0) return wanted as Shape;
  const known = wanted.filter((dim): dim is Dim => dim !== null).reduce(multiplyDims, constantDim(1));
  const rest = exactQuotient(elementCount(x.shape), known);
  if (!rest) {
    call.fail(
      'shape-mismatch',
      `${call.describe('x')}: its ${printDim(elementCount(x.shape))} elements do not divide by ${printDim(known)}`,
      'shape',
    );
  }
  return wanted.map(dim => dim ?? rest);
}

function reshape(call: Call): Node {
  const x = call.node('x');
  const shape = completeShape(call, x, call.shape('shape'));
  const [have, want] = [elementCount(x.shape), elementCount(shape)];
  const difference = constantValue(subtractDims(have, want));
  if (difference !== undefined && difference !== 0) {
    const count = `${printDim(have)} elements`;
    call.fail(
      'shape-mismatch',
      `${call.describe('x')} has ${count}, ${printShape(shape)} has ${printDim(want)}`,
      'shape',
    );
  }
  return call.b.reshape(x, shape);
}

function transpose(call: Call): Node {
  const x = call.node('x');
  const rank = x.shape.length;
  const order = call.given('axes')
    ? call.shape('axes').map(dim => (dim ? constantValue(dim) : -1))
    : undefined;
  const permutation = order?.map(axis => (axis! < 0 ? axis! + rank : axis!)) ?? reversedAxes(rank);
  if ([...permutation].sort((a, c) => a - c).join() !== [...Array(rank).keys()].join()) {
    call.fail(
      'argument-value',
      `axes must name each of the ${rank} axes once; ${call.describe('x')}`,
      'axes',
    );
  }
  return call.b.transpose(x, permutation);
}

export function reversedAxes(rank: number): number[] {
  return [...Array(rank).keys()].reverse();
}

function flatten(call: Call): Node {
  const x = call.node('x');
  const from = call.number('from');
  if (!Number.isInteger(from) || from < 0 || from > x.shape.length) {
    call.fail('rank', `from is ${from}; ${call.describe('x')}`, 'from');
  }
  return call.b.reshape(x, [...x.shape.slice(0, from), elementCount(x.shape.slice(from))]);
}

function squeeze(call: Call): Node {
  const x = call.node('x');
  const axes = call.axes('axis', x.shape.length);
  for (const axis of axes ?? []) {
    if (!isOne(x.shape[axis]!)) {
      call.fail(
        'shape-mismatch',
        `axis ${axis} has size ${printDim(x.shape[axis]!)}, not 1; ${call.describe('x')}`,
        'axis',
      );
    }
  }
  const drop = axes ?? x.shape.flatMap((dim, axis) => (isOne(dim) ? [axis] : []));
  return call.b.reshape(
    x,
    x.shape.filter((_, axis) => !drop.includes(axis)),
  );
}

function pad(call: Call): Node {
  const x = call.node('x');
  const pairs = call.pairs('pairs');
  if (pairs.length !== x.shape.length) {
    call.fail(
      'rank',
      `one [before, after] an axis is needed: ${x.shape.length}, not ${pairs.length}`,
      'pairs',
    );
  }
  for (const dim of pairs.flat()) {
    if ((constantValue(dim) ?? 0) < 0)
      call.fail('argument-value', 'padding is not negative; slice to cut', 'pairs');
  }
  const shape = x.shape.map((dim, i) => addDims(dim, addDims(pairs[i]![0], pairs[i]![1])));
  return call.b.unslice(
    x,
    pairs.map(pair => pair[0]),
    pairs.map(() => 1),
    shape,
  );
}

/** Known whole numbers give ints, else floats. */
function arange(call: Call): Node {
  const { b } = call;
  if (!call.given('b')) {
    const whole = call.size('a');
    return b.iota([whole], 0);
  }
  const [from, to, step] = [call.number('a'), call.number('b'), call.number('step')];
  if (step === 0) call.fail('argument-value', 'the step is 0', 'step');
  const count = Math.max(0, Math.ceil((to - from) / step));
  const whole = Number.isInteger(from) && Number.isInteger(step);
  const data = Array.from({ length: count }, (_, i) => from + i * step);
  return b.tensor(data, [constantDim(count)], whole ? 'int' : 'float');
}

function linspace(call: Call): Node {
  const [from, to, count] = [call.number('a'), call.number('b'), call.number('n')];
  if (!Number.isInteger(count) || count < 1)
    call.fail('argument-value', `n is a whole number from 1, not ${count}`, 'n');
  const data = Array.from({ length: count }, (_, i) =>
    i === count - 1 && count > 1 ? to : from + (i * (to - from)) / Math.max(1, count - 1),
  );
  return call.b.tensor(data, [constantDim(count)]);
}

function constantShape(call: Call): Shape {
  return call
    .shape('shape')
    .map(dim => dim ?? call.fail('argument-value', 'a size is not negative', 'shape'));
}

export const shapes: Readonly<Record<string, Implementation>> = {
  reshape,
  transpose,
  flatten,
  squeeze,
  pad,
  sort,
  arange,
  linspace,
  concat: call => {
    const parts = call.nodes('values');
    return call.b.concat(parts, call.axis('axis', parts[0]!.shape.length));
  },
  stack: call => {
    const parts = call.b.align(call.nodes('values'));
    return stack(call.b, parts, call.axis('axis', parts[0]!.shape.length + 1));
  },
  expand: call => expand(call.b, call.node('x'), call.axis('axis', call.node('x').shape.length + 1)),
  broadcast_to: call => call.b.broadcastTo(call.node('x'), constantShape(call)),
  size: call => {
    const x = call.node('x');
    return call.b.size(
      call.given('axis') ? x.shape[call.axis('axis', x.shape.length)]! : elementCount(x.shape),
    );
  },
  one_hot: call => {
    const size = call.size('k');
    return oneHot(call.b, positions(call, { size, wrap: false, what: 'class' }), size);
  },
  take: call => {
    const x = call.node('x');
    const axis = call.axis('axis', x.shape.length);
    return call.b.gather(x, positions(call, { size: x.shape[axis]!, wrap: true, what: 'position' }), axis);
  },
  flip: call => flip(call.b, call.node('x'), call.axis('axis', call.node('x').shape.length)),
  argsort: call => {
    const x = call.node('x');
    return call.b.apply('argsort', [x], { axis: call.axis('axis', x.shape.length) });
  },
  tril: call => call.b.apply('tril', [call.node('x')], { k: call.number('k') }),
  zeros: call => filled(call, 0, constantShape(call)),
  ones: call => filled(call, 1, constantShape(call)),
  full: call => call.b.broadcastTo(call.node('value'), constantShape(call)),
  zeros_like: call => call.b.zeros(call.node('x').shape, call.node('x').dtype),
  eye: call => {
    const n = call.size('n');
    const shape = [n, call.given('m') ? call.size('m') : n];
    return call.b.toFloat(call.b.equal(call.b.iota(shape, 0), call.b.iota(shape, 1)));
  },
};
