import type { Span } from '../../base/span';
import type { Node } from '../../graph/node';
import { signature } from '../../library/signatures';
import type { Argument, CallExpression, Expression, FunctionStatement, InstanceStatement } from '../ast';
import { ModelError, modelError } from '../diagnostic';
import type { Source } from '../source';
import { hasReturn } from '../walk';
import { lowerBody } from './blocks';
import { type Context, Skip } from './context';
import { lowerExpression } from './expressions';
import { Frame, type Meaning, Scope } from './scope';

/** Calls within calls; beyond, a recursion does not end. */
const DEEPEST = 1000;

/** Calls within calls that every thread's stack holds, a megabyte for most main threads. */
const DEEP = 50;

/** A `fn` or `layer` of this file or of an imported one. */
export interface UserFunction {
  readonly statement: FunctionStatement;
  /** The text it stands in. */
  readonly source: Source;
  /** The names above its definition; absent until the definition is reached. */
  closure?: Scope;
  /** Whether it stands in another file, whose places are not this file's. */
  readonly imported: boolean;
}

/** Inlines a call: the arguments are made outside, the body becomes a group. */
export function callFunction(
  context: Context,
  call: CallExpression,
  user: UserFunction,
  layerPath: string | undefined,
): Node {
  const { statement } = user;
  const { name } = statement.name;
  refuseEndless(context, call, user);
  const scope = new Scope(user.closure ?? context.top);
  bindFormals(context, call, user, scope);
  const barren = statement.kind === 'fn' ? `fn ${name} owns no parameters; write it as a layer` : undefined;
  const frame = new Frame(layerPath ?? name, barren ?? context.frame.barren);
  const run = (): Node => {
    const result = context.builder.inGroup(statement.kind === 'layer' ? 'layer' : 'call', name, () =>
      context.inBody(scope, frame, user, () => lowerBody(context, statement.body)),
    );
    if (result) return result;
    const finding = modelError('syntax', statement.name.span, `${name} ends without a return`);
    // Where no return stands at all, the text has told it.
    throw hasReturn(statement.body) ? finding : new Skip(finding.diagnostic);
  };
  return context.at(call.span, () => (user.imported ? abroad(context, call, user, run) : run()));
}

/** Calls a function of the file with one value: `act = f`. */
export function applyUserFunction(context: Context, user: UserFunction, x: Node, span: Span): Node {
  const { name } = user.statement.name;
  // The value has no expression of its own, so it comes by a name that no file can write.
  const scope = new Scope(context.meanings);
  scope.set('(value)', { kind: 'node', node: x, line: context.line(span) });
  const value: Expression = { kind: 'name', name: '(value)', span };
  const call: CallExpression = { kind: 'call', callee: { name, span }, arguments: [{ value, span }], span };
  return context.inScope(scope, () => callFunction(context, call, user, undefined));
}

function refuseEndless(context: Context, call: CallExpression, { statement }: UserFunction): void {
  const { name } = statement.name;
  if (statement.kind === 'layer' && context.callers.some(caller => caller.statement === statement)) {
    throw modelError(
      'argument',
      call.span,
      `layer ${name} calls itself; every call would own new parameters without end`,
    );
  }
  if (context.callers.length >= DEEP) context.options.onDeepCalls?.();
  if (context.callers.length >= DEEPEST) {
    throw modelError(
      'argument',
      call.span,
      `${name} calls itself more than ${DEEPEST} times; its recursion does not end`,
    );
  }
}

/** Places and errors of an imported body are told at the call, with the other file's line. */
function abroad(context: Context, call: CallExpression, { source }: UserFunction, run: () => Node): Node {
  try {
    return context.inSource(source, call.span, run);
  } catch (error) {
    // Of another file's text alone, nothing has been told.
    const found = error instanceof Skip ? error.fallback : error instanceof ModelError && error.diagnostic;
    if (!found) throw error;
    const { code, span, message } = found;
    const { line, column } = source.position(span.start);
    throw modelError(code, call.span, `${source.file}:${line}:${column}: ${message}`);
  }
}

function bindFormals(
  context: Context,
  call: CallExpression,
  { statement }: UserFunction,
  scope: Scope,
): void {
  const { formals } = statement;
  const given = new Map<string, Expression>();
  let position = 0;
  for (const argument of call.arguments) {
    const name = argument.name?.name ?? formals[position++]?.name.name;
    if (name === undefined || given.has(name) || !formals.some(formal => formal.name.name === name)) {
      throw new Skip({
        code: 'argument',
        severity: 'error',
        span: argument.span,
        message: `\`${context.snippet(argument.span)}\` does not fit ${statement.name.name}`,
      });
    }
    given.set(name, argument.value);
  }
  for (const formal of formals) {
    const { name } = formal.name;
    const written = given.get(name);
    const value = written ?? formal.default;
    if (!value) throw modelError('argument', call.span, `${statement.name.name} needs ${name}`);
    // Defaults are read where the function stands, arguments where it is called.
    const make = (): Meaning => meaningOf(context, value);
    scope.set(name, written ? make() : context.inScope(scope, make));
  }
}

/** A value, a function by its name, or nothing. */
export function meaningOf(context: Context, expression: Expression): Meaning {
  if (expression.kind === 'constant' && expression.name === 'none') return { kind: 'none' };
  if (expression.kind === 'name') {
    const known = context.meanings.get(expression.name);
    if (known?.kind === 'function' || known?.kind === 'none' || known?.kind === 'instance') return known;
    const isFunction = context.functions.has(expression.name) || signature(expression.name) !== undefined;
    if (!known && isFunction) return { kind: 'function', name: expression.name };
  }
  const node = lowerExpression(context, expression);
  return { kind: 'node', node, line: context.line(expression.span) };
}

/** `layer cell = f(units = 8)` */
export function lowerInstance(context: Context, statement: InstanceStatement): void {
  const { name, value } = statement;
  const callee = value.kind === 'call' ? value.callee.name : undefined;
  if (value.kind !== 'call' || callee === undefined || !context.isLayer(callee)) {
    throw modelError('argument', value.span, `\`${context.snippet(value.span)}\` is not a call of a layer`);
  }
  const names = formalNames(context, callee);
  let position = 0;
  const fixed = value.arguments.map(argument => {
    const formal = argument.name?.name ?? names[position++];
    return formal === undefined ? argument : named(argument, formal);
  });
  context.meanings.set(name.name, {
    kind: 'instance',
    instance: { path: context.frame.claim(context.frame.path(name.name)), callee, fixed },
  });
}

/** The call of an instance as a call of its layer: what is fixed and what is given now, all by name. */
export function instanceCall(
  context: Context,
  call: CallExpression,
  callee: string,
  fixed: readonly Argument[],
): CallExpression {
  const settled = new Set(fixed.map(argument => argument.name?.name));
  const open = formalNames(context, callee).filter(name => !settled.has(name));
  let position = 0;
  const given = call.arguments.map(argument => {
    if (argument.name && settled.has(argument.name.name)) {
      throw modelError('argument', argument.span, `${argument.name.name} is fixed where the layer was made`);
    }
    const formal = argument.name?.name ?? open[position++];
    return formal === undefined ? argument : named(argument, formal);
  });
  return { ...call, callee: { ...call.callee, name: callee }, arguments: [...fixed, ...given] };
}

function named(argument: Argument, name: string): Argument {
  return { ...argument, name: { name, span: argument.span } };
}

function formalNames(context: Context, callee: string): readonly string[] {
  const user = context.functions.get(callee);
  if (user) return user.statement.formals.map(formal => formal.name.name);
  return signature(callee)?.parameters.map(parameter => parameter.name) ?? [];
}
