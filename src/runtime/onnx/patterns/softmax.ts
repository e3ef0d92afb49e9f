import type { Value } from '../../value';
import type { Lowering, OnnxPattern } from '../lowering';
import { axesOf, bare, is, spreadAlong, under, uniform } from './match';

/**
 * A softmax as the library of the language writes it: with the largest score m of a row, exp(x - m) and its sum S,
 * log(S) + m. Written by the library of ONNX as one node. They differ in rows with a score of +infinity alone, where
 * neither is a number to train on.
 */

/** exp(x - m) along one axis. */
interface Exponentials {
  readonly x: Value;
  readonly axis: number;
}

/** `value` as exp(x - m). */
export function exponentialsOf(value: Value): Exponentials | undefined {
  const difference = under(value, 'exp');
  if (!difference || !is(difference, 'sub')) return undefined;
  const x = bare(difference.inputs[0]!);
  const spread = bare(difference.inputs[1]!);
  if (!is(spread, 'broadcast') || axesOf(spread).length !== 1) return undefined;
  const [axis] = axesOf(spread) as readonly [number];
  return isShift(bare(spread.inputs[0]!), x, axis) ? { x, axis } : undefined;
}

/** Whether `value` is the largest of `x` along `axis`, with 0 in place of an infinite one or as it is. */
function isShift(value: Value, x: Value, axis: number): boolean {
  if (is(value, 'where')) {
    const [endless, zero, largest] = value.inputs as readonly [Value, Value, Value];
    const difference = under(endless, 'isnan');
    const same = is(difference, 'sub') && difference.inputs.every(each => bare(each) === bare(largest));
    return same && uniform(zero) === 0 && isShift(bare(largest), x, axis);
  }
  return is(value, 'max') && String(axesOf(value)) === String([axis]) && bare(value.inputs[0]!) === x;
}

/** `value` as the sum S of exponentials. */
function totalOf(value: Value): Exponentials | undefined {
  const terms = under(value, 'sum');
  const found = terms && exponentialsOf(terms);
  return found && String(axesOf(bare(value))) === String([found.axis]) ? found : undefined;
}

/** `value` as x - (log S + m). */
export function logSoftmaxOf(value: Value): Exponentials | undefined {
  if (!is(value, 'sub')) return undefined;
  const x = bare(value.inputs[0]!);
  const spread = bare(value.inputs[1]!);
  if (!is(spread, 'broadcast') || axesOf(spread).length !== 1) return undefined;
  const logTotal = bare(spread.inputs[0]!);
  if (!is(logTotal, 'add')) return undefined;
  const log = under(logTotal.inputs[0]!, 'log');
  const total = log && totalOf(log);
  if (!total || total.x !== x || String(axesOf(spread)) !== String([total.axis])) return undefined;
  return isShift(bare(logTotal.inputs[1]!), x, total.axis) ? total : undefined;
}

export const logSoftmax: OnnxPattern = (value, l) => {
  const found = logSoftmaxOf(value);
  return found && l.node('LogSoftmax', [l.emit(found.x)], { axis: found.axis });
};

/** exp(x - m) / S. */
export const softmax: OnnxPattern = (value, l) => {
  if (!is(value, 'div')) return undefined;
  const found = exponentialsOf(value.inputs[0]!);
  const total = found && spreadAlong(value.inputs[1]!, [found.axis]);
  const own = total && totalOf(total);
  return own && own.x === found.x && own.axis === found.axis ? probabilities(found, l) : undefined;
};

/** a / S · exp(x - m), with one a for each row: what the derivative of log S hands on. */
export const scaledSoftmax: OnnxPattern = (value, l) => {
  if (!is(value, 'mul')) return undefined;
  for (const [scale, terms] of [value.inputs, [...value.inputs].reverse()] as [Value, Value][]) {
    const found = exponentialsOf(terms);
    const factor = found && spreadAlong(scale, [found.axis]);
    if (!factor || !is(factor, 'mul')) continue;
    const [a, inverse] = factor.inputs as readonly [Value, Value];
    if (!is(inverse, 'div') || uniform(inverse.inputs[0]!) !== 1) continue;
    const total = totalOf(inverse.inputs[1]!);
    if (total?.x !== found.x || total.axis !== found.axis) continue;
    const shape = value.shape.with(found.axis, 1);
    const row = l.operand(a);
    const spread = row.shape.length === 0 ? row.name : l.reshape(l.emit(a), shape);
    return l.node('Mul', [probabilities(found, l), spread]);
  }
  return undefined;
};

/** From the logarithms where they are computed anyway. */
function probabilities({ x, axis }: Exponentials, l: Lowering): string {
  const logarithms = l.readersOf(x).find(reader => {
    const found = reader && logSoftmaxOf(reader);
    return found?.x === x && found.axis === axis;
  });
  if (logarithms) return l.node('Exp', [l.emit(logarithms)]);
  return l.node('Softmax', [l.emit(x)], { axis });
}
