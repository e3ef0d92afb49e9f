import { countOf } from '../../graph/shape';
import type { AxesAttributes, AxisAttributes, CumsumAttributes } from '../../ops/linear';
import type { Value } from '../value';
import type { Lowering, OnnxEmitter } from './lowering';
import { CAST } from './tensor';

const axesOf = (value: Value): readonly number[] => (value.attributes as AxesAttributes).axes;

const reduction =
  (op: string): OnnxEmitter =>
  (value, l) =>
    l.node(op, [numbers(value.inputs[0]!, l), l.ints(axesOf(value))], { keepdims: 0 });

/** Bools as ints, which every reduction takes. */
function numbers(value: Value, l: Lowering): string {
  const name = l.emit(value);
  return value.dtype === 'bool' ? l.node('Cast', [name], { to: CAST.int }) : name;
}

const logical =
  (op: string): OnnxEmitter =>
  (value, l) =>
    l.node('Cast', [l.node(op, [numbers(value.inputs[0]!, l), l.ints(axesOf(value))], { keepdims: 0 })], {
      to: CAST.bool,
    });

const extreme = (op: string): OnnxEmitter => {
  const number = reduction(op);
  const bool = logical(op);
  return (value, l) => (value.dtype === 'bool' ? bool : number)(value, l);
};

const position =
  (op: string): OnnxEmitter =>
  (value, l) => {
    const { axis } = value.attributes as AxisAttributes;
    const found = l.node(op, [l.emit(value.inputs[0]!)], { axis, keepdims: 0, select_last_index: 0 });
    return l.node('Cast', [found], { to: CAST.int });
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
    return reduction('ReduceSum')(value, l);
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
