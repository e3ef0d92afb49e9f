import { constantDim, type Dim } from '../../../src/graph/dimension';
import type { Node } from '../../../src/graph/node';
import { shapeOf } from '../../../src/graph/shape';
import type { OpName } from '../../../src/ops/registry';
import type { Scene } from '../../support/scene';

/** Builds one op on random operands away from its kinks, so that differences can judge the derivative. */
export type OpCase = (scene: Scene) => Node;

const dims = (...sizes: number[]): Dim[] => sizes.map(constantDim);

const matrix = (s: Scene): Node => s.normal(s.size(), s.size());
const unary =
  (op: OpName, operand: OpCase = matrix, attributes: object = {}): OpCase =>
  s =>
    s.b.elementwise(op, [operand(s)], attributes);
/** Every other case broadcasts its second operand. */
const binary = (
  op: OpName,
  left: (s: Scene, shape: number[]) => Node = (s, shape) => s.normal(...shape),
  right: (s: Scene, shape: number[]) => Node = left,
): OpCase[] => [
  s => {
    const shape = [s.size(), s.size()];
    return s.b.elementwise(op, [left(s, shape), right(s, shape)]);
  },
  s => {
    const shape = [s.size(), s.size()];
    return s.b.elementwise(op, [left(s, shape), right(s, [shape[1]!])]);
  },
];
const positive = (s: Scene, shape: number[]): Node => s.between(0.5, 2, ...shape);
/** Two operands whose elements all differ: one draw, taken apart. */
const distinctPair = (s: Scene): [Node, Node] => {
  const n = s.size();
  const both = s.apart(2, n);
  const half = (i: number): Node => s.b.reshape(s.b.slice(both, dims(i, 0), [1, 1], dims(1, n)), dims(n));
  return [half(0), half(1)];
};

/** A row for every op: a new op without one does not compile. */
export const opCases = {
  // leaves
  input: [],
  parameter: [s => s.normal(s.size())],
  data: [],
  rows: [],
  buffer: [],
  random_mask: [],
  constant: [s => s.b.tensor([1.5, -2], dims(2))],
  size: [s => s.b.apply('size', [], { dim: constantDim(3) })],
  iota: [s => s.b.iota(shapeOf([2, 3]), 1)],
  numeric_gradient: [],

  // functions of one operand
  exp: [unary('exp')],
  log: [unary('log', s => s.between(0.3, 3, s.size()))],
  log1p: [unary('log1p', s => s.between(-0.5, 3, s.size()))],
  sqrt: [unary('sqrt', s => s.between(0.3, 3, s.size()))],
  sin: [unary('sin')],
  cos: [unary('cos')],
  tan: [unary('tan', s => s.between(-1.2, 1.2, s.size()))],
  atan: [unary('atan')],
  tanh: [unary('tanh')],
  sigmoid: [unary('sigmoid')],
  softplus: [unary('softplus')],
  elu: [unary('elu', s => s.apart(s.size(), 3), { alpha: 0.7 })],
  erf: [unary('erf')],
  neg: [unary('neg')],
  square: [unary('square')],
  abs: [unary('abs', s => s.apart(s.size(), 3))],
  sign: [unary('sign', s => s.apart(s.size(), 3))],
  relu: [unary('relu', s => s.apart(s.size(), 3))],
  floor: [unary('floor', s => s.between(0.1, 0.9, s.size()))],
  round: [unary('round', s => s.between(0.6, 1.4, s.size()))],
  identity: [unary('identity')],
  stop_gradient: [s => s.b.add(s.b.stopGradient(s.b.constant(2)), s.normal(s.size()))],
  cast: [s => s.b.mul(s.b.toFloat(s.ints(5, 3)), s.normal(3))],

  // functions of two and three
  add: binary('add'),
  sub: binary('sub'),
  mul: binary('mul'),
  div: binary('div', undefined, positive),
  pow: [
    ...binary('pow', positive, (s, shape) => s.normal(...shape)),
    ...[2, 3, 0.5].map(
      (p): OpCase =>
        s =>
          s.b.pow(s.between(0.5, 2, s.size()), s.b.constant(p)),
    ),
  ],
  maximum: [s => s.b.maximum(...distinctPair(s))],
  minimum: [s => s.b.minimum(...distinctPair(s))],
  floor_divide: [s => s.b.elementwise('floor_divide', [s.between(2.1, 2.9, 3), s.between(0.99, 1.01, 3)])],
  modulo: [
    s => s.b.elementwise('modulo', [s.between(2.2, 2.8, 3), s.between(0.99, 1.01, 3)]),
    s => s.b.elementwise('modulo', [s.between(-2.8, -2.2, 3), s.between(0.99, 1.01, 3)]),
  ],
  xlogy: binary('xlogy', undefined, positive),
  where: [
    s => {
      const shape = [s.size(), s.size()];
      return s.b.where(s.bools(...shape), s.normal(...shape), s.normal(...shape));
    },
    s => s.b.where(s.bools(3, 1), s.normal(3, 2), s.normal()),
  ],
  clip: [s => s.b.elementwise('clip', [s.apart(7), s.b.constant(-0.51), s.b.constant(0.37)])],

  // comparisons
  ...({
    equal: [s => s.b.equal(s.ints(3, 4), s.ints(3, 4))],
    not_equal: [s => s.b.elementwise('not_equal', [s.ints(3, 4), s.ints(3, 4)])],
    less: [s => s.b.less(s.apart(4), s.normal())],
    less_equal: [s => s.b.lessEqual(s.ints(3, 4), s.ints(3, 4))],
    greater: [s => s.b.greater(s.ints(3, 4), s.ints(3, 4))],
    greater_equal: [s => s.b.greaterEqual(s.ints(3, 4), s.ints(3, 4))],
    and: [s => s.b.and(s.bools(4), s.bools(4))],
    or: [s => s.b.or(s.bools(4), s.bools(4))],
    not: [s => s.b.not(s.bools(4))],
    isnan: [s => s.b.elementwise('isnan', [s.normal(4)])],
    position: [
      s => s.b.apply('position', [s.ints(3, 4)], { size: constantDim(3), wrap: false, what: 'index' }),
    ],
  } satisfies Partial<Record<OpName, OpCase[]>>),

  // moving elements
  reshape: [s => s.b.reshape(s.normal(2, 3), dims(3, 2)), s => s.b.reshape(s.normal(), dims(1, 1))],
  transpose: [s => s.b.transpose(s.normal(s.size(), s.size(), s.size()), [2, 0, 1])],
  broadcast: [
    s => s.b.broadcast(s.normal(2, 3), dims(4, 2, 1, 3), [0, 2]),
    s => s.b.broadcast(s.normal(), dims(2, 2), [0, 1]),
  ],
  sum: [s => s.b.sum(s.normal(s.size(), s.size(), s.size()), [0, 2]), s => s.b.sumAll(s.normal(s.size(), 2))],
  concat: [
    s => {
      const n = s.size();
      return s.b.concat([s.normal(2, n), s.normal(1, n), s.normal(3, n)], 0);
    },
    s => s.b.concat([s.normal(2, 1), s.normal(2, 3)], 1),
  ],
  slice: [
    s => s.b.slice(s.normal(5, 6), dims(1, 5), [2, -2], dims(2, 3)),
    s => s.b.slice(s.normal(4), dims(0), [1], dims(0)),
  ],
  unslice: [
    s => s.b.unslice(s.normal(2, 3), dims(1, 5), [2, -2], dims(5, 6)),
    s => s.b.unslice(s.normal(2), dims(1), [1], dims(4)),
  ],
  gather: [
    s => s.b.gather(s.normal(2, 5, 3), s.ints(5, 4), 1),
    s => s.b.gather(s.normal(5, 2), s.ints(5, 2, 3), 0),
    s => s.b.gather(s.normal(5), s.ints(5), 0),
  ],
  scatter_add: [
    s => s.b.scatterAdd(s.normal(2, 4, 3), s.ints(5, 4), 1, constantDim(5)),
    s => s.b.scatterAdd(s.normal(2, 3, 2), s.ints(5, 2, 3), 0, constantDim(5)),
  ],
  window: [
    s => s.b.window(s.normal(2, 5), { kernel: [3], stride: [1], dilation: [1] }),
    s => s.b.window(s.normal(2, 6, 5), { kernel: [3, 2], stride: [2, 1], dilation: [1, 2] }),
  ],
  unwindow: [
    s =>
      s.b.apply('unwindow', [s.normal(2, 3, 3)], {
        kernel: [3],
        stride: [1],
        dilation: [1],
        shape: dims(2, 5),
      }),
    s =>
      s.b.apply('unwindow', [s.normal(2, 2, 3, 3, 2)], {
        ...{ kernel: [3, 2], stride: [2, 1], dilation: [1, 2] },
        shape: dims(2, 6, 5),
      }),
  ],
  cumsum: [false, true].map(
    (reverse): OpCase =>
      s =>
        s.b.apply('cumsum', [s.normal(s.size(), s.size(), 2)], { axis: 1, reverse }),
  ),
  tril: [-1, 0, 1].map(
    (k): OpCase =>
      s =>
        s.b.apply('tril', [s.normal(2, s.size(), s.size())], { k }),
  ),

  // products
  contract: [
    s => {
      const [n, i, o] = [s.size(), s.size(), s.size()];
      return s.b.contract(s.normal(n, i), s.normal(i, o), 'ni', 'io', 'no');
    },
    s => s.b.contract(s.normal(3), s.normal(3), 'k', 'k', ''),
    s => s.b.contract(s.normal(3), s.normal(2), 'i', 'j', 'ij'),
    s => s.b.contract(s.normal(2, 3, 4), s.normal(5, 4, 3), 'bij', 'oji', 'ob'),
    s => s.b.contract(s.normal(2, 3, 4), s.normal(2, 4, 2), 'bik', 'bkj', 'bij'),
  ],

  // reductions
  max: [s => s.b.max(s.apart(3, 2, 4), [0, 2]), s => s.b.max(s.apart(5), [0])],
  min: [s => s.b.min(s.apart(3, 2, 4), [1])],
  prod: [
    s => s.b.apply('prod', [s.normal(3, 2, 3)], { axes: [0, 2] }),
    s => s.b.apply('prod', [s.normal(s.size(), 3)], { axes: [1] }),
    // two factors of 0, and one
    s => s.b.apply('prod', [s.leaf([2, 4], [0, 2, 0, 3, 1.5, 0, -2, 1])], { axes: [1] }),
    s => s.b.apply('prod', [s.normal(1)], { axes: [0] }),
  ],
  norm: [s => s.b.apply('norm', [s.normal(s.size(), 3, 2)], { axes: [1, 2] })],
  recurrence: [false, true].map(
    (reverse): OpCase =>
      s => {
        const shape = [2, s.size(), 2];
        return s.b.apply('recurrence', [s.normal(...shape), s.normal(...shape)], { axis: 1, reverse });
      },
  ),
  argmax: [s => s.b.apply('argmax', [s.apart(3, 4)], { axis: 1 })],
  argmin: [s => s.b.apply('argmin', [s.apart(3, 4)], { axis: 0 })],
  argsort: [s => s.b.apply('argsort', [s.apart(3, 4)], { axis: 1 })],
  all: [s => s.b.apply('all', [s.bools(3, 4)], { axes: [1] })],
  any: [s => s.b.apply('any', [s.bools(3, 4)], { axes: [0, 1] })],

  // linear algebra; a multiple of the unit matrix keeps the matrices well conditioned
  solve: [
    s => s.b.apply('solve', [wellConditioned(s, 3), s.normal(3, 2)]),
    s => s.b.apply('solve', [wellConditioned(s, 2, 3), s.normal(3, 2, 1)]),
  ],
  det: [
    s => s.b.apply('det', [s.normal(3, 3)]),
    s => s.b.apply('det', [s.normal(2, 2, 2)]),
    s => s.b.apply('det', [wellConditioned(s, 7)]),
    s => s.b.apply('det', [wellConditioned(s, 11)]),
    // singular
    s => s.b.apply('det', [s.leaf([3, 3], [1, 2, 3, 2, 4, 6, 1, 0, 1])]),
    s => s.b.apply('det', [s.leaf([2, 2], [0, 0, 0, 0])]),
  ],
  lstsq: [
    s => s.b.apply('lstsq', [s.normal(6, 2), s.normal(6, 2)]),
    s => s.b.apply('lstsq', [s.normal(2, 5, 2), s.normal(2, 5, 1)]),
  ],
} satisfies Record<OpName, OpCase[]>;

function wellConditioned(s: Scene, n: number, ...stack: number[]): Node {
  const eye = s.b.toFloat(s.b.equal(s.b.iota(dims(n, n), 0), s.b.iota(dims(n, n), 1)));
  return s.b.add(s.normal(...stack, n, n), s.b.mul(s.b.constant(4), eye));
}
