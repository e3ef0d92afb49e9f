import { signature } from '../../library/signatures';
import type { CallExpression, Expression, IndexItem } from '../ast';

/**
 * Paths of the layer calls in one statement: the name bound, and when the expression holds several layer calls the
 * function's name with a number, from left to right (`logits.dense1`). A path that is taken gets the next free number.
 */
export class LayerNames {
  private readonly paths = new Map<CallExpression, string>();
  /** The path of the call made last, which `NAME.PARAM` reads. */
  last: string | undefined;

  constructor(bound: string, expression: Expression, taken: ReadonlySet<string>) {
    const calls = layerCalls(expression);
    const used = new Set(taken);
    calls.forEach((call, i) => {
      const plain = calls.length === 1 ? bound : `${bound}.${call.callee.name}${i + 1}`;
      let path = plain;
      for (let n = 2; used.has(path); n++) path = `${plain}.${n}`;
      used.add(path);
      this.paths.set(call, path);
    });
  }

  pathOf(call: CallExpression): string | undefined {
    const path = this.paths.get(call);
    if (path !== undefined) this.last = path;
    return path;
  }
}

/** Calls of layers in the order of the text. */
function layerCalls(expression: Expression): CallExpression[] {
  const found: CallExpression[] = [];
  const visit = (e: Expression): void => {
    if (e.kind === 'call' && signature(e.callee.name)?.group === 'layer') found.push(e);
    for (const child of childrenOf(e)) visit(child);
  };
  visit(expression);
  return found.sort((a, b) => a.span.start - b.span.start);
}

/** The expressions directly inside another, in the order of the text. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'conditional':
      return [expression.then, expression.condition, expression.otherwise];
    case 'call':
      return expression.arguments.map(argument => argument.value);
    case 'index':
      return [expression.target, ...expression.items.flatMap(indexChildren)];
    case 'member':
      return [expression.target];
    case 'list':
      return expression.items;
    default:
      return [];
  }
}

function indexChildren(item: IndexItem): Expression[] {
  if (item.kind === 'at') return [item.value];
  if (item.kind === 'ellipsis') return [];
  return [item.start, item.stop, item.step].filter((e): e is Expression => e !== undefined);
}
