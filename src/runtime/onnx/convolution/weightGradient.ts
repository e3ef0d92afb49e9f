import { type Lowering, MICROSOFT } from '../lowering';
import { arranged, image, reshaped, spread } from './arrange';
import type { WeightGradient } from './recognize';
import type { Sliding } from './sliding';

/** A product of matrices is worth its copies of the input only when it is not too thin. */
const THIN = 32;

/** Sizes of a weight gradient: batch, groups, inputs and filters a group. */
interface Extent {
  readonly n: number;
  readonly g: number;
  readonly c: number;
  readonly o: number;
}

/**
 * The gradient of the weights of a convolution as stacked products of matrices, one an image and a group, with the
 * inputs of all rows of the kernel along one side and the filters along the other.
 */
export function weightGradient(found: WeightGradient, l: Lowering): string {
  const { roles, sliding, size, x, cotangent, out } = found;
  const { batch, group, inputs, filters, places, inside } = roles;
  const extent = { n: size(batch), g: size(group), c: size(inputs), o: size(filters) };
  const input = image(l.emit(x), x.shape, extent.g * extent.c, sliding.size, l);
  const dy = arranged(cotangent, [batch, group, filters, places], l);
  const [kh, kw] = sliding.kernel;
  const separable = sliding.stride[0] === 1 && extent.g === 1 && kh > 1;
  const { name, labels } =
    separable && extent.o < THIN
      ? byShifts(input, dy, sliding, extent, l)
      : byRows(input, dy, sliding, extent, l);
  const sizes = { g: extent.g, c: extent.c, o: extent.o, u: kh, v: kw };
  const shape = [...labels].map(label => sizes[label as keyof typeof sizes]);
  const canonical = [...'gocuv'].map(label => labels.indexOf(label));
  const moved = l.transpose(name, canonical);
  const ordered = canonical.map(axis => shape[axis]!);
  return spread(moved, ordered, group + filters + inputs + inside, out, size, l);
}

/** Labels g group, c inputs, o filters, u and v the kernel's axes, in the order of the tensor's axes. */
interface Result {
  readonly name: string;
  readonly labels: string;
}

/**
 * For each column of the kernel, the columns of the input that it meets; then the rows that each row of the kernel
 * meets are gathered in one go.
 */
function byRows(x: string, dy: string, sliding: Sliding, { n, g, c, o }: Extent, l: Lowering): Result {
  const { kernel, stride, dilation, places } = sliding;
  const [kh, kw] = kernel;
  const [rows, columns] = places;
  const image = padded(x, sliding, l);
  const at = Array.from({ length: kh * rows }, (_, i) => {
    const [u, row] = [Math.floor(i / rows), i % rows];
    return u * dilation[0] + row * stride[0];
  });
  const index = l.constant('int64', [at.length], at);
  const all = kh === 1 && at.length === paddedSize(sliding)[0] && stride[0] === 1;
  const gradients = reshaped(dy, [n, g, o, rows * columns], stacked(g, [n, g, o, rows * columns]), l);
  const parts = Array.from({ length: kw }, (_, v) => {
    const shifted = columnsFrom(image, v, sliding, l);
    const gathered = all ? shifted : l.node('Gather', [shifted, index], { axis: 2 });
    const shape = stacked(g, [n, g, c * kh, rows * columns]);
    const product = transposedProduct(l.reshape(gathered, shape), gradients, l);
    return l.node('ReduceSum', [product, l.ints([0])], { keepdims: kw > 1 ? 1 : 0 });
  });
  const name = kw === 1 ? parts[0]! : l.node('Concat', parts, { axis: 0 });
  return { name: l.reshape(name, [kw, g, c, kh, o]), labels: 'vgcuo' };
}

/**
 * Shifts along columns are made of the input and those along rows of the result's gradient, so that one product has
 * all of the kernel: each row of the gradient stands where the row of the input stands that it meets.
 */
function byShifts(x: string, dy: string, sliding: Sliding, { n, c, o }: Extent, l: Lowering): Result {
  const { kernel, dilation, places } = sliding;
  const [kh, kw] = kernel;
  const [rows, columns] = places;
  const height = paddedSize(sliding)[0];
  const image = padded(x, sliding, l);
  const along = Array.from({ length: kw }, (_, v) => columnsFrom(image, v, sliding, l));
  const gradients = l.reshape(dy, [n, o, rows, columns]);
  const across = Array.from({ length: kh }, (_, u) => {
    const above = u * dilation[0];
    return l.node('Pad', [gradients, l.ints([0, 0, above, 0, 0, 0, height - rows - above, 0])]);
  });
  const joined = (parts: string[]): string =>
    parts.length === 1 ? parts[0]! : l.node('Concat', parts, { axis: 1 });
  const left = l.reshape(joined(along), [n, kw * c, height * columns]);
  const right = l.reshape(joined(across), [n, kh * o, height * columns]);
  const product = transposedProduct(left, right, l);
  const sum = l.node('ReduceSum', [product, l.ints([0])], { keepdims: 0 });
  return { name: l.reshape(sum, [1, kw, c, kh, o]), labels: 'gvcuo' };
}

/** a bᵀ, for each of the leading axes. */
function transposedProduct(a: string, b: string, l: Lowering): string {
  return l.node('FusedMatMul', [a, b], { transB: 1 }, MICROSOFT);
}

function stacked(groups: number, [n, g, rows, columns]: readonly [number, number, number, number]): number[] {
  return groups === 1 ? [n, rows, columns] : [n, g, rows, columns];
}

function padded(x: string, { before, after }: Sliding, l: Lowering): string {
  if ([...before, ...after].every(p => p === 0)) return x;
  return l.node('Pad', [x, l.ints([0, 0, ...before, 0, 0, ...after])]);
}

function paddedSize({ size, before, after }: Sliding): readonly [number, number] {
  return [size[0] + before[0] + after[0], size[1] + before[1] + after[1]];
}

/** The columns that column `v` of the kernel meets. */
function columnsFrom(image: string, v: number, sliding: Sliding, l: Lowering): string {
  const first = v * sliding.dilation[1];
  const [stride, count] = [sliding.stride[1], sliding.places[1]];
  if (first === 0 && stride === 1 && count === paddedSize(sliding)[1]) return image;
  const end = first + (count - 1) * stride + 1;
  return l.node('Slice', [image, l.ints([first]), l.ints([end]), l.ints([3]), l.ints([stride])]);
}
