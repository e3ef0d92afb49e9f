import type { Lowering } from '../lowering';
import { slidingAttributes } from './arrange';
import type { Sliding } from './sliding';

/** Where the elements of `[N, C, H, W]` lie in memory, and the operators for it. */
export interface Layout {
  /** Elements of one position that lie side by side: 1 in rows, the block of channels in blocked memory. */
  readonly block: number;
  maxPool(x: string, sliding: Sliding, l: Lowering): string;
  averagePool(x: string, sliding: Sliding, l: Lowering): string;
  /** Each position repeated. */
  enlarge(x: string, factors: readonly [number, number], l: Lowering): string;
}

export const rowMajor: Layout = {
  block: 1,
  maxPool: (x, sliding, l) => l.node('MaxPool', [x], slidingAttributes(sliding)),
  averagePool: (x, { dilation: _, ...sliding }, l) => {
    const { dilations: __, ...attributes } = slidingAttributes({ ...sliding, dilation: [1, 1] });
    return l.node('AveragePool', [x], { ...attributes, count_include_pad: 1 });
  },
  enlarge: (x, factors, l) => {
    const scales = l.constant('float', [4], [1, 1, ...factors]);
    return l.node('Resize', [x, '', scales], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    });
  },
};
