import type { Value } from '../value';
import { at, loop, type WholeContext } from './whole';

/** Statements of solve, det and lstsq: copy to 64-bit scratch, call the routine, copy back. */

export function solve(value: Value, context: WholeContext): string {
  const n = value.shape.at(-2)!;
  const m = value.shape.at(-1)!;
  const matrix = context.scratch(n * n);
  const right = context.scratch(n * m);
  return stacked(value.count / Math.max(1, n * m), [
    loop('j', n * n, `${matrix}[j] = ${at(context.inputs[0]!, `s * ${n * n} + j`)};`),
    loop('j', n * m, `${right}[j] = ${at(context.inputs[1]!, `s * ${n * m} + j`)};`),
    `if (!solveInPlace(${matrix}, ${right}, ${n}, ${m})) ${context.fail(`'${singular(value)}'`)};`,
    loop('j', n * m, `${at(context.out, `s * ${n * m} + j`)} = ${right}[j];`),
  ]);
}

/** Where the gradient of a determinant comes from the inverse, a singular matrix is no mistake of the model. */
function singular({ attributes }: Value): string {
  const ofDet = (attributes as { of?: string }).of === 'det';
  return ofDet
    ? 'the matrix is singular, where the gradient of det is found up to 10 by 10 alone. A small number on the diagonal makes it regular, as in det(A + 1e-6 * eye(n))'
    : 'the matrix is singular';
}

export function det(value: Value, context: WholeContext): string {
  const n = value.inputs[0]!.shape.at(-1)!;
  const matrix = context.scratch(n * n);
  return stacked(value.count, [
    loop('j', n * n, `${matrix}[j] = ${at(context.inputs[0]!, `s * ${n * n} + j`)};`),
    `${at(context.out, 's')} = determinant(${matrix}, ${n});`,
  ]);
}

export function lstsq(value: Value, context: WholeContext): string {
  const [rows, columns] = value.inputs[0]!.shape.slice(-2) as [number, number];
  const m = value.shape.at(-1)!;
  const matrix = context.scratch(rows * columns);
  const right = context.scratch(rows * m);
  return stacked(value.count / Math.max(1, columns * m), [
    loop('j', rows * columns, `${matrix}[j] = ${at(context.inputs[0]!, `s * ${rows * columns} + j`)};`),
    loop('j', rows * m, `${right}[j] = ${at(context.inputs[1]!, `s * ${rows * m} + j`)};`),
    `if (!leastSquares(${matrix}, ${right}, ${rows}, ${columns}, ${m})) ${context.fail(
      "'the columns of the matrix depend on each other'",
    )};`,
    loop('j', columns * m, `${at(context.out, `s * ${columns * m} + j`)} = ${right}[j];`),
  ]);
}

function stacked(count: number, statements: readonly string[]): string {
  return loop('s', count, statements.join('\n'));
}
