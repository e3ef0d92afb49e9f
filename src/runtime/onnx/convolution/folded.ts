import type { Lowering } from '../lowering';
import { blockedWeights } from './blockedMemory';
import { BLOCKED } from './blockSize';
import type { Sliding } from './sliding';

/** Columns of the kernel that are zeros may not outnumber the others. */
const MOST_COLUMNS = 4;

/**
 * How many columns of the result fit side by side into one block when there are few filters; undefined where these do
 * not fill the block evenly, or the columns do not divide by their number.
 */
export function columnsInBlock(
  filters: number,
  { kernel, stride, dilation, places }: Pick<Sliding, 'kernel' | 'stride' | 'dilation' | 'places'>,
  block: number,
): number | undefined {
  const columns = block / filters;
  const fits =
    Number.isInteger(columns) &&
    columns > 1 &&
    columns <= MOST_COLUMNS &&
    columns <= kernel[1] &&
    places[1] % columns === 0;
  return fits && stride[1] === 1 && dilation[1] === 1 ? columns : undefined;
}

export interface Folding {
  /** `[N, I, H, W]`, in rows or in blocks. */
  readonly x: string;
  readonly rows: boolean;
  /** `[O, I, kh, kw]` */
  readonly weights: string;
  readonly inputs: number;
  readonly filters: number;
  readonly bias: string | undefined;
  /** Of the result. */
  readonly batch: number;
  readonly columns: number;
  readonly block: number;
}

/**
 * A convolution with few filters by the blocked kernels: neighbouring columns of the result share a block, each with a
 * copy of the filters moved by one more column, and the windows go on by as many columns at once. The result's blocks
 * are then its positions, each with all its channels. Gives `[N, O, OH, OW]` in rows.
 */
export function foldedConvolution(folding: Folding, sliding: Sliding, l: Lowering): string {
  const { x, rows, weights, inputs, filters, bias, batch, columns, block } = folding;
  const { kernel, stride, dilation, before, after, places } = sliding;
  const moved = Array.from({ length: columns }, (_, j) =>
    l.node('Pad', [weights, l.ints([0, 0, 0, j, 0, 0, 0, columns - 1 - j])]),
  );
  const all = l.node('Concat', moved, { axis: 0 });
  const width = kernel[1] + columns - 1;
  const operands = [
    x,
    blockedWeights(all, [block, inputs, kernel[0], width], rows, block, l),
    ...(bias === undefined ? [] : [l.node('Concat', new Array<string>(columns).fill(bias), { axis: 0 })]),
  ];
  const y = l.node(
    'Conv',
    operands,
    {
      kernel_shape: [kernel[0], width],
      strides: [stride[0], columns],
      dilations: [dilation[0], 1],
      pads: [...before, ...after],
      group: 1,
    },
    BLOCKED,
  );
  const positions = l.reshape(y, [batch, places[0] * places[1], filters]);
  return l.reshape(l.transpose(positions, [0, 2, 1]), [batch, filters, ...places]);
}
