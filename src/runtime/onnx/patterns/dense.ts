import type { Value } from '../../value';
import { gemmOperands } from '../contraction';
import type { OnnxPattern } from '../lowering';
import { is } from './match';

/** A product of matrices and what is added to each of its rows, in one node. */
export const productWithBias: OnnxPattern = (value, l) => {
  if (!is(value, 'add') || value.dtype !== 'float' || value.shape.length !== 2) return undefined;
  const [a, b] = value.inputs as readonly [Value, Value];
  const product = is(a, 'contract') && l.readOnce(a) ? a : b;
  const bias = product === a ? b : a;
  if (!is(product, 'contract') || !l.readOnce(product)) return undefined;
  // A whole matrix is as quickly added by a node of its own.
  if (!is(bias, 'broadcast')) return undefined;
  const found = gemmOperands(product, l);
  if (!found) return undefined;
  const { operands, transA, transB } = found;
  return l.node('Gemm', [...operands, l.operand(bias).name], { transA, transB });
};
