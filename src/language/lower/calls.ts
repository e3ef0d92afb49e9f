import type { Node } from '../../graph/node';
import { builtins } from '../../library/builtins';
import { signature } from '../../library/signatures';
import type { CallExpression } from '../ast';
import { modelError } from '../diagnostic';
import { bindArguments } from './arguments';
import { BoundCall } from './boundCall';
import { type Context, Skip } from './context';
import { callFunction, instanceCall } from './functions';
import { gradientForms } from './gradients';
import type { Instance } from './scope';

/** The node that a call stands for. What it is made of becomes one group of the graph. */
export function lowerCall(context: Context, expression: CallExpression): Node {
  const meaning = context.meanings.get(expression.callee.name);
  if (meaning?.kind === 'instance') return callInstance(context, expression, meaning.instance);
  const name = meaning?.kind === 'function' ? meaning.name : expression.callee.name;
  return callNamed(context, expression, name, layerPath(context, expression, name));
}

/** What a layer call is named after: the name bound, or in a `return` or a `check` the layer itself. */
function layerPath(context: Context, expression: CallExpression, name: string): string | undefined {
  if (!context.isLayer(expression.callee.name)) return undefined;
  return context.layers?.pathOf(expression) ?? context.frame.claim(context.frame.path(name));
}

/** All calls of an instance use the parameters at its path. */
function callInstance(context: Context, expression: CallExpression, { path, callee, fixed }: Instance): Node {
  const merged = instanceCall(context, expression, callee, fixed);
  if (context.layers) context.layers.last = path;
  return context.sharingParameters(() => callNamed(context, merged, callee, path));
}

function callNamed(
  context: Context,
  expression: CallExpression,
  name: string,
  layerPath: string | undefined,
): Node {
  const user = context.functions.get(name);
  if (user) return callFunction(context, expression, user, layerPath);
  const shown = signature(name);
  const special = gradientForms[name];
  const implementation = builtins[name];
  if (!shown) {
    throw new Skip({
      code: 'name-unknown',
      severity: 'error',
      span: expression.callee.span,
      message: `there is no function ${name}`,
    });
  }
  if (!special && !implementation) {
    const message = misplaced[shown.group] ?? `${name} is not run by this version`;
    throw modelError(misplaced[shown.group] ? 'argument' : 'unsupported', expression.span, message);
  }
  const bound = bindArguments(context, expression, shown);
  if (special) return special(context, expression, bound);
  const call = new BoundCall(context, expression, shown, bound, layerPath);
  // Arguments belong outside the call's group, so they are made first.
  call.prepare();
  const kind = shown.group === 'layer' ? 'layer' : 'call';
  const result = context.guard(
    expression.span,
    () => call.operands(),
    () => context.builder.inGroup(kind, name, () => implementation!(call)),
  );
  if (call.outputs.size > 0) context.outputsOf.set(result, call.outputs);
  return result;
}

const misplaced: Partial<Record<string, string>> = {
  'data source': 'a data source stands after `data NAME =`',
  initializer: 'an initializer stands after `~` in a param, or as an argument of a layer',
  optimizer: 'an optimizer stands in a train block: `optimizer = adam()`',
  schedule: 'a schedule stands in a train block: `schedule = ...`',
  search: 'this stands in a tune block',
};
