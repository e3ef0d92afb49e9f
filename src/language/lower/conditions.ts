import type { Span } from '../../base/span';
import type { Node } from '../../graph/node';
import { printShape } from '../../graph/shape';
import type { Expression } from '../ast';
import { modelError } from '../diagnostic';
import type { Context } from './context';
import { lowerExpression } from './expressions';

/** A condition on values, as the lowered path takes it. */
export interface PathCondition {
  readonly node: Node;
  readonly holds: boolean;
  readonly kind: 'if' | 'while';
  /** Where it is written; the same for all turns of a loop. */
  readonly place: number;
}

export interface Decision {
  readonly holds: boolean;
  /** Whether it rests on constants alone, so that no other value can change it. */
  readonly known: boolean;
}

/**
 * Which way a condition goes. One on constants is known; one on values follows the path that the caller of lowering
 * found by evaluating the conditions before it, and where that path ends, takes `else` and leaves loops.
 */
export function decide(
  context: Context,
  expression: Expression,
  kind: PathCondition['kind'] = 'if',
): Decision {
  const { builder: b } = context;
  const value = lowerExpression(context, expression);
  if (value.shape.length > 0) {
    throw modelError(
      'rank',
      expression.span,
      `\`${context.snippet(expression.span)}\` has shape ${printShape(value.shape)}; a condition is a scalar. For a ` +
        'choice per row use where(c, a, b)',
    );
  }
  const constant = context.constantOf(value);
  if (constant) return { holds: constant.data[0] !== 0, known: true };
  const node = (): Node => context.at(expression.span, () => b.cast(value, 'bool'));
  return { holds: meet(context, node, kind, expression.span), known: false };
}

/** Which way the path goes at a condition; in a branch that is not taken, none goes on. */
function meet(context: Context, node: () => Node, kind: PathCondition['kind'], { start }: Span): boolean {
  context.met++;
  if (context.isAside) return false;
  const holds = context.options.path?.[context.conditions.length] ?? false;
  context.conditions.push({ node: node(), holds, kind, place: start });
  return holds;
}

/**
 * Whether a loop whose condition is known to hold makes another turn after one that values may have returned from. It
 * does, but not before the path says so, since it might never end.
 */
export function goesOn(context: Context, span: Span): boolean {
  return meet(context, () => context.at(span, () => context.builder.constant(1, 'bool')), 'while', span);
}
