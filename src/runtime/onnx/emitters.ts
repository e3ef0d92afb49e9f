import type { ConstantAttributes } from '../../ops/leaf';
import type { OpName } from '../../ops/registry';
import { contract } from './contraction';
import { elementwise } from './elementwise';
import type { OnnxEmitter } from './lowering';
import { movement } from './movement';
import { reductions } from './reductions';
import { ELEMENT_TYPES } from './tensor';
import { windows } from './windows';

/** A leaf is given; this is never reached. */
const given = 'it has no value';

const constant: OnnxEmitter = ({ attributes, dtype, shape }, l) => {
  const { data } = attributes as ConstantAttributes;
  const alike = data.length > 0 && data.every(x => Object.is(x, data[0]));
  const own = alike ? [] : shape;
  return { name: l.constant(ELEMENT_TYPES[dtype], own, alike ? [data[0]!] : data), shape: own };
};

/** How each op becomes nodes of ONNX, or why it does not. */
export const emitters: Readonly<Record<OpName, OnnxEmitter | string>> = {
  ...elementwise,
  ...movement,
  ...windows,
  ...reductions,
  contract,
  constant,
  // A size is bound when the graph is lowered.
  size: constant,
  input: given,
  parameter: given,
  buffer: given,
  random_mask: given,
  data: given,
  rows: given,
  position: 'a number that is no position could not be told',
  numeric_gradient: 'it runs a program of its own',
  argsort: 'its sort has no place for NaN',
  recurrence: 'it has no loop over one axis',
  solve: 'it has no linear systems',
  det: 'it has no determinants',
  lstsq: 'it has no least squares',
};
