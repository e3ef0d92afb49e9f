import {
  addDims,
  constantDim,
  type Dim,
  floorDivideDims,
  multiplyDims,
  negateDim,
  subtractDims,
  symbolDim,
} from '../../graph/dimension';
import type { Node } from '../../graph/node';
import type { Expression, ShapeExpression } from '../ast';
import { modelError } from '../diagnostic';
import { type Context, Skip } from './context';
import { lowerExpression } from './expressions';

/** Axes of a tensor; more are hardly meant. */
export const MOST_AXES = 8;

/** The shape that a statement declares. In a shape a capitalised name is always the symbol. */
export function lowerShape(context: Context, shape: ShapeExpression): Dim[] {
  const count = shape.dimensions.length;
  if (count > MOST_AXES) {
    throw modelError(
      'rank',
      shape.span,
      `this shape has ${count} axes, and a tensor has at most ${MOST_AXES}`,
    );
  }
  return shape.dimensions.map(dimension => {
    const dim = lowerDim(context, dimension);
    if (Number(dim.key) < 0) {
      throw modelError(
        'argument-value',
        dimension.span,
        `a size is not negative, and this one is ${dim.key}`,
      );
    }
    return dim;
  });
}

/** A size written in the file: whole numbers, symbols, names of constants, `size(x, axis)`, with + - * //. */
export function lowerDim(context: Context, expression: Expression): Dim {
  const { span } = expression;
  switch (expression.kind) {
    case 'number':
      if (!Number.isInteger(expression.value)) {
        throw modelError('argument-value', span, `a size is a whole number, not ${expression.value}`);
      }
      return constantDim(expression.value);
    case 'name':
      if (isSymbol(expression.name)) return lowerSymbol(context, expression.name);
      break;
    case 'unary':
      if (expression.operator === '-') return negateDim(lowerDim(context, expression.operand));
      break;
    case 'binary': {
      const { operator } = expression;
      if (operator !== '+' && operator !== '-' && operator !== '*' && operator !== '//') break;
      const left = lowerDim(context, expression.left);
      const right = lowerDim(context, expression.right);
      if (operator === '+') return addDims(left, right);
      if (operator === '-') return subtractDims(left, right);
      if (operator === '*') return multiplyDims(left, right);
      const quotient = floorDivideDims(left, right);
      if (quotient) return quotient;
      throw modelError('argument-value', span, 'a size cannot be divided by 0');
    }
    case 'missing':
      throw new Skip({ code: 'syntax', severity: 'error', span, message: 'a size is missing' });
  }
  const dim = dimOf(context, lowerExpression(context, expression));
  if (dim) return dim;
  throw modelError(
    'shape-unknown',
    span,
    `\`${context.snippet(span)}\` is not a whole number known before running; use a number, a symbol or size(x, axis)`,
  );
}

/** Capitalised names are symbols in shapes. */
export function isSymbol(name: string): boolean {
  const [first] = name;
  return first !== undefined && first !== first.toLowerCase();
}

function lowerSymbol(context: Context, name: string): Dim {
  context.usedSymbols.add(name);
  const known = context.sizes[name];
  return known === undefined ? symbolDim(name) : constantDim(known);
}

/** The size that an int scalar node stands for, when it is a matter of shapes and constants alone. */
export function dimOf(context: Context, node: Node): Dim | undefined {
  if (node.shape.length > 0) return undefined;
  if (node.op === 'size') return (node.attributes as { dim: Dim }).dim;
  const constant = context.constantOf(node)?.data[0];
  if (constant !== undefined) return Number.isInteger(constant) ? constantDim(constant) : undefined;
  const [left, right] = node.inputs.map(input => dimOf(context, input));
  if (!left) return undefined;
  switch (node.op) {
    case 'identity':
    case 'cast':
      return left;
    case 'neg':
      return negateDim(left);
    case 'add':
      return right && addDims(left, right);
    case 'sub':
      return right && subtractDims(left, right);
    case 'mul':
      return right && multiplyDims(left, right);
    case 'floor_divide':
      return right && floorDivideDims(left, right);
    default:
      return undefined;
  }
}

/** A number known before running; undefined when the expression depends on inputs, parameters or data. */
export function knownNumber(context: Context, expression: Expression): number | undefined {
  const tensor = context.constantOf(lowerExpression(context, expression));
  return tensor && tensor.data.length === 1 && tensor.shape.length === 0 ? tensor.data[0] : undefined;
}
