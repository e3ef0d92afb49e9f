import { type Lowering, MICROSOFT } from '../lowering';
import { arranged, image, reshaped, spread } from './arrange';
import type { WeightGradient } from './recognize';
import type { Sliding } from './sliding';

/** A product of matrices with fewer rows than this is better made of all places of the kernel at once. */
const THIN = 24;

/** Sizes of a weight gradient: batch, groups, inputs and filters a group. */
interface Extent {
  readonly n: number;
  readonly g: number;
  readonly c: number;
  readonly o: number;
}

/**
 * The gradient of the weights of a convolution as stacked products of matrices, one an image and a group, with the
 * inputs that some places of the kernel meet along one side and the filters along the other.
 */
export function weightGradient(found: WeightGradient, l: Lowering): string {
  const { roles, sliding, size, x, cotangent, out } = found;
  const { batch, group, inputs, filters, places, inside } = roles;
  const extent = { n: size(batch), g: size(group), c: size(inputs), o: size(filters) };
  const input = image(l.emit(x), x.shape, extent.g * extent.c, sliding.size, l);
  const dy = arranged(cotangent, [batch, group, filters, places], l);
  const [kh, kw] = sliding.kernel;
  const shifting = sliding.stride[0] === 1 && extent.g === 1 && extent.c * kw >= THIN;
  const { name, labels } = (shifting ? byShifts : byRows)(input, dy, sliding, extent, l);
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

/** The columns that each column of the kernel meets, of which the rows that each of its rows meets are gathered. */
function byRows(x: string, dy: string, sliding: Sliding, { n, g, c, o }: Extent, l: Lowering): Result {
  const { kernel, stride, dilation, places } = sliding;
  const [kh, kw] = kernel;
  const [rows, columns] = places;
  const at = Array.from({ length: kh * rows }, (_, i) => {
    const [u, row] = [Math.floor(i / rows), i % rows];
    return u * dilation[0] + row * stride[0];
  });
  const index = l.constant('int64', [at.length], at);
  const gather = (shifted: string): string => l.node('Gather', [shifted, index], { axis: 2 });
  const along = shiftedColumns(padded(x, sliding, l), sliding, l);
  const gradient = (shifted: string, inputs: number): string => {
    const left = l.reshape(gather(shifted), stacked(g, [n, g, inputs * kh, rows * columns]));
    const right = reshaped(dy, [n, g, o, rows * columns], stacked(g, [n, g, o, rows * columns]), l);
    return productOverBatch(left, right, l);
  };
  // The columns of all groups lie inside of each other, so that those of several shifts cannot stand side by side.
  const parts = g === 1 ? [gradient(concat(along, 1, l), kw * c)] : along.map(each => gradient(each, c));
  return { name: l.reshape(concat(parts, 0, l), [kw, g, c, kh, o]), labels: 'vgcuo' };
}

/**
 * The columns that each column of the kernel meets side by side, times the result's gradient once for each row of the
 * kernel: its rows stand where those of the input stand that they meet.
 */
function byShifts(x: string, dy: string, sliding: Sliding, { n, c, o }: Extent, l: Lowering): Result {
  const { kernel, dilation, places } = sliding;
  const [kh, kw] = kernel;
  const [rows, columns] = places;
  const height = paddedSize(sliding)[0];
  const along = concat(shiftedColumns(padded(x, sliding, l), sliding, l), 1, l);
  const left = l.reshape(along, [n, kw * c, height * columns]);
  const gradients = l.reshape(dy, [n, o, rows, columns]);
  const parts = Array.from({ length: kh }, (_, u) => {
    const above = u * dilation[0];
    const below = height - rows - above;
    const moved =
      height === rows ? gradients : l.node('Pad', [gradients, l.ints([0, 0, above, 0, 0, 0, below, 0])]);
    return productOverBatch(left, l.reshape(moved, [n, o, height * columns]), l);
  });
  return { name: l.reshape(concat(parts, 0, l), [kh, kw, c, 1, o]), labels: 'uvcgo' };
}

/** The sum over the first axis of a bᵀ, with that axis kept. */
function productOverBatch(a: string, b: string, l: Lowering): string {
  const product = l.node('FusedMatMul', [a, b], { transB: 1 }, MICROSOFT);
  return l.node('ReduceSum', [product, l.ints([0])], { keepdims: 1 });
}

function concat(parts: readonly string[], axis: number, l: Lowering): string {
  return parts.length === 1 ? parts[0]! : l.node('Concat', parts, { axis });
}

/** For each column of the kernel, the columns that it meets. */
function shiftedColumns(image: string, sliding: Sliding, l: Lowering): string[] {
  return Array.from({ length: sliding.kernel[1] }, (_, v) => columnsFrom(image, v, sliding, l));
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

function columnsFrom(image: string, v: number, sliding: Sliding, l: Lowering): string {
  const first = v * sliding.dilation[1];
  const [stride, count] = [sliding.stride[1], sliding.places[1]];
  if (first === 0 && stride === 1 && count === paddedSize(sliding)[1]) return image;
  const end = first + (count - 1) * stride + 1;
  return l.node('Slice', [image, l.ints([first]), l.ints([end]), l.ints([3]), l.ints([stride])]);
}
