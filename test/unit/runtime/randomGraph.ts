import fc from 'fast-check';
import { constantDim } from '../../../src/graph/dimension';
import { Graph } from '../../../src/graph/graph';
import type { Node } from '../../../src/graph/node';
import { countOf, knownShape, shapeOf } from '../../../src/graph/shape';
import type { DType, TensorData } from '../../../src/graph/types';
import { Builder } from '../../../src/ops/builder';
import type { OpName } from '../../../src/ops/registry';
import type { Plain } from './reference';

export interface Case {
  readonly graph: Graph;
  readonly b: Builder;
  readonly leaves: readonly Node[];
  readonly feeds: ReadonlyMap<Node, Plain>;
}

/** A source of whole numbers from 0 up to `below`. */
type Draw = (below: number) => number;

/** Shrinks to fewer steps. */
export const recipes = fc.record({ seed: fc.nat(2 ** 30), steps: fc.nat(40) });

/** Whole numbers from a seed (Tommy Ettinger's mulberry32). */
function drawer(seed: number): Draw {
  let state = seed;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % below;
  };
}

const SHAPES = [[], [1], [3], [4], [2, 3], [3, 3], [4, 3], [5, 4], [2, 1, 3], [2, 3, 4], [9, 11]];

/** A graph of all kinds of ops over small tensors; every value stays moderate. */
export function randomGraph({ seed, steps }: { seed: number; steps: number }): Case {
  const draw = drawer(seed);
  const graph = new Graph();
  const b = new Builder(graph);
  const feeds = new Map<Node, Plain>();
  const nodes: Node[] = [];
  const leaf = (dtype: DType, shape: readonly number[]): void => {
    const node = b.apply('input', [], { name: `x${nodes.length}`, shape: shapeOf(shape), dtype });
    const data = Array.from({ length: countOf(shape) }, () =>
      // Quarters, so that comparisons meet ties and sums are exact.
      dtype === 'float' ? (draw(33) - 16) / 4 : dtype === 'int' ? draw(9) - 4 : draw(2),
    );
    feeds.set(node, { shape, data });
    nodes.push(node);
  };
  for (const dtype of ['float', 'float', 'int', 'bool'] as const) leaf(dtype, SHAPES[draw(SHAPES.length)]!);
  for (let i = 0; i < steps; i++) {
    const made = step(b, draw, () => nodes[draw(nodes.length)]!);
    if (made && countOf(knownShape(made.shape)!) <= 400) nodes.push(made);
  }
  return { graph, b, leaves: [...feeds.keys()], feeds };
}

const UNARY: readonly OpName[] = [
  'tanh',
  'sin',
  'neg',
  'abs',
  'sign',
  'relu',
  'floor',
  'sigmoid',
  'atan',
  'identity',
];
const BINARY: readonly OpName[] = [
  'add',
  'sub',
  'mul',
  'maximum',
  'minimum',
  'less',
  'equal',
  'greater_equal',
];

function step(b: Builder, draw: Draw, any: () => Node): Node | undefined {
  const x = any();
  const shape = knownShape(x.shape)!;
  const rank = shape.length;
  const axis = rank > 0 ? draw(rank) : 0;
  const numeric = x.dtype !== 'bool';
  const float = (node: Node): Node => b.toFloat(node);
  switch (draw(22)) {
    case 0:
    case 1: {
      const op = UNARY[draw(UNARY.length)]!;
      return b.apply(op, [float(x)]);
    }
    case 2:
    case 3:
    case 4: {
      const y = any();
      const op = BINARY[draw(BINARY.length)]!;
      const [left, right] = y.dtype === 'bool' ? [float(x), float(y)] : [x, y];
      try {
        const result = b.elementwise(op, [left.dtype === 'bool' ? float(left) : left, right]);
        // Squashed, so that chains of products stay finite.
        return op === 'mul' ? b.tanh(float(result)) : result;
      } catch {
        return undefined;
      }
    }
    case 5:
      return b.transpose(
        x,
        shape.map((_, i) => (i + 1) % rank),
      );
    case 6:
      return b.reshape(
        x,
        draw(2) === 0
          ? shapeOf([countOf(shape)])
          : shapeOf([...shape.slice(0, axis), 1, ...shape.slice(axis)]),
      );
    case 7:
      return b.broadcast(x, shapeOf([...shape.slice(0, axis), 3, ...shape.slice(axis)]), [axis]);
    case 8:
    case 9:
      return rank === 0 ? undefined : b.sum(x, draw(2) === 0 ? [axis] : shape.map((_, i) => i));
    case 10: {
      if (rank === 0) return undefined;
      const size = shape[axis]!;
      const start = draw(size);
      const [from, step, count] = draw(2) === 0 ? [start, 1, size - start] : [size - 1, -1, size - start];
      const zero = constantDim(0);
      return b.slice(
        x,
        shape.map((_, i) => (i === axis ? constantDim(from) : zero)),
        shape.map((_, i) => (i === axis ? step : 1)),
        shapeOf(shape.with(axis, count)),
      );
    }
    case 11: {
      const zero = constantDim(0);
      return b.unslice(
        x,
        shape.map((_, i) => (i === axis ? constantDim(1) : zero)),
        shape.map((_, i) => (i === axis ? 2 : 1)),
        shapeOf(shape.map((size, i) => (i === axis ? 2 * size + 1 : size))),
      );
    }
    case 12:
      return rank === 0 ? undefined : b.concat([x, x, float(x).dtype === x.dtype ? b.neg(x) : x], axis);
    case 13:
      return rank === 0 || !numeric ? undefined : b.apply(draw(2) ? 'argmax' : 'argsort', [x], { axis });
    case 14:
      return rank === 0 ? undefined : b.apply('cumsum', [x], { axis, reverse: draw(2) === 1 });
    case 15: {
      const y = any();
      if (rank !== 2 || y.shape.length !== 2) return undefined;
      const [k, l] = [shape, knownShape(y.shape)!];
      const forms = [
        ['ab', 'bc', 'ac'],
        ['ab', 'cb', 'ac'],
        ['ba', 'bc', 'ca'],
        ['ba', 'cb', 'ca'],
        ['ab', 'ab', 'ab'],
        ['ab', 'cd', 'acbd'],
      ];
      for (const [left, right, out] of forms as [string, string, string][]) {
        const fits = [...left].every((c, i) => !right.includes(c) || k[i] === l[right.indexOf(c)]);
        if (fits) return b.tanh(b.contract(float(x), float(y), left, right, out));
      }
      return undefined;
    }
    case 16:
      return rank === 0 || !numeric ? undefined : b.apply(draw(2) ? 'max' : 'min', [x], { axes: [axis] });
    case 17:
      return rank < 2 ? undefined : b.apply('tril', [x], { k: draw(3) - 1 });
    case 18: {
      if (rank === 0) return undefined;
      const positions = b.tensor(
        Array.from({ length: 5 }, () => draw(shape[axis]!)),
        shapeOf([5]),
        'int',
      );
      return b.gather(x, positions, axis);
    }
    case 19: {
      const size = shape.at(-1) ?? 0;
      const [kernel, dilation] = [1 + draw(3), 1 + draw(2)];
      if ((kernel - 1) * dilation >= size) return undefined;
      const windows = b.window(x, { kernel: [kernel], stride: [1 + draw(2)], dilation: [dilation] });
      if (draw(2) === 0 || !numeric || rank > 3) return windows;
      // A convolution over one channel.
      const axes = 'abcd'.slice(0, rank);
      const weights = b.tensor([0.5, -1, 0.25, 1, 2, -0.5].slice(0, 2 * kernel), shapeOf([2, kernel]));
      return b.tanh(b.contract(float(windows), weights, `${axes}k`, 'ok', `o${axes}`));
    }
    default: {
      const condition = b.less(float(x), b.constant(0.5));
      return b.where(condition, b.iota(x.shape.length ? x.shape : shapeOf([2]), axis), b.constant(2.5));
    }
  }
}

/** Writes `data` into every fed buffer. */
export function feed(
  program: { fed: readonly Node[]; buffer(node: Node): TensorData },
  feeds: Case['feeds'],
): void {
  for (const node of program.fed) program.buffer(node).set(feeds.get(node)!.data);
}
