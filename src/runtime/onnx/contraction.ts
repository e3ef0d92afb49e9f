import { countOf } from '../../graph/shape';
import type { ContractAttributes } from '../../ops/contraction';
import type { Value } from '../value';
import { type Lowering, MICROSOFT } from './lowering';
import type { Tensor } from './tensor';

/** A contraction as a product of matrices: which labels are its stacks, rows, columns and what is summed over. */
export interface Product {
  readonly stack: string;
  readonly rows: string;
  readonly columns: string;
  readonly summed: string;
  /** The operands, those with the rows first. */
  readonly left: Operand;
  readonly right: Operand;
  readonly size: (labels: string) => number;
}

interface Operand {
  readonly value: Value;
  readonly labels: string;
}

/** The product whose result, stack by stack, comes out in the order of `out` as far as it can. */
export function productOf({ attributes, inputs }: Value): Product {
  const { left, right, out } = attributes as ContractAttributes;
  const sizes = new Map<string, number>();
  [left, right].forEach((labels, i) => {
    [...labels].forEach((label, axis) => {
      sizes.set(label, inputs[i]!.shape[axis]!);
    });
  });
  const pick = (labels: string, keep: (label: string) => boolean): string =>
    [...labels].filter(keep).join('');
  const stack = pick(out, label => left.includes(label) && right.includes(label));
  const own = pick(out, label => !right.includes(label));
  const other = pick(out, label => !left.includes(label));
  // In the order that the first operand has them in, so that it need not be moved.
  const summed = pick(left, label => right.includes(label) && !out.includes(label));
  const a = { value: inputs[0]!, labels: left };
  const b = { value: inputs[1]!, labels: right };
  const turned =
    other !== '' && out.endsWith(own) && own !== '' && out.indexOf(other[0]!) < out.indexOf(own[0]!);
  const [first, second, rows, columns] = turned ? [b, a, other, own] : [a, b, own, other];
  const size = (labels: string): number => countOf([...labels].map(label => sizes.get(label)!));
  return { stack, rows, columns, summed, left: first, right: second, size };
}

/** A matrix, or a stack of them, for one side of a product; `transposed` when it lies the other way round. */
interface Matrix {
  readonly name: string;
  readonly transposed: boolean;
}

/** `operand` with its labels as stack, rows, columns, each merged into one axis; no stack gives a plain matrix. */
function matrixOf(operand: Operand, product: Product, rows: string, columns: string, l: Lowering): Matrix {
  const { stack, size } = product;
  const { labels, value } = operand;
  const transposed = labels !== stack + rows + columns && labels === stack + columns + rows;
  const wanted = transposed ? stack + columns + rows : stack + rows + columns;
  const [first, last] = transposed ? [columns, rows] : [rows, columns];
  const shape = [...(stack ? [size(stack)] : []), size(first), size(last)];
  const moved = arranged(l.emit(value), labels, wanted, l);
  const merged =
    [...labels].length !== shape.length || stack.length > 1 || first.length !== 1 || last.length !== 1;
  return { name: merged ? l.reshape(moved, shape) : moved, transposed };
}

function arranged(name: string, labels: string, wanted: string, l: Lowering): string {
  return l.transpose(
    name,
    [...wanted].map(label => labels.indexOf(label)),
  );
}

/** A sum of products over shared labels. */
export function contract(value: Value, l: Lowering): string | Tensor {
  const product = productOf(value);
  if (product.summed === '') return products(value, product, l);
  const name = multiply(value, product, l);
  return shaped(name, value, product, l);
}

/** The product of the matrices: `[rows, columns]`, after the stack if there is one. */
function multiply(value: Value, product: Product, l: Lowering): string {
  const { rows, columns, summed } = product;
  const left = matrixOf(product.left, product, rows, summed, l);
  const right = matrixOf(product.right, product, summed, columns, l);
  if (value.dtype === 'float') return matrixProduct(left, right, product.stack !== '', l);
  const upright = ({ name, transposed }: Matrix): string =>
    transposed ? l.transpose(name, product.stack ? [0, 2, 1] : [1, 0]) : name;
  return l.node('MatMul', [upright(left), upright(right)]);
}

function matrixProduct(left: Matrix, right: Matrix, stacked: boolean, l: Lowering): string {
  const [transA, transB] = [Number(left.transposed), Number(right.transposed)];
  const operands = [left.name, right.name];
  if (!stacked) return l.node('Gemm', operands, { transA, transB });
  return transA + transB === 0
    ? l.node('MatMul', operands)
    : l.node('FusedMatMul', operands, { transA, transB }, MICROSOFT);
}

/** The result of a product of matrices under its own axes, in the order that is asked for. */
export function shaped(name: string, value: Value, product: Product, l: Lowering): string {
  const { stack, rows, columns, size } = product;
  const { out } = value.attributes as ContractAttributes;
  const made = stack + rows + columns;
  const flat = stack.length <= 1 && rows.length === 1 && columns.length === 1;
  const split = flat ? name : l.reshape(name, [...made].map(size));
  return arranged(split, made, out, l);
}

/** Nothing is summed: each element is one product. */
function products(value: Value, { left, right }: Product, l: Lowering): Tensor {
  const { out } = value.attributes as ContractAttributes;
  const spread = ({ value: operand, labels }: Operand): string => {
    const own = [...out].filter(label => labels.includes(label)).join('');
    const moved = arranged(l.emit(operand), labels, own, l);
    const shape = [...out].map((label, axis) => (labels.includes(label) ? value.shape[axis]! : 1));
    return own === out ? moved : l.reshape(moved, shape);
  };
  return { name: l.node('Mul', [spread(left), spread(right)]), shape: value.shape };
}

/** The operands of a plain product of two matrices, as `Gemm` takes them; undefined for stacks and other products. */
export function gemmOperands(
  value: Value,
  l: Lowering,
): { readonly operands: [string, string]; readonly transA: number; readonly transB: number } | undefined {
  const product = productOf(value);
  const { stack, rows, columns, summed } = product;
  if (value.dtype !== 'float' || stack !== '' || summed === '' || rows === '' || columns === '')
    return undefined;
  if ((value.attributes as ContractAttributes).out !== rows + columns) return undefined;
  const left = matrixOf(product.left, product, rows, summed, l);
  const right = matrixOf(product.right, product, summed, columns, l);
  return {
    operands: [left.name, right.name],
    transA: Number(left.transposed),
    transB: Number(right.transposed),
  };
}
