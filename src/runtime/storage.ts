import type { Node } from '../graph/node';
import type { DType, TensorData } from '../graph/types';

export type Precision = 32 | 64;

/** Bytes of one element. */
export function widthOf(dtype: DType, precision: Precision): number {
  return dtype === 'float' ? precision / 8 : dtype === 'int' ? 4 : 1;
}

export function allocate(dtype: DType, precision: Precision, count: number): TensorData {
  // Views of a buffer of their own: small typed arrays made directly lie on the heap and move, which costs a load.
  const buffer = new ArrayBuffer(Math.max(1, count) * widthOf(dtype, precision));
  if (dtype === 'int') return new Int32Array(buffer);
  if (dtype === 'bool') return new Uint8Array(buffer);
  return precision === 32 ? new Float32Array(buffer) : new Float64Array(buffer);
}

export interface Place {
  readonly array: TensorData;
  /** Elements from the start of `array`. */
  readonly offset: number;
}

export interface Request {
  readonly node: Node;
  readonly dtype: DType;
  readonly count: number;
}

/**
 * Buffers of leaves that several programs share: parameters and optimiser state stay in place while programs for
 * different batch sizes run over them. A leaf whose size follows the batch has one buffer a size.
 */
export class Storage {
  private readonly places = new Map<Node, Map<number, Place>>();
  private readonly twins = new Map<Node, Node>();

  constructor(readonly precision: Precision) {}

  /** From here on `node` lies where `other` lies, a leaf of another graph. */
  share(node: Node, other: Node): void {
    this.twins.set(node, other);
  }

  /** Bytes that `requests` would add. */
  missing(requests: readonly Request[]): number {
    let bytes = 0;
    for (const { node, dtype, count } of requests) {
      if (!this.places.get(this.own(node))?.has(count)) bytes += count * widthOf(dtype, this.precision);
    }
    return bytes;
  }

  /** Finds or makes the buffers, new ones side by side in one array a dtype, filled with zeros. */
  provide(requests: readonly Request[]): void {
    for (const dtype of ['float', 'int', 'bool'] as const) {
      const fresh = requests
        .map(request => ({ ...request, node: this.own(request.node) }))
        .filter(r => r.dtype === dtype && !this.places.get(r.node)?.has(r.count));
      if (fresh.length === 0) continue;
      const room = (count: number): number => Math.ceil(count / 8) * 8;
      const array = allocate(
        dtype,
        this.precision,
        fresh.reduce((sum, r) => sum + room(r.count), 0),
      );
      let offset = 0;
      for (const { node, count } of fresh) {
        const places = this.places.get(node) ?? new Map<number, Place>();
        this.places.set(node, places.set(count, { array, offset }));
        offset += room(count);
      }
    }
  }

  place(node: Node, count: number): Place {
    return this.places.get(this.own(node))!.get(count)!;
  }

  private own(node: Node): Node {
    return this.twins.get(node) ?? node;
  }
}
