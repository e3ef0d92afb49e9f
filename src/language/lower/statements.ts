import {
  compareDims,
  constantValue,
  type Dim,
  solveDim,
  substituteDim,
  symbolsOf,
} from '../../graph/dimension';
import type { Node } from '../../graph/node';
import { equalShapes, printShape, substituteShape } from '../../graph/shape';
import type { BindStatement, CheckStatement, Expression, InputStatement, ParamStatement } from '../ast';
import { modelError } from '../diagnostic';
import type { ModelCheck, NamedValue } from '../model';
import { childExpressions } from '../walk';
import type { Context } from './context';
import { lowerExpression } from './expressions';
import { lowerInitializer } from './initializers';
import { LayerNames } from './layers';
import { declareParameter } from './parameters';
import { isSymbol, knownNumber, lowerShape } from './sizes';

/** Makes a name stand for a node from here on. */
function bind(
  context: Context,
  { name, span, doc }: InputStatement | ParamStatement | BindStatement,
  node: Node,
  kind: NamedValue['kind'],
  layer?: string,
): void {
  context.bindNamed(name.name, node, kind, name.span, {
    statement: span,
    ...(doc === undefined ? {} : { doc }),
    ...(layer === undefined ? {} : { layer }),
  });
}

/** Gives the node of an expression at the top of a file, made by `make` or known from before. */
export type Value = (expression: Expression, make: () => Node) => Node;

const made: Value = (_, make) => make();

/** `name = EXPR`, or `ys[t] = EXPR`, which collects a loop's values. */
export function lowerBind(context: Context, statement: BindStatement, given = made): void {
  const { name, value, index } = statement;
  const layers = new LayerNames(name.name, value, context.frame, context.isLayer);
  context.layers = layers;
  const node = given(value, () => ownNode(context, value, lowerExpression(context, value)));
  context.layers = undefined;
  if (index) collect(context, statement, index, node);
  else bind(context, statement, node, 'node', layers.last);
}

/** Remembers the value of one turn; the loop stacks them at its end. */
function collect(context: Context, { name, span }: BindStatement, index: Expression, node: Node): void {
  const meaning = context.meanings.get(name.name);
  const turn = knownNumber(context, index);
  if (meaning?.kind !== 'collecting' || turn === undefined) {
    throw modelError('index', span, `${name.name}[t] = ... collects values in a loop \`for t in a..b\``);
  }
  meaning.items.set(turn, node);
}

/** Two names never share a node, so that each has its own gradient. */
function ownNode(context: Context, value: Expression, node: Node): Node {
  const fresh = value.kind !== 'name' && value.kind !== 'member' && !context.isNamed(node);
  return fresh ? node : context.at(value.span, () => context.builder.identity(node));
}

/** `param W : SHAPE ~ INIT`, `param w [: SHAPE] = EXPR` */
export function lowerParam(context: Context, statement: ParamStatement): void {
  const { name, span } = statement;
  const declared = statement.shape && lowerShape(context, statement.shape);
  if (statement.value) {
    const value = context.builder.toFloat(lowerExpression(context, statement.value));
    const shape = declared ?? value.shape;
    const start = context.guard(statement.value.span, [[statement.value, value]], () =>
      context.builder.broadcastTo(value, shape),
    );
    const initial = { kind: 'value', node: start } as const;
    bind(
      context,
      statement,
      declareParameter(context, { path: context.frame.path(name.name), shape, span, initial }),
      'param',
    );
    return;
  }
  if (!declared || !statement.initializer) {
    throw modelError('syntax', span, `param ${name.name} needs a shape and an initializer, or a value`);
  }
  const initial = { kind: 'drawn', initializer: lowerInitializer(context, statement.initializer) } as const;
  bind(
    context,
    statement,
    declareParameter(context, { path: context.frame.path(name.name), shape: declared, span, initial }),
    'param',
  );
}

/** `input x : SHAPE [DTYPE] [= EXPR]` */
export function lowerInput(context: Context, statement: InputStatement): void {
  const { name, dtype, value: fed } = statement;
  const declared = lowerShape(context, statement.shape);
  const value = fed && readyValue(context, fed);
  if (value && fed) settleSymbols(context, statement, declared, value);
  const shape = substituteShape(declared, context.sizes);
  const node = context.at(statement.span, () =>
    context.builder.apply('input', [], { name: name.name, shape, dtype }),
  );
  const batched = context.batch !== undefined && shape[0]?.key === context.batch.symbol;
  context.inputs.push({
    name: name.name,
    node,
    dtype,
    shape,
    batched,
    span: statement.span,
    ...(value ? { value } : {}),
  });
  bind(context, statement, node, 'input');
}

/** The fed value; undefined when it rests on data that cannot be read now. */
function readyValue(context: Context, expression: Expression): Node | undefined {
  return mentionsUnreadData(context, expression) ? undefined : lowerExpression(context, expression);
}

function mentionsUnreadData(context: Context, expression: Expression): boolean {
  if (expression.kind === 'name') return context.meanings.get(expression.name)?.kind === 'unread';
  return childExpressions(expression).some(child => mentionsUnreadData(context, child));
}

/** Compares the declared shape with the data: the first axis may be the batch symbol, other symbols become known. */
function settleSymbols(
  context: Context,
  statement: InputStatement,
  declared: readonly Dim[],
  value: Node,
): void {
  const { name } = statement;
  const shown = `${name.name} is declared ${context.snippet(statement.shape.span)}, and \`${context.snippet(statement.value!.span)}\` has shape ${printShape(value.shape)}`;
  if (declared.length !== value.shape.length) {
    throw modelError('shape-mismatch', statement.shape.span, `${shown}: the number of axes differs`);
  }
  declared.forEach((dim, axis) => {
    const actual = value.shape[axis]!;
    const size = constantValue(actual);
    const expression = statement.shape.dimensions[axis]!;
    const symbolic = expression.kind === 'name' && (dim.key === expression.name || isSymbol(expression.name));
    if (symbolic && size !== undefined) {
      settle(context, expression.name, size, axis === 0 && restsOnData(value), shown, statement);
      return;
    }
    const open = substituteDim(dim, context.sizes);
    const [unknown, ...more] = symbolsOf(open);
    if (size !== undefined && unknown !== undefined && unknown !== context.batch?.symbol) {
      // 2 * M is 4, so M is 2.
      const solution = more.length === 0 ? solveDim(open, unknown, size) : undefined;
      if (solution === undefined) {
        const symbols = [unknown, ...more].join(' and ');
        const message = `${shown}: ${symbols} cannot be told from ${dim.key} = ${size}`;
        throw modelError('shape-mismatch', statement.shape.span, message);
      }
      settle(context, unknown, solution, false, shown, statement);
    } else if (compareDims(dim, actual) === 'different') {
      throw modelError(
        'shape-mismatch',
        statement.shape.span,
        `${shown}: axis ${axis} must be ${actual.key}`,
      );
    }
  });
}

function settle(
  context: Context,
  symbol: string,
  size: number,
  batch: boolean,
  shown: string,
  statement: InputStatement,
): void {
  const before = context.batch?.symbol === symbol ? context.batch.rows : context.sizes[symbol];
  const line = context.line(statement.span);
  if (before !== undefined && before !== size) {
    const where = context.symbolLines.get(symbol);
    throw modelError(
      'shape-mismatch',
      statement.shape.span,
      `${shown}: ${symbol} is ${before} on line ${where}`,
    );
  }
  if (before !== undefined) return;
  context.symbolLines.set(symbol, line);
  if (batch && !context.batch) {
    const testRows = Math.max(0, ...context.tables.map(table => table.schema.testRows ?? 0));
    context.batch = { symbol, rows: size, testRows };
  } else context.sizes[symbol] = size;
}

function restsOnData(node: Node): boolean {
  return node.op === 'data' || node.inputs.some(restsOnData);
}

/** `check A ~= B [(tol = T)]` */
export function lowerCheck(context: Context, statement: CheckStatement, given: Value): ModelCheck {
  const left = given(statement.left, () => lowerExpression(context, statement.left));
  const right = given(statement.right, () => lowerExpression(context, statement.right));
  const scalar = left.shape.length === 0 || right.shape.length === 0;
  if (!scalar && !equalShapes(left.shape, right.shape)) {
    const shapes = `${context.describe(statement.left, left)} but ${context.describe(statement.right, right)}`;
    const open =
      left.shape.length === right.shape.length &&
      left.shape.every((dim, axis) => compareDims(dim, right.shape[axis]!) !== 'different');
    if (!open)
      throw modelError('shape-mismatch', statement.span, `both sides of a check have one shape: ${shapes}`);
  }
  const tolerance = statement.tolerance ? knownNumber(context, statement.tolerance) : 1e-6;
  if (tolerance === undefined || !(tolerance >= 0)) {
    throw modelError(
      'argument-value',
      statement.tolerance!.span,
      'tol is a number from 0, known before running',
    );
  }
  return { left, right, tolerance, span: statement.span };
}
