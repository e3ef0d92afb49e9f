import { countOf } from '../../graph/shape';
import type { AxesAttributes, AxisAttributes, CumsumAttributes } from '../../ops/linear';
import type { Value } from '../value';
import type { Lowering, OnnxEmitter } from './lowering';
import { CAST } from './tensor';

const axesOf = (value: Value): readonly number[] => (value.attributes as AxesAttributes).axes;

const reduce = (op: string, value: Value, l: Lowering): string =>
  l.node(op, [numbers(value.inputs[0]!, l), l.ints(axesOf(value))], { keepdims: 0 });

const reduction =
  (op: string): OnnxEmitter =>
  (value, l) =>
    reduce(op, value, l);

/** Bools as ints, which every reduction takes. */
function numbers(value: Value, l: Lowering): string {
  const name = l.emit(value);
  return value.dtype === 'bool' ? l.node('Cast', [name], { to: CAST.int }) : name;
}

const logical =
  (op: string): OnnxEmitter =>
  (value, l) =>
    l.node('Cast', [reduce(op, value, l)], { to: CAST.bool });

/** Once NaN, always NaN, which the library's own reductions are not sure of. */
const extreme = (op: string): OnnxEmitter => {
  const bool = logical(op);
  return (value, l) => {
    if (value.dtype === 'bool') return bool(value, l);
    const found = reduce(op, value, l);
    if (value.dtype === 'int') return found;
    const broken = l.node('ReduceMax', [brokenPlaces(value, l), l.ints(axesOf(value))], { keepdims: 0 });
    return l.node('Where', [l.node('Cast', [broken], { to: CAST.bool }), l.scalar(Number.NaN), found]);
  };
};

/** 1 where the operand is NaN, else 0. */
function brokenPlaces({ inputs }: Value, l: Lowering): string {
  return l.node('Cast', [l.node('IsNaN', [l.emit(inputs[0]!)])], { to: CAST.int });
}

/** The first of equal ones; of NaN where there is one. */
const position =
  (op: string): OnnxEmitter =>
  (value, l) => {
    const { axis } = value.attributes as AxisAttributes;
    const first = { axis, keepdims: 0, select_last_index: 0 };
    const found = l.node(op, [numbers(value.inputs[0]!, l)], first);
    const place = l.node('Cast', [found], { to: CAST.int });
    if (value.inputs[0]!.dtype !== 'float') return place;
    const nans = brokenPlaces(value, l);
    const broken = l.node('ReduceMax', [nans, l.ints([axis])], { keepdims: 0 });
    const firstBroken = l.node('Cast', [l.node('ArgMax', [nans], first)], { to: CAST.int });
    return l.node('Where', [l.node('Cast', [broken], { to: CAST.bool }), firstBroken, place]);
  };

export const reductions = {
  sum: (value, l) => {
    const [x] = value.inputs;
    const tensor = l.operand(x!);
    // The sum of one number repeated.
    if (countOf(tensor.shape) === 1 && x!.count > 1 && value.dtype === 'float') {
      return {
        name: l.node('Mul', [l.reshape(tensor.name, []), l.scalar(x!.count / value.count)]),
        shape: [],
      };
    }
    return reduce('ReduceSum', value, l);
  },
  max: extreme('ReduceMax'),
  min: extreme('ReduceMin'),
  prod: reduction('ReduceProd'),
  norm: reduction('ReduceL2'),
  all: logical('ReduceMin'),
  any: logical('ReduceMax'),
  argmax: position('ArgMax'),
  argmin: position('ArgMin'),
  cumsum: (value, l) => {
    const { axis, reverse } = value.attributes as CumsumAttributes;
    const place = l.constant('int32', [], [axis]);
    return l.node('CumSum', [numbers(value.inputs[0]!, l), place], { reverse: Number(reverse) });
  },
} satisfies Record<string, OnnxEmitter>;
