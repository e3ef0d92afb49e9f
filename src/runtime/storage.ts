import type { Node } from '../graph/node';
import type { DType, TensorData } from '../graph/types';
import { kernelLibrary } from './webassembly/library';
import { Region } from './webassembly/region';

export type Precision = 32 | 64;

/** Bytes of one element. */
export function widthOf(dtype: DType, precision: Precision): number {
  return dtype === 'float' ? precision / 8 : dtype === 'int' ? 4 : 1;
}

/** Zeros in a buffer of their own. */
export function allocate(dtype: DType, precision: Precision, count: number): TensorData {
  // Small typed arrays made directly lie on the heap and move, which costs a load.
  return viewOf(
    new ArrayBuffer(Math.max(1, count) * widthOf(dtype, precision)),
    0,
    dtype,
    precision,
    Math.max(1, count),
  );
}

/** An array over a part of a buffer, from byte `start`. */
export function viewOf(
  buffer: ArrayBuffer,
  start: number,
  dtype: DType,
  precision: Precision,
  count: number,
): TensorData {
  if (dtype === 'int') return new Int32Array(buffer, start, count);
  if (dtype === 'bool') return new Uint8Array(buffer, start, count);
  return precision === 32 ? new Float32Array(buffer, start, count) : new Float64Array(buffer, start, count);
}

/** Elements of a buffer are followed by room up to the next multiple of this, for whole vectors. */
const ROOM = 8;

/** Address space for the programs of one training: a model, its gradients and a few batch sizes. */
const RESERVED = 2 ** 30;

/** A number of elements with the room after them. */
export function withRoom(count: number): number {
  return Math.ceil(count / ROOM) * ROOM;
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

  private region: Region | undefined;

  constructor(
    readonly precision: Precision,
    /**
     * Buffers that are asked for before the first program lie in the memory of WebAssembly too: those of a training,
     * which writes its parameters first.
     */
    private readonly reserved = false,
  ) {}

  /**
   * The memory of WebAssembly in which buffers lie from now on, reserved when it is first asked for, with room for at
   * least `bytes`; undefined where the platform does not grant it. `alone`: nothing but those bytes will be needed.
   */
  reserve(bytes: number, alone: boolean): Region | undefined {
    this.region ??= Region.reserve(bytes, alone ? bytes : Math.max(RESERVED, 2 * bytes));
    return this.region;
  }

  /** The same zeros as arrays of every dtype, in the reserved memory while it has room; `bytes` are whole floats. */
  arena(bytes: number): Readonly<Record<DType, TensorData>> {
    const start = this.region?.allocate(Math.max(1, bytes));
    const buffer = start === undefined ? new ArrayBuffer(bytes) : this.region!.memory.buffer;
    const view = (dtype: DType): TensorData => {
      return viewOf(buffer, start ?? 0, dtype, this.precision, bytes / widthOf(dtype, this.precision));
    };
    return { float: view('float'), int: view('int'), bool: view('bool') };
  }

  /** Zeros, in the reserved memory while it has room. */
  private allocate(dtype: DType, count: number): TensorData {
    const start = this.region?.allocate(Math.max(1, count) * widthOf(dtype, this.precision));
    return start === undefined
      ? allocate(dtype, this.precision, count)
      : viewOf(this.region!.memory.buffer, start, dtype, this.precision, count);
  }

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
    if (this.reserved && this.precision === 32 && kernelLibrary())
      this.reserve(this.missing(requests), false);
    for (const dtype of ['float', 'int', 'bool'] as const) {
      const fresh = requests
        .map(request => ({ ...request, node: this.own(request.node) }))
        .filter(r => r.dtype === dtype && !this.places.get(r.node)?.has(r.count));
      if (fresh.length === 0) continue;
      const array = this.allocate(
        dtype,
        fresh.reduce((sum, r) => sum + withRoom(r.count), 0),
      );
      let offset = 0;
      for (const { node, count } of fresh) {
        const places = this.places.get(node) ?? new Map<number, Place>();
        this.places.set(node, places.set(count, { array, offset }));
        offset += withRoom(count);
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
