import { compareDims, constantDim, type Dim } from '../graph/dimension';
import type { Node } from '../graph/node';
import { printShape } from '../graph/shape';
import type { Builder } from '../ops/builder';
import { OpError } from '../ops/definition';
import type { Call, Implementation } from './call';

const labels = 'abcdefgh';

/**
 * NumPy's matrix product: a vector on the left is a row, on the right a column; leading axes are stacks that
 * broadcast. Throws `OpError` when the inner sizes differ.
 */
export function matrixProduct(b: Builder, a: Node, c: Node): Node {
  if (a.shape.length === 0 || c.shape.length === 0) {
    throw new OpError('rank', 'a scalar has no matrix product; use *');
  }
  const [inner, innerRight] = [a.shape.at(-1)!, c.shape.at(c.shape.length === 1 ? -1 : -2)!];
  if (compareDims(inner, innerRight) === 'different') {
    throw new OpError('shape-mismatch', `${inner.key} and ${innerRight.key} must agree`);
  }
  // k is summed, i and j are the rows and columns, letters before them number the stacks from the last.
  const stacksLeft = Math.max(0, a.shape.length - 2);
  const stacksRight = Math.max(0, c.shape.length - 2);
  const [left, right] = alignStacks(b, a, c, stacksLeft, stacksRight);
  const stackLabels = (count: number): string => labels.slice(0, count).split('').reverse().join('');
  const row = a.shape.length === 1 ? '' : 'i';
  const column = c.shape.length === 1 ? '' : 'j';
  const out = `${stackLabels(Math.max(stacksLeft, stacksRight))}${row}${column}`;
  return b.contract(
    left,
    right,
    `${stackLabels(stacksLeft)}${row}k`,
    `${stackLabels(stacksRight)}k${column}`,
    out,
  );
}

/** Stretches stack axes of size 1; a stack that one side lacks needs nothing. */
function alignStacks(b: Builder, a: Node, c: Node, stacksLeft: number, stacksRight: number): [Node, Node] {
  const shared = Math.min(stacksLeft, stacksRight);
  if (shared === 0) return [a, c];
  const sizes: Dim[] = [];
  for (let i = 1; i <= shared; i++) {
    const [left, right] = [a.shape.at(-2 - i)!, c.shape.at(-2 - i)!];
    sizes.unshift(left.key === '1' ? right : left);
  }
  const stretch = (x: Node, stacks: number): Node =>
    b.broadcastTo(x, [...x.shape.slice(0, stacks - shared), ...sizes, ...x.shape.slice(-2)]);
  return [stretch(a, stacksLeft), stretch(c, stacksRight)];
}

/** The transpose of the last two axes. */
export function matrixTranspose(b: Builder, x: Node): Node {
  const rank = x.shape.length;
  const order = [...Array(rank).keys()];
  return b.transpose(x, [...order.slice(0, rank - 2), rank - 1, rank - 2]);
}

function requireSquare(call: Call, parameter: string): Node {
  const x = call.b.toFloat(call.node(parameter));
  const [rows, columns] = [x.shape.at(-2), x.shape.at(-1)];
  if (!rows || !columns || compareDims(rows, columns) === 'different') {
    call.fail('rank', `a square matrix is needed; ${call.describe(parameter)}`, parameter);
  }
  return x;
}

/** The identity matrix in the shape of a square matrix or a stack of them. */
function identityLike(b: Builder, x: Node): Node {
  const rank = x.shape.length;
  return b.toFloat(b.equal(b.iota(x.shape, rank - 2), b.iota(x.shape, rank - 1)));
}

function outer(call: Call): Node {
  const [a, c] = [call.node('a'), call.node('b')];
  if (a.shape.length !== 1 || c.shape.length !== 1) {
    call.fail('rank', `outer takes two vectors; ${call.describe('a')} and ${call.describe('b')}`);
  }
  return call.b.contract(a, c, 'i', 'j', 'ij');
}

function solve(call: Call): Node {
  return solved(call, 'solve', requireSquare(call, 'A'));
}

function leastSquares(call: Call): Node {
  const a = call.b.toFloat(call.node('A'));
  if (a.shape.length < 2) call.fail('rank', `A is a matrix; ${call.describe('A')}`, 'A');
  return solved(call, 'lstsq', a);
}

/** The systems with the matrices `a`, one matrix or a stack of them, and the right sides `b`. */
function solved(call: Call, op: 'solve' | 'lstsq', a: Node): Node {
  const { b } = call;
  const right = b.toFloat(call.node('b'));
  // A right side with one axis less is one column for each matrix; a vector is one column for all.
  if (right.shape.length === 1 || right.shape.length === a.shape.length - 1) {
    const columns = b.broadcastTo(right, [...a.shape.slice(0, -2), right.shape.at(-1)!]);
    const x = b.apply(op, [a, b.reshape(columns, [...columns.shape, constantDim(1)])]);
    return b.reshape(x, x.shape.slice(0, -1));
  }
  if (right.shape.length !== a.shape.length) {
    call.fail(
      'rank',
      `${printShape(a.shape)} and ${printShape(right.shape)} are not systems of one rank`,
      'b',
    );
  }
  return b.apply(op, [a, right]);
}

export const linearAlgebra: Readonly<Record<string, Implementation>> = {
  outer,
  solve,
  lstsq: leastSquares,
  dot: call => matrixProduct(call.b, call.node('a'), call.node('b')),
  matmul: call => matrixProduct(call.b, call.node('a'), call.node('b')),
  det: call => call.b.apply('det', [requireSquare(call, 'A')]),
  inv: call => {
    const a = requireSquare(call, 'A');
    return call.b.apply('solve', [a, identityLike(call.b, a)]);
  },
};
