import { constantDim, symbolDim } from '../../graph/dimension';
import type { Node } from '../../graph/node';
import { matrixProduct } from '../../library/linearAlgebra';
import { reversedAxes, stack } from '../../library/shapes';
import type { OpName } from '../../ops/registry';
import type {
  BinaryExpression,
  BinaryOperator,
  ConditionalExpression,
  Expression,
  ListExpression,
  MemberExpression,
} from '../ast';
import { modelError } from '../diagnostic';
import { isLiteral } from '../walk';
import { lowerOutline, noteTaken } from './branches';
import { lowerCall } from './calls';
import { decide } from './conditions';
import { type Context, Skip } from './context';
import { lowerIndex } from './indexing';
import { MOST_AXES } from './sizes';

/** The node that an expression stands for. Throws `ModelError`, or `Skip` where the cause is reported elsewhere. */
export function lowerExpression(context: Context, expression: Expression): Node {
  const node = lowerAny(context, expression);
  if (node.shape.length > MOST_AXES) {
    const what = `\`${context.snippet(expression.span)}\` has ${node.shape.length} axes`;
    throw modelError('rank', expression.span, `${what}, and a tensor has at most ${MOST_AXES}`);
  }
  return node;
}

function lowerAny(context: Context, expression: Expression): Node {
  const { builder: b } = context;
  switch (expression.kind) {
    case 'number':
      return context.at(expression.span, () => b.constant(expression.value));
    case 'constant':
      return lowerConstant(context, expression);
    case 'name':
      return lowerName(context, expression.name, expression);
    case 'unary': {
      // A negative number is one constant, so that `w = -3` is a leaf.
      if (expression.operator === '-' && expression.operand.kind === 'number') {
        const { value } = expression.operand;
        return context.at(expression.span, () => b.constant(-value));
      }
      const operand = lowerExpression(context, expression.operand);
      return context.guard(expression.span, [[expression.operand, operand]], () =>
        expression.operator === '-' ? b.neg(numeric(context, operand)) : b.not(b.cast(operand, 'bool')),
      );
    }
    case 'binary':
      return lowerBinary(context, expression);
    case 'conditional':
      return lowerConditional(context, expression);
    case 'call':
      return lowerCall(context, expression);
    case 'index':
      return lowerIndex(context, expression);
    case 'member':
      return lowerMember(context, expression);
    case 'list':
      return lowerList(context, expression);
    case 'string':
      throw modelError('dtype', expression.span, 'a text is not a value; texts name files and columns');
    case 'missing':
      throw new Skip({
        code: 'syntax',
        severity: 'error',
        span: expression.span,
        message: 'an expression is missing',
      });
  }
}

/** The value of the branch taken; the other is checked. */
function lowerConditional(context: Context, expression: ConditionalExpression): Node {
  const { condition, then, otherwise } = expression;
  const decision = decide(context, condition);
  const [taken, other] = decision.holds ? [then, otherwise] : [otherwise, then];
  if (!decision.known) {
    const label = `${decision.holds ? 'else' : 'if'}${context.isAside ? '' : ', not taken'}`;
    const way = { condition, decision };
    lowerOutline(context, { ...way, label, span: other.span }, () => lowerExpression(context, other));
    noteTaken(context, { ...way, span: taken.span });
  }
  return lowerExpression(context, taken);
}

function lowerConstant(context: Context, expression: Expression & { kind: 'constant' }): Node {
  const { builder: b } = context;
  const values = { pi: Math.PI, inf: Number.POSITIVE_INFINITY, nan: Number.NaN };
  switch (expression.name) {
    case 'true':
    case 'false':
      return context.at(expression.span, () => b.constant(expression.name === 'true' ? 1 : 0, 'bool'));
    case 'none':
      throw modelError(
        'dtype',
        expression.span,
        '`none` is not a value; it only says that an argument is left out',
      );
    default: {
      const value = values[expression.name];
      return context.at(expression.span, () => b.constant(value));
    }
  }
}

function lowerName(context: Context, name: string, expression: Expression): Node {
  const meaning = context.meanings.get(name);
  if (meaning?.kind === 'node') return meaning.node;
  if (meaning?.kind === 'table') {
    throw modelError(
      'dtype',
      expression.span,
      `${name} is a table of data; choose columns, as in ${name}[:, 0:4] or ${name}["column"]`,
    );
  }
  if (meaning?.kind === 'function' || meaning?.kind === 'instance' || meaning?.kind === 'none') {
    const what = meaning.kind === 'none' ? 'left out' : 'a function, which is a value only as an argument';
    throw modelError('dtype', expression.span, `${name} is ${what}`);
  }
  if (meaning?.kind === 'differing') throw modelError('shape-mismatch', expression.span, meaning.message);
  // A capitalised name that is not bound is the size of that symbol.
  if (!meaning && context.usedSymbols.has(name)) {
    const size = context.sizes[name];
    return context.at(expression.span, () =>
      size === undefined ? context.builder.size(symbolDim(name)) : context.builder.constant(size, 'int'),
    );
  }
  throw new Skip({
    code: 'name-unknown',
    severity: 'error',
    span: expression.span,
    message: `${name} is not defined above this line`,
  });
}

const arithmetic: Partial<Record<BinaryOperator, OpName>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '//': 'floor_divide',
  '%': 'modulo',
  '**': 'pow',
};

const comparisons: Partial<Record<BinaryOperator, OpName>> = {
  '==': 'equal',
  '!=': 'not_equal',
  '<': 'less',
  '<=': 'less_equal',
  '>': 'greater',
  '>=': 'greater_equal',
};

/** Bools count as 0 and 1 in arithmetic. */
function numeric(context: Context, x: Node): Node {
  return x.dtype === 'bool' ? context.builder.cast(x, 'int') : x;
}

function lowerBinary(context: Context, expression: BinaryExpression): Node {
  const { builder: b } = context;
  const { operator } = expression;
  const left = lowerExpression(context, expression.left);
  const right = lowerExpression(context, expression.right);
  const operands = [
    [expression.left, left],
    [expression.right, right],
  ] as const;
  return context.guard(expression.span, operands, () => {
    if (operator === '@') return matrixProduct(b, b.toFloat(left), b.toFloat(right));
    if (operator === 'and') return b.and(b.cast(left, 'bool'), b.cast(right, 'bool'));
    if (operator === 'or') return b.or(b.cast(left, 'bool'), b.cast(right, 'bool'));
    const comparison = comparisons[operator];
    if (comparison) return b.elementwise(comparison, [left, right]);
    if (operator === '/') return b.div(left, right);
    if (operator === '**' && right.dtype !== 'float' && left.dtype !== 'float') {
      return b.pow(b.toFloat(left), b.toFloat(right));
    }
    return b.elementwise(arithmetic[operator]!, [numeric(context, left), numeric(context, right)]);
  });
}

/** `x.T`, or a parameter of the last layer call bound to a name. */
function lowerMember(context: Context, expression: MemberExpression): Node {
  const { target, member, span } = expression;
  if (member.name === 'T') {
    const x = lowerExpression(context, target);
    return context.at(span, () => context.builder.transpose(x, reversedAxes(x.shape.length)));
  }
  const meaning = target.kind === 'name' ? context.meanings.get(target.name) : undefined;
  const own = meaning?.kind === 'node' ? context.outputsOf.get(meaning.node)?.get(member.name) : undefined;
  if (own) return own;
  const path = memberPath(context, expression);
  const parameter = path && context.parameters.find(p => p.path === path);
  if (parameter) return parameter.node;
  const output = path && context.outputs.get(path);
  if (output) return output;
  const text = context.snippet(target.span);
  const prefix = target.kind === 'name' ? layerPath(context, target.name) : undefined;
  const owned = context.parameters.filter(p => prefix && p.path.startsWith(`${prefix}.`)).map(p => p.path);
  throw modelError(
    'name-unknown',
    member.span,
    owned.length > 0
      ? `${text} has no parameter ${member.name}; it has ${owned.join(', ')}`
      : `${text} owns no parameters; only a name bound to a layer such as dense(...) does`,
  );
}

function layerPath(context: Context, name: string): string | undefined {
  const meaning = context.meanings.get(name);
  if (meaning?.kind === 'instance') return meaning.instance.path;
  return meaning?.kind === 'node' ? meaning.layer : undefined;
}

/** `h.W`, or with several layer calls in one expression `logits.dense1.W`. */
function memberPath(context: Context, expression: MemberExpression): string | undefined {
  const { target, member } = expression;
  if (target.kind === 'name') {
    const own = layerPath(context, target.name);
    const direct = `${own}.${member.name}`;
    const known = context.outputs.has(direct) || context.parameters.some(p => p.path === direct);
    return own && known ? direct : `${target.name}.${member.name}`;
  }
  if (target.kind === 'member') return `${memberPath(context, target)}.${member.name}`;
  return undefined;
}

/** `[a, b, c]` stacks along a new first axis; nested numbers become one constant. */
function lowerList(context: Context, expression: ListExpression): Node {
  const { builder: b } = context;
  if (expression.items.length === 0) {
    throw modelError('shape-unknown', expression.span, 'an empty list has no shape; use zeros([0])');
  }
  const items = expression.items.map(item => lowerExpression(context, item));
  const operands = expression.items.map((item, i) => [item, items[i]!] as const);
  return context.guard(expression.span, operands, () => {
    const parts = b.promote(items);
    const [first] = parts;
    const data: number[] = [];
    for (const [i, part] of parts.entries()) {
      const sameShape = part.shape.map(dim => dim.key).join() === first!.shape.map(dim => dim.key).join();
      // A float that has a name is a node with a gradient, and the list depends on it.
      const named = part.dtype === 'float' && !isLiteral(expression.items[i]!);
      if (part.op !== 'constant' || !sameShape || named) return stack(b, parts, 0);
      data.push(...(part.attributes as { data: readonly number[] }).data);
    }
    return b.tensor(data, [constantDim(parts.length), ...first!.shape], first!.dtype);
  });
}
