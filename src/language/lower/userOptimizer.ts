import type { Node } from '../../graph/node';
import { printShape } from '../../graph/shape';
import type { Optimizer, OptimizerSetting, UpdateContext } from '../../library/optimizers';
import { OpError } from '../../ops/definition';
import type { CallExpression, OptimizerStatement, StateStatement } from '../ast';
import { modelError } from '../diagnostic';
import type { Training } from '../model';
import type { Source } from '../source';
import { lowerBody } from './blocks';
import { type Context, Skip } from './context';
import { lowerExpression } from './expressions';
import { Frame, Scope } from './scope';
import { knownNumber } from './sizes';

/** `optimizer f(lr = 0.1) (p, g) { ... }` of this file or of an imported one. */
export interface UserOptimizer {
  readonly statement: OptimizerStatement;
  readonly source: Source;
  /** The names above its definition. */
  readonly closure: Scope;
}

/** A call of an optimiser of the file, such as `optimizer = lion(lr = 1e-3)`. */
export function lowerUserOptimizer(
  context: Context,
  call: CallExpression,
  user: UserOptimizer,
): Training['optimizer'] {
  const { statement } = user;
  const settings: Record<string, OptimizerSetting> = {};
  let position = 0;
  const given = new Map(
    call.arguments.map(argument => {
      const name = argument.name?.name ?? statement.formals[position++]?.name.name;
      if (name !== undefined) return [name, argument.value] as const;
      const message = `\`${context.snippet(argument.span)}\` does not fit ${statement.name.name}`;
      throw new Skip({ code: 'argument', severity: 'error', span: argument.span, message });
    }),
  );
  for (const formal of statement.formals) {
    const { name } = formal.name;
    const expression = given.get(name) ?? formal.default;
    const value = expression && knownNumber(context, expression);
    if (value === undefined) {
      throw modelError('argument', expression?.span ?? call.span, `${name} is a number known before running`);
    }
    settings[name] = value;
  }
  // An optimiser without a learning rate has one that nothing multiplies.
  settings.lr ??= 1;
  const definition: Optimizer = { update: update => runOptimizer(context, user, update) };
  return { name: statement.name.name, settings, definition };
}

/** Runs the body for one parameter: the value returned replaces it, and the last binding of a state is kept. */
function runOptimizer(context: Context, user: UserOptimizer, update: UpdateContext): Node {
  const { statement, closure } = user;
  const { builder } = context;
  const line = context.line(statement.span);
  const scope = new Scope(closure);
  const bind = (name: string, node: Node): void => scope.set(name, { kind: 'node', node, line });
  const states = new Map<string, Node>();
  return builder.within(update.b.currentProvenance, () => {
    bind(statement.parameter.name, update.parameter);
    bind(statement.gradient.name, update.gradient);
    bind('step', update.step);
    for (const { name } of statement.formals) {
      const { name: formal } = name;
      const setting = Number(update.settings[formal]);
      bind(formal, formal === 'lr' ? update.learningRate : builder.constant(setting));
    }
    const frame = new Frame('', 'an optimizer owns no parameters');
    const caller = { statement: { ...statement, kind: 'fn' as const }, source: user.source, imported: false };
    const result = context.inBody(scope, frame, caller, () => {
      for (const inner of statement.body) {
        if (inner.kind === 'state') {
          const state = update.state(inner.name.name, startOf(context, inner));
          states.set(inner.name.name, state);
          bind(inner.name.name, state);
          continue;
        }
        const returned = lowerBody(context, [inner]);
        if (returned) return returned;
      }
      return undefined;
    });
    for (const [name, state] of states) {
      const last = scope.get(name);
      if (last?.kind === 'node' && last.node !== state) update.keep(name, last.node);
    }
    if (result) return fitted(context, user, result, update.parameter);
    throw modelError('syntax', statement.name.span, `${statement.name.name} ends without a return`);
  });
}

/** The new parameter: what the body returns, spread over the parameter's shape. */
function fitted(context: Context, { statement }: UserOptimizer, result: Node, parameter: Node): Node {
  const { builder } = context;
  try {
    return builder.broadcastTo(builder.toFloat(result), parameter.shape);
  } catch (error) {
    if (!(error instanceof OpError)) throw error;
    const shapes = `${printShape(result.shape)} for a parameter of ${printShape(parameter.shape)}`;
    const message = `${statement.name.name} returns ${shapes}; the value takes the parameter's place`;
    throw modelError('shape-mismatch', statement.name.span, message);
  }
}

/** The number that every entry of a state begins with. */
function startOf(context: Context, { value, span }: StateStatement): number {
  const start = context.constantOf(lowerExpression(context, value));
  const [first = 0] = start?.data ?? [];
  if (start && [...start.data].every(x => x === first)) return first;
  throw modelError(
    'argument-value',
    span,
    'a state begins with one number everywhere, such as zeros_like(p)',
  );
}
