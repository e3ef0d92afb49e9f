import { kernelLibrary } from './library';

/** One axis of a product: its size, and elements from one place to the next in either operand. */
export interface ProductAxis {
  readonly extent: number;
  readonly left: number;
  readonly right: number;
}

/**
 * A product of matrices, or of stacks of them: `rows` are an axis of the left operand alone, `columns` of the right one
 * alone, `inner` is summed over. `leftStart` and `rightStart` are the places of their first elements.
 */
export interface MatrixProduct {
  readonly stack: readonly ProductAxis[];
  readonly rows: ProductAxis;
  readonly columns: ProductAxis;
  readonly inner: ProductAxis;
  readonly leftStart: number;
  readonly rightStart: number;
}

/** The elements in the order stack, rows, columns; they stand there until the next product of all. */
export type RunProduct = (left: Float64Array, right: Float64Array) => Float64Array;

/** Functions of `src/kernels/product.ts`; places and strides in bytes. */
interface Library {
  product_f64(
    left: number,
    right: number,
    out: number,
    rows: number,
    columns: number,
    inner: number,
    leftRow: number,
    leftInner: number,
    rightInner: number,
  ): void;
  gathered_f64(
    from: number,
    out: number,
    rows: number,
    columns: number,
    rowStride: number,
    columnStride: number,
  ): void;
}

const PAGE = 65_536;

/** A memory that products are done in, one after the other: operands are copied in, which takes far less than the product. */
class Workshop {
  private readonly memory = new WebAssembly.Memory({ initial: 16 });
  readonly library: Library;
  private numbers = new Float64Array(this.memory.buffer);

  constructor(module: WebAssembly.Module) {
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory } });
    this.library = exports as unknown as Library;
  }

  /** An array over all of it, with room for so many numbers. */
  withRoom(count: number): Float64Array {
    const missing = count * 8 - this.memory.buffer.byteLength;
    if (missing > 0) {
      this.memory.grow(Math.ceil(missing / PAGE));
      this.numbers = new Float64Array(this.memory.buffer);
    }
    return this.numbers;
  }
}

let workshop: Workshop | undefined;

/** Whether products can be done here: where the platform has vectors and the library is there. */
export function hasProducts(): boolean {
  return kernelLibrary() !== undefined;
}

/** The same bits as a loop that adds up products from 0 in their order. */
export function matrixProduct(product: MatrixProduct): RunProduct {
  const { stack, rows, columns, inner, leftStart, rightStart } = product;
  workshop ??= new Workshop(kernelLibrary()!);
  const { library } = workshop;
  const shop = workshop;
  const matrix = rows.extent * columns.extent;
  const isInRows = columns.right === 1;
  const { rightPlace, gatheredPlace, outPlace, end } = placesOf(product);
  const [leftCount, rightCount] = [rightPlace, gatheredPlace - rightPlace];
  const starts = startsOf(stack);

  return (left, right) => {
    const numbers = shop.withRoom(end);
    numbers.set(left.subarray(leftStart, leftStart + leftCount), 0);
    numbers.set(right.subarray(rightStart, rightStart + rightCount), rightPlace);
    for (let i = 0; i < starts.length; i++) {
      let at = 8 * (rightPlace + starts[i]!.right);
      if (!isInRows) {
        const { extent } = inner;
        library.gathered_f64(
          at,
          8 * gatheredPlace,
          extent,
          columns.extent,
          8 * inner.right,
          8 * columns.right,
        );
        at = 8 * gatheredPlace;
      }
      library.product_f64(
        8 * starts[i]!.left,
        at,
        8 * (outPlace + i * matrix),
        rows.extent,
        columns.extent,
        inner.extent,
        8 * rows.left,
        8 * inner.left,
        8 * (isInRows ? inner.right : columns.extent),
      );
    }
    return numbers.subarray(outPlace, end);
  };
}

/** How many numbers a product takes in the memory that it is done in. */
export function sizeOf(product: MatrixProduct): number {
  return placesOf(product).end;
}

/** One after the other: the left operand, the right one, a matrix of it row by row where it does not lie so, the result. */
function placesOf({ stack, rows, columns, inner }: MatrixProduct) {
  const axes = [...stack, rows, columns, inner];
  const rightPlace = 1 + axes.reduce((sum, { extent, left }) => sum + (extent - 1) * left, 0);
  const gatheredPlace =
    rightPlace + 1 + axes.reduce((sum, { extent, right }) => sum + (extent - 1) * right, 0);
  const outPlace = gatheredPlace + (columns.right === 1 ? 0 : inner.extent * columns.extent);
  const matrices = stack.reduce((count, { extent }) => count * extent, 1);
  return { rightPlace, gatheredPlace, outPlace, end: outPlace + matrices * rows.extent * columns.extent };
}

/** Where the matrices of a stack begin in either operand. */
function startsOf(stack: readonly ProductAxis[]): { left: number; right: number }[] {
  let starts = [{ left: 0, right: 0 }];
  for (const { extent, left, right } of stack) {
    starts = starts.flatMap(start =>
      Array.from({ length: extent }, (_, i) => ({
        left: start.left + i * left,
        right: start.right + i * right,
      })),
    );
  }
  return starts;
}
