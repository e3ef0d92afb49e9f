import { stridesOf } from '../../graph/shape';
import { hasProducts, type MatrixProduct, type ProductAxis, sizeOf } from '../webassembly/matrixProduct';
import type { Expression, LoopKernel } from './expression';
import { turnsOf } from './schedule';

/** A smaller product is done sooner than its operands are copied. */
const FEWEST_TURNS = 2_000;

/** Numbers in the operands and the result together, 64 MB: what is larger is not copied, for the memory that it takes. */
const MOST_NUMBERS = 2 ** 23;

type Load = Expression & { readonly kind: 'load' };

/** A kernel whose core is a product of matrices of 64-bit floats, in two parts. */
export interface ProductKernel {
  readonly product: MatrixProduct;
  readonly left: Load;
  readonly right: Load;
  /** What remains: it reads the product as an array of this name. */
  readonly rest: LoopKernel;
}

/** Undefined for other kernels, and for products that the loops of the kernel do as well. */
export function productOf(kernel: LoopKernel, name: string): ProductKernel | undefined {
  const { core, extents, kept } = kernel;
  if (core?.body.kind !== 'scalar' || core.value.dtype !== 'float' || turnsOf(extents) < FEWEST_TURNS)
    return undefined;
  const [left, right] = core.body.operands;
  if (core.value.inputs.length !== 2 || left?.kind !== 'load' || right?.kind !== 'load') return undefined;
  if (extents.length !== kept + 1 || !hasProducts()) return undefined;
  const product = matricesOf(extents, kept, left, right) ?? matricesOf(extents, kept, right, left);
  if (!product || sizeOf(product.product) > MOST_NUMBERS) return undefined;
  return { ...product, rest: restOf(kernel, name) };
}

function matricesOf(
  extents: readonly number[],
  kept: number,
  left: Load,
  right: Load,
): Omit<ProductKernel, 'rest'> | undefined {
  const axes = extents.map(
    (extent, axis): ProductAxis => ({
      extent,
      left: left.at.terms[axis] ?? 0,
      right: right.at.terms[axis] ?? 0,
    }),
  );
  const [rows, columns] = [axes[kept - 2], axes[kept - 1]];
  if (!rows || !columns || rows.right !== 0 || columns.left !== 0) return undefined;
  if (axes.some(axis => axis.left < 0 || axis.right < 0)) return undefined;
  const product = {
    stack: axes.slice(0, kept - 2),
    rows,
    columns,
    inner: axes[kept]!,
    leftStart: left.at.base,
    rightStart: right.at.base,
  };
  return { product, left, right };
}

/** The kernel with the product in place of its core. */
function restOf({ extents, kept, result, store }: LoopKernel, array: string): LoopKernel {
  const own = extents.slice(0, kept);
  const core: Expression = { kind: 'load', array, dtype: 'float', at: { base: 0, terms: stridesOf(own) } };
  const renewed = new Map<Expression, Expression>();
  const renew = (expression: Expression): Expression => {
    if (expression.kind === 'core') return core;
    if (expression.kind !== 'scalar') return expression;
    let renewedOne = renewed.get(expression);
    if (!renewedOne) {
      renewedOne = { ...expression, operands: expression.operands.map(renew) };
      renewed.set(expression, renewedOne);
    }
    return renewedOne;
  };
  return { extents: own, kept, result: renew(result), store };
}
