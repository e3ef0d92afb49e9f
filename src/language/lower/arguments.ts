import type { Signature, SignatureParameter } from '../../library/signature';
import type { Argument, CallExpression, Expression } from '../ast';
import { modelError } from '../diagnostic';
import { type Context, Skip } from './context';

/** The arguments of a call by the names of its signature. */
export interface BoundArguments {
  readonly byName: ReadonlyMap<string, Expression>;
  /** What a variadic parameter took. */
  readonly rest: readonly Expression[];
}

/**
 * Matches the arguments of a call with a signature. Mistakes in names and number are reported by the check of names;
 * here they only give up.
 */
export function bindArguments(context: Context, call: CallExpression, signature: Signature): BoundArguments {
  const byName = new Map<string, Expression>();
  const rest: Expression[] = [];
  const positional = call.arguments.filter(argument => !argument.name);
  const { parameters } = signature;
  positional.forEach((argument, i) => {
    const parameter = parameters[i];
    const variadic = parameters.findIndex(p => p.variadic);
    if (variadic >= 0 && i >= variadic) rest.push(argument.value);
    else if (parameter) byName.set(parameter.name, argument.value);
    else misfit(context, call, argument);
  });
  for (const argument of call.arguments) {
    if (!argument.name) continue;
    const { name } = argument.name;
    const known = parameters.some(p => p.name === name) || signature.group === 'layer';
    if (!known || byName.has(name)) misfit(context, call, argument);
    byName.set(name, argument.value);
  }
  return { byName, rest };
}

function misfit(context: Context, call: CallExpression, argument: Argument): never {
  throw new Skip({
    code: 'argument',
    severity: 'error',
    span: argument.span,
    message: `\`${context.snippet(argument.span)}\` does not fit ${call.callee.name}`,
  });
}

/** The parameter of a signature; a name it lacks is a fault of the library. */
export function parameterOf(signature: Signature, name: string): SignatureParameter {
  const parameter = signature.parameters.find(p => p.name === name);
  if (!parameter) throw new Error(`the signature of ${signature.name} has no ${name}`);
  return parameter;
}

/** The bare word an argument consists of: `mean`, `none`, `full`. */
export function wordOf(expression: Expression): string | undefined {
  if (expression.kind === 'name' || expression.kind === 'constant') return expression.name;
  return undefined;
}

export function requireWord(context: Context, expression: Expression, choices: readonly string[]): string {
  const word = wordOf(expression);
  if (word !== undefined && choices.includes(word)) return word;
  throw modelError(
    'argument-value',
    expression.span,
    `\`${context.snippet(expression.span)}\` is not possible here; choose ${choices.join(', ')}`,
  );
}
