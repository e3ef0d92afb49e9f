import type { Value } from '../../value';
import type { OnnxPattern } from '../lowering';
import { is } from './match';

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
