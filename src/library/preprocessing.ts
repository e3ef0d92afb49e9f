import { symbolDim } from '../graph/dimension';
import { ancestors } from '../graph/graph';
import type { Node } from '../graph/node';
import type { Builder } from '../ops/builder';
import type { Call, Implementation } from './call';
import { mean, variance } from './reductions';

/** Symbols for the sizes of the parts of the cut. Lower case, so that no symbol of a file can meet them. */
export const partSymbols = { train: 'train rows', test: 'test rows' } as const;

/** The rows of one part of the cut of the data. Numbers written in the file are not cut: all of them train. */
function partOf(b: Builder, x: Node, part: 'train' | 'test'): Node {
  if (part === 'train' && ancestors([x]).every(({ op }) => op !== 'data' && op !== 'input')) return x;
  return b.gather(x, b.apply('rows', [], { part, shape: [symbolDim(partSymbols[part])] }), 0);
}

/** Replaces a zero deviation by 1, so that a constant column becomes zeros. */
function divideBy(b: Builder, x: Node, scale: Node): Node {
  const safe = b.where(b.equal(scale, b.constant(0)), b.constant(1), scale);
  return b.div(x, safe);
}

function perColumn(call: Call): { x: Node; train: Node } {
  const x = call.b.toFloat(call.node('x'));
  if (x.shape.length === 0) call.fail('rank', `${call.name} takes rows of data; ${call.describe('x')}`, 'x');
  return { x, train: partOf(call.b, x, 'train') };
}

export const preprocessing: Readonly<Record<string, Implementation>> = {
  /** (x - mean) / std, both of the training rows, a column each. */
  standardize: call => {
    const { b } = call;
    const { x, train } = perColumn(call);
    return divideBy(b, b.sub(x, mean(b, train, [0])), b.sqrt(variance(b, train, [0], 0)));
  },
  /** (x - min) / (max - min), both of the training rows, a column each. */
  minmax: call => {
    const { b } = call;
    const { x, train } = perColumn(call);
    const low = b.min(train, [0]);
    return divideBy(b, b.sub(x, low), b.sub(b.max(train, [0]), low));
  },
  train_rows: call => partOf(call.b, call.node('v'), 'train'),
  test_rows: call => partOf(call.b, call.node('v'), 'test'),
  /** NaN becomes the given value, or the mean of the numbers that the column's training rows hold. */
  fillna: call => {
    const { b } = call;
    const x = b.toFloat(call.node('x'));
    const missing = b.apply('isnan', [x]);
    if (call.word('value') !== 'mean') return b.where(missing, call.node('value'), x);
    const train = partOf(b, x, 'train');
    const absent = b.apply('isnan', [train]);
    const count = b.sum(b.toFloat(b.not(absent)), [0]);
    const numbers = b.where(absent, b.constant(0), train);
    return b.where(missing, b.div(b.sum(numbers, [0]), count), x);
  },
};
