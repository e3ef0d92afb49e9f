import type { Affine } from '../affine';
import type { Expression, LoopKernel } from './expression';

/**
 * Drops axes of size 1 and joins neighbours that every access walks as one, so that a chain over whole tensors
 * becomes a single flat loop whatever their rank.
 */
export function simplify(kernel: LoopKernel): LoopKernel {
  const accesses: Affine[] = [kernel.store.at];
  const visited = new Set<Expression>();
  const visit = (expression: Expression): void => {
    if (visited.has(expression)) return;
    visited.add(expression);
    if (expression.kind === 'load' || expression.kind === 'index') accesses.push(expression.at);
    else if (expression.kind === 'scalar') expression.operands.forEach(visit);
  };
  visit(kernel.result);
  if (kernel.core) visit(kernel.core.body);

  // Groups of old axes that become one new axis, outermost first.
  const groups: number[][] = [];
  let kept = 0;
  kernel.extents.forEach((extent, axis) => {
    if (extent === 1) return;
    const last = groups.at(-1);
    const outer = last?.at(-1);
    const sameKind = outer !== undefined && outer < kernel.kept === axis < kernel.kept;
    if (sameKind && accesses.every(at => term(at, outer) === term(at, axis) * extent)) last!.push(axis);
    else {
      groups.push([axis]);
      if (axis < kernel.kept) kept++;
    }
  });

  const move = (at: Affine): Affine => ({
    base: at.base,
    terms: groups.map(group => term(at, group.at(-1)!)),
  });
  const renewed = new Map<Expression, Expression>();
  const renew = (expression: Expression): Expression => {
    let result = renewed.get(expression);
    if (!result) renewed.set(expression, (result = rebuild(expression)));
    return result;
  };
  const rebuild = (expression: Expression): Expression => {
    switch (expression.kind) {
      case 'load':
      case 'index':
        return { ...expression, at: move(expression.at) };
      case 'scalar':
        return { ...expression, operands: expression.operands.map(renew) };
      default:
        return expression;
    }
  };
  return {
    extents: groups.map(group => group.reduce((product, axis) => product * kernel.extents[axis]!, 1)),
    kept,
    ...(kernel.core ? { core: { value: kernel.core.value, body: renew(kernel.core.body) } } : {}),
    result: renew(kernel.result),
    store: { ...kernel.store, at: move(kernel.store.at) },
  };
}

function term(at: Affine, axis: number): number {
  return at.terms[axis] ?? 0;
}
