import { hessian, jacobian } from '../../autodiff/derived';
import { forward } from '../../autodiff/forward';
import { reverse } from '../../autodiff/reverse';
import { evaluateDim } from '../../graph/dimension';
import { ancestors } from '../../graph/graph';
import type { Node } from '../../graph/node';
import { elementCount, equalShapes, printShape } from '../../graph/shape';
import type { CallExpression } from '../ast';
import { modelError } from '../diagnostic';
import { type BoundArguments, requireWord } from './arguments';
import type { Context } from './context';
import { lowerExpression } from './expressions';
import { knownNumber } from './sizes';

/** Of a Jacobian or Hessian: 400 MB in 64-bit. */
const LARGEST_TABLE = 50_000_000;

type GradientForm = (context: Context, call: CallExpression, bound: BoundArguments) => Node;

/** Derivatives as expressions: each adds the nodes of the derivative to the graph. */
export const gradientForms: Readonly<Record<string, GradientForm>> = {
  grad: (context, call, bound) => {
    const loss = scalarLoss(context, call, bound);
    const wrt = differentiable(context, call, bound, 'w');
    return inGroup(context, call, () => {
      const adjoint = reverse(context.builder, loss, { wrt: [wrt] }).of(wrt);
      if (!adjoint) warnUnreached(context, call, bound, wrt);
      return adjoint ?? context.builder.zeros(wrt.shape);
    });
  },
  jacobian: (context, call, bound) => {
    const y = differentiable(context, call, bound, 'y');
    const wrt = differentiable(context, call, bound, 'x');
    requireModest(context, call, 'Jacobian', y, wrt);
    return inGroup(context, call, () => {
      const table = jacobian(context.builder, y, wrt);
      if (!table) warnUnreached(context, call, bound, wrt);
      return table ?? context.builder.zeros([...y.shape, ...wrt.shape]);
    });
  },
  hessian: (context, call, bound) => {
    const loss = scalarLoss(context, call, bound);
    const wrt = differentiable(context, call, bound, 'w');
    requireModest(context, call, 'Hessian', wrt, wrt);
    return inGroup(context, call, () => {
      const { builder } = context;
      if (!ancestors([loss]).includes(wrt)) warnUnreached(context, call, bound, wrt);
      // A loss that is linear in w has second derivatives, all of them zero.
      return hessian(builder, loss, wrt) ?? builder.zeros([...wrt.shape, ...wrt.shape]);
    });
  },
  numeric_grad: (context, call, bound) => {
    const loss = scalarLoss(context, call, bound);
    const wrt = differentiable(context, call, bound, 'w');
    const stepSize = bound.byName.get('h');
    const h = stepSize ? knownNumber(context, stepSize) : 1e-5;
    if (h === undefined || !(h > 0)) {
      throw modelError('argument-value', stepSize!.span, 'h is a number above 0, known before running');
    }
    const chosen = bound.byName.get('scheme');
    const scheme = chosen ? requireWord(context, chosen, ['central', 'forward']) : 'central';
    return context.guard(call.span, [], () =>
      context.builder.apply('numeric_gradient', [loss, wrt], { h, scheme }),
    );
  },
  vjp: (context, call, bound) => {
    const y = differentiable(context, call, bound, 'y');
    const wrt = differentiable(context, call, bound, 'x');
    const seed = sameShape(context, call, bound, 'u', y);
    return inGroup(context, call, () => {
      const adjoint = reverse(context.builder, y, { wrt: [wrt], seed }).of(wrt);
      if (!adjoint) warnUnreached(context, call, bound, wrt);
      return adjoint ?? context.builder.zeros(wrt.shape);
    });
  },
  jvp: (context, call, bound) => {
    const y = differentiable(context, call, bound, 'y');
    const wrt = differentiable(context, call, bound, 'x');
    const tangent = sameShape(context, call, bound, 'v', wrt);
    return inGroup(context, call, () => {
      const [result] = forward(context.builder, [y], new Map([[wrt, tangent]]));
      if (!result) warnUnreached(context, call, bound, wrt);
      return result ?? context.builder.zeros(y.shape);
    });
  },
};

function inGroup(context: Context, call: CallExpression, make: () => Node): Node {
  return context.guard(call.span, [], () => context.builder.inGroup('call', call.callee.name, make));
}

function argument(context: Context, call: CallExpression, bound: BoundArguments, name: string): Node {
  const expression = bound.byName.get(name);
  if (!expression) throw modelError('argument', call.span, `${call.callee.name} needs ${name}`);
  return lowerExpression(context, expression);
}

function differentiable(context: Context, call: CallExpression, bound: BoundArguments, name: string): Node {
  const node = argument(context, call, bound, name);
  if (node.dtype === 'float') return node;
  const { span } = bound.byName.get(name)!;
  throw modelError(
    'dtype',
    span,
    `\`${context.snippet(span)}\` is ${node.dtype}; only floats have derivatives`,
  );
}

function scalarLoss(context: Context, call: CallExpression, bound: BoundArguments): Node {
  const loss = differentiable(context, call, bound, 'L');
  if (loss.shape.length === 0) return loss;
  const { span } = bound.byName.get('L')!;
  throw modelError(
    'loss-not-scalar',
    span,
    `\`${context.snippet(span)}\` has shape ${printShape(loss.shape)}; ${call.callee.name} takes a scalar, such as its ` +
      'sum or mean',
  );
}

/** A table of all derivatives of `y` by `x` that fits into memory, as far as the sizes are known. */
function requireModest(context: Context, call: CallExpression, table: string, y: Node, x: Node): void {
  const [rows, columns] = [y, x].map(node => evaluateDim(elementCount(node.shape), context.sizes) ?? 1);
  const count = rows! * columns!;
  if (count <= LARGEST_TABLE) return;
  const elements = `${printShape(y.shape)} by ${printShape(x.shape)} has ${count.toLocaleString('en')} elements`;
  throw modelError(
    'argument-value',
    call.span,
    `the ${table} of ${elements}, more than ${LARGEST_TABLE.toLocaleString('en')}; jvp and vjp give its ` +
      'products without it',
  );
}

function sameShape(
  context: Context,
  call: CallExpression,
  bound: BoundArguments,
  name: string,
  like: Node,
): Node {
  const node = context.builder.toFloat(argument(context, call, bound, name));
  if (equalShapes(node.shape, like.shape)) return node;
  const { span } = bound.byName.get(name)!;
  const shapes = `${printShape(node.shape)}, and ${printShape(like.shape)} is needed`;
  throw modelError('shape-mismatch', span, `\`${context.snippet(span)}\` has shape ${shapes}`);
}

/** Zero for a reason worth saying: perhaps an earlier version of the name was meant. */
function warnUnreached(context: Context, call: CallExpression, bound: BoundArguments, wrt: Node): void {
  // The path that the values take may be another, and depend on it.
  if (context.isPathOpen) return;
  const expression = bound.byName.get('w') ?? bound.byName.get('x')!;
  const text = context.snippet(expression.span);
  const earlier = expression.kind === 'name' ? context.earlierVersions(expression.name, wrt) : [];
  const hint =
    earlier.length > 0 ? `; it was bound anew after the value on line ${earlier.at(-1)} was used` : '';
  context.warn(
    'gradient-unreached',
    call.span,
    `the value does not depend on ${text}, so this is zero${hint}`,
  );
}
