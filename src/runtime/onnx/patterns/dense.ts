import type { Value } from '../../value';
import { gemmOperands } from '../contraction';
import type { OnnxPattern } from '../lowering';
import { is, uniform } from './match';

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

/**
 * `where(z > 0, g, 0)`, what a relu lets through, as a product with 0 or 1 where `g` is itself a product of matrices:
 * that takes a third of the time of choosing. An infinite gradient, which has overflown on its way, becomes NaN here.
 */
export const reluMask: OnnxPattern = (value, l) => {
  const through = reluGradientOf(value);
  if (!through) return undefined;
  const { z, gradient } = through;
  if (!is(gradient, 'contract')) return undefined;
  // The sign of relu(z) is that of z where it counts, and z itself is then read by the relu alone and fused with it.
  const relu = l.readersOf(z).find(reader => is(reader, 'relu'));
  const positive = l.node('Greater', [l.emit(relu ?? z), l.scalar(0)]);
  return l.node('Mul', [l.emit(gradient), l.node('Cast', [positive], { to: 1 })]);
};

/** `where(z > 0, gradient, 0)`. */
export function reluGradientOf(value: Value): { readonly z: Value; readonly gradient: Value } | undefined {
  if (!is(value, 'where') || value.dtype !== 'float') return undefined;
  const [condition, gradient, otherwise] = value.inputs as readonly [Value, Value, Value];
  if (!is(condition, 'greater') || uniform(otherwise) !== 0) return undefined;
  const [z, zero] = condition.inputs as readonly [Value, Value];
  return uniform(zero) === 0 ? { z, gradient } : undefined;
}
