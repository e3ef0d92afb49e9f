import type { Initializer } from '../../library/initializers';
import { signature } from '../../library/signatures';
import type { CallExpression, Expression } from '../ast';
import { modelError } from '../diagnostic';
import { type BoundArguments, bindArguments } from './arguments';
import type { Context } from './context';
import { knownNumber } from './sizes';

/** Whether an argument of a layer is an initializer rather than a tensor: `W = he()`. */
export function isInitializer(expression: Expression): expression is CallExpression {
  if (expression.kind !== 'call') return false;
  const { name } = expression.callee;
  if (signature(name, 'initializer') === undefined) return false;
  // `zeros([2, 3])` is the tensor, `zeros()` the initializer; `ones` likewise.
  return !((name === 'zeros' || name === 'ones') && expression.arguments.length > 0);
}

/** What stands after `~`, or an initializer as a layer's argument. */
export function lowerInitializer(context: Context, expression: Expression): Initializer {
  if (!isInitializer(expression)) {
    throw modelError(
      'argument-value',
      expression.span,
      `\`${context.snippet(expression.span)}\` is not an initializer; use xavier(), he(), normal(), zeros() ...`,
    );
  }
  const shown = signature(expression.callee.name, 'initializer')!;
  const bound = bindArguments(context, expression, shown);
  const seed = optional(context, bound, 'seed');
  const seeded = seed === undefined ? {} : { seed };
  const { name } = expression.callee;
  switch (name) {
    case 'zeros':
      return { kind: 'constant', value: 0 };
    case 'ones':
      return { kind: 'constant', value: 1 };
    case 'full':
      return { kind: 'constant', value: required(context, expression, bound, shown.parameters[0]!.name) };
    case 'normal':
      return {
        kind: 'normal',
        mean: optional(context, bound, 'mean') ?? 0,
        std: deviation(context, bound),
        ...seeded,
      };
    case 'uniform': {
      const low = required(context, expression, bound, 'lo');
      const high = required(context, expression, bound, 'hi');
      if (low > high) {
        throw modelError(
          'argument-value',
          expression.span,
          `uniform runs from lo to hi, and ${low} is above ${high}`,
        );
      }
      return { kind: 'uniform', low, high, ...seeded };
    }
    case 'xavier': {
      const fanIn = optional(context, bound, 'fan_in');
      return { kind: 'xavier', ...(fanIn === undefined ? {} : { fanIn }), ...seeded };
    }
    case 'glorot':
    case 'he':
    case 'orthogonal':
      return { kind: name, ...seeded };
    default:
      throw new Error(`the initializer ${name} has a signature and no meaning`);
  }
}

function optional(context: Context, bound: BoundArguments, name: string): number | undefined {
  const expression = bound.byName.get(name);
  if (!expression || (expression.kind === 'name' && expression.name === 'auto')) return undefined;
  const value = knownNumber(context, expression);
  if (value !== undefined) return value;
  throw modelError('argument-value', expression.span, `${name} is a number known before running`);
}

function deviation(context: Context, bound: BoundArguments): number {
  const std = optional(context, bound, 'std') ?? 1;
  if (std >= 0) return std;
  throw modelError('argument-value', bound.byName.get('std')!.span, `std is a number from 0, not ${std}`);
}

function required(context: Context, call: CallExpression, bound: BoundArguments, name: string): number {
  const value = optional(context, bound, name);
  if (value !== undefined) return value;
  throw modelError('argument', call.span, `${call.callee.name} needs ${name}`);
}
