import { countOf } from '../graph/shape';
import type { Tensor, TensorData } from '../graph/types';
import { viewOf, widthOf } from './storage';

/** A tensor and a number for it: equal numbers stand for equal contents. */
export interface Cell {
  readonly number: number;
  readonly tensor: Tensor;
}

type TensorType = Omit<Tensor, 'data'>;

interface Entry {
  readonly cells: readonly Cell[];
  readonly buffer: ArrayBuffer;
}

/** What earlier evaluations have left takes so many bytes at most, counting so many for an entry besides its numbers. */
const KEPT_BYTES = 2 ** 26;
const ENTRY_BYTES = 2 ** 10;

/** Tensors of more elements are taken to differ from all others: comparing them takes long. */
const LARGEST_COMPARED = 2 ** 20;

/**
 * What has been computed and fed lately, so that it need not be computed again. Its buffers are used again, so that a
 * tensor holds until the next turn, and longer only where it is asked for again.
 */
export class Results {
  /** Those used last come last. */
  private readonly entries = new Map<string, Entry>();
  private bytes = 0;
  /** Buffers of entries that others have taken the place of in this turn. */
  private replaced: ArrayBuffer[] = [];
  /** Buffers without an entry, by their size. */
  private readonly free = new Map<number, ArrayBuffer[]>();
  private freeBytes = 0;
  private numbers = 0;

  /** Lets go of what has not been used for longest. Called between evaluations, never within one. */
  beginTurn(): void {
    for (const buffer of this.replaced) this.setFree(buffer);
    this.replaced = [];
    for (const [key, { buffer }] of this.entries) {
      if (this.bytes <= KEPT_BYTES) break;
      this.entries.delete(key);
      this.bytes -= buffer.byteLength + ENTRY_BYTES;
      this.setFree(buffer);
    }
  }

  /** What is kept under a key; else what `compute` writes into tensors of the given types. */
  computed(
    key: string,
    types: readonly TensorType[],
    compute: (into: readonly Tensor[]) => void,
  ): readonly Cell[] {
    const known = this.find(key);
    if (known) return known;
    const { cells, buffer } = this.allocate(types);
    compute(cells.map(({ tensor }) => tensor));
    this.keep(key, { cells, buffer });
    return cells;
  }

  /**
   * A copy of what is fed, so that whoever feeds it may write into it afterwards. It is compared with what was fed last
   * under the same name.
   */
  fed(name: string, tensor: Tensor): Cell {
    const own = asStored(tensor);
    if (own.data.length > LARGEST_COMPARED) return { number: this.numbers++, tensor: own };
    const key = `fed ${name} ${own.dtype} ${own.shape}`;
    const [known] = this.find(key) ?? [];
    if (known && haveSameBits(known.tensor.data, own.data)) return known;
    const { cells, buffer } = this.allocate([own]);
    const [cell] = cells as [Cell];
    cell.tensor.data.set(own.data);
    this.keep(key, { cells, buffer });
    return cell;
  }

  private find(key: string): readonly Cell[] | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.cells;
  }

  private keep(key: string, entry: Entry): void {
    const before = this.entries.get(key);
    if (before) {
      this.bytes -= before.buffer.byteLength + ENTRY_BYTES;
      this.replaced.push(before.buffer);
    }
    this.entries.set(key, entry);
    this.bytes += entry.buffer.byteLength + ENTRY_BYTES;
  }

  private allocate(types: readonly TensorType[]): Entry {
    const sizes = types.map(({ dtype, shape }) => Math.ceil((countOf(shape) * widthOf(dtype, 64)) / 8) * 8);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const buffer = this.takeFree(total) ?? new ArrayBuffer(total);
    let offset = 0;
    const cells = types.map(({ dtype, shape }, i): Cell => {
      const data = viewOf(buffer, offset, dtype, 64, countOf(shape));
      offset += sizes[i]!;
      return { number: this.numbers++, tensor: { dtype, shape, data } };
    });
    return { cells, buffer };
  }

  private setFree(buffer: ArrayBuffer): void {
    if (this.freeBytes + buffer.byteLength > KEPT_BYTES) {
      this.free.clear();
      this.freeBytes = 0;
    }
    const alike = this.free.get(buffer.byteLength);
    if (alike) alike.push(buffer);
    else this.free.set(buffer.byteLength, [buffer]);
    this.freeBytes += buffer.byteLength;
  }

  private takeFree(bytes: number): ArrayBuffer | undefined {
    const buffer = this.free.get(bytes)?.pop();
    if (buffer) this.freeBytes -= bytes;
    return buffer;
  }
}

/** In the kind of array that programs of 64 bits have for its dtype. */
export function asStored({ dtype, shape, data }: Tensor): Tensor {
  const kind = { float: Float64Array, int: Int32Array, bool: Uint8Array }[dtype];
  return { dtype, shape, data: data instanceof kind ? data : kind.from(data) };
}

/** Zeros of either sign differ, and a NaN is like itself. */
function haveSameBits(a: TensorData, b: TensorData): boolean {
  const [left, right] = [wordsOf(a), wordsOf(b)];
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

function wordsOf(data: TensorData): Int32Array | Uint8Array {
  if (data instanceof Uint8Array) return data;
  return new Int32Array(data.buffer, data.byteOffset, data.byteLength / 4);
}
