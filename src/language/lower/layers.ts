import type { CallExpression, Expression } from '../ast';
import { childExpressions } from '../walk';
import type { Frame } from './scope';

/**
 * Paths of the layer calls in one statement: the name bound, and when the expression holds several layer calls the
 * function's name with a number, from left to right (`logits.dense1`). A path that is taken gets the next free number.
 */
export class LayerNames {
  private readonly paths = new Map<CallExpression, string>();
  /** The path of the call made last, which `NAME.PARAM` reads. */
  last: string | undefined;

  constructor(
    readonly bound: string,
    expression: Expression,
    frame: Frame,
    isLayer: (name: string) => boolean,
  ) {
    const calls = layerCalls(expression, isLayer);
    calls.forEach((call, i) => {
      const plain = frame.path(bound);
      const path = calls.length === 1 ? plain : `${plain}.${call.callee.name}${i + 1}`;
      this.paths.set(call, frame.claim(path));
    });
  }

  get all(): readonly string[] {
    return [...this.paths.values()];
  }

  pathOf(call: CallExpression): string | undefined {
    const path = this.paths.get(call);
    if (path !== undefined) this.last = path;
    return path;
  }
}

/** Calls of layers in the order of the text. */
function layerCalls(expression: Expression, isLayer: (name: string) => boolean): CallExpression[] {
  const found: CallExpression[] = [];
  const visit = (e: Expression): void => {
    if (e.kind === 'call' && isLayer(e.callee.name)) found.push(e);
    childExpressions(e).forEach(visit);
  };
  visit(expression);
  return found.sort((a, b) => a.span.start - b.span.start);
}
