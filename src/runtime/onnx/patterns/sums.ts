import type { Value } from '../../value';
import type { OnnxPattern } from '../lowering';
import { axesOf, is } from './match';

/** Three terms or more in one node, from left to right as they stand. */
export const manyTerms: OnnxPattern = (value, l) => {
  if (!is(value, 'add') || value.dtype !== 'float') return undefined;
  const terms: Value[] = [];
  let first: Value = value;
  while (is(first, 'add') && (first === value || l.readOnce(first))) {
    const [left, right] = first.inputs as readonly [Value, Value];
    // A broadcast term, such as a bias, belongs to the product that it is added to.
    if (is(left, 'broadcast') || is(right, 'broadcast')) break;
    terms.unshift(right);
    first = left;
  }
  terms.unshift(first);
  if (terms.length < 3) return undefined;
  return l.node(
    'Sum',
    terms.map(term => l.emit(term)),
  );
};

/** Sums over more rows than this gain by threads, which a reduction uses. */
const ROWS = 4096;

/** The sums of the columns of a matrix, such as the gradient of a bias, as a product with ones, which takes half the time. */
export const columnSums: OnnxPattern = (value, l) => {
  if (!is(value, 'sum') || value.dtype !== 'float') return undefined;
  const [x] = value.inputs as readonly [Value];
  if (x.shape.length !== 2 || String(axesOf(value)) !== '0' || x.shape[0]! > ROWS) return undefined;
  const ones = l.constant('float', [x.shape[0]!], new Array<number>(x.shape[0]!).fill(1));
  return l.node('MatMul', [ones, l.emit(x)]);
};
