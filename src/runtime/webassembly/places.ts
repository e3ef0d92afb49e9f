import type { DType } from '../../graph/types';
import type { Affine } from '../affine';
import type { LoopKernel } from '../javascript/expression';
import type { Address, Body, Origin, Term } from './body';
import {
  i32Constant,
  i32Load8,
  intConstant,
  localGet,
  memoryAccess,
  type Simd,
  vector,
  words,
} from './instructions';
import { laneMask, Unsupported } from './lanes';
import type { Code } from './module';
import { LANES, type Load } from './schedule';

/** Where an element of an array lies; undefined for one outside the memory. */
export type ByteOf = (array: string, element: number, width: number) => Origin | undefined;

/** A position written out: coordinates to add to the counters, and the axis along which the four lanes lie. */
export interface Lanes {
  readonly offsets: readonly number[];
  /** -1 where all lanes are one position. */
  readonly axis: number;
  /** How many of the lanes are within the axis. */
  readonly valid: number;
}

/** The copy of an operand: where it starts, and how far apart the positions of each axis lie in it. */
export interface Panel {
  readonly load: Load;
  readonly start: number;
  readonly terms: readonly number[];
}

/** Reads and writes four elements at a time. */
export class Places {
  /** Read instead of the operand that it copies, by vectors along `panelAxis`. */
  panel: Panel | undefined;
  /** Whether lanes beyond the end are read as 0; else they hold anything. */
  cleared = false;

  constructor(
    private readonly body: Body,
    private readonly byteOf: ByteOf,
    private readonly panelAxis: number,
  ) {}

  load(load: Load, lanes: Lanes): Term {
    const { array, dtype, at } = load;
    if (load === this.panel?.load && lanes.axis === this.panelAxis) {
      const { pointer, offset } = this.inPanel(this.panel, lanes);
      return this.body.named([...localGet(pointer!), ...memoryAccess('load', offset)], this.body.depth);
    }
    const stride = lanes.axis < 0 ? 0 : (at.terms[lanes.axis] ?? 0);
    const place = this.place(array, at, lanes, dtype);
    const pointer = place.pointer === undefined ? i32Constant(0) : localGet(place.pointer);
    const { offset } = place;
    const valid = stride === 0 ? 1 : lanes.valid;
    let code: Code;
    if (stride === 1) {
      code =
        dtype === 'bool'
          ? [
              ...[...pointer, ...memoryAccess('load32Zero', offset)],
              ...[...vector('i16ExtendLow'), ...vector('i32ExtendLow'), ...vector('i32Neg')],
            ]
          : [...pointer, ...memoryAccess('load', offset)];
    } else if (valid === 1) {
      code =
        dtype === 'bool'
          ? [...pointer, ...i32Load8(offset), ...vector('i32Splat'), ...vector('i32Neg')]
          : [...pointer, ...memoryAccess('load32Splat', offset)];
    } else {
      code = this.gather(array, dtype, at, lanes);
    }
    if (this.cleared && lanes.valid < LANES) code = [...code, ...laneMask(lanes.valid), ...vector('and')];
    return this.body.named(code, place.depth);
  }

  /** The place of a vector in a panel. */
  inPanel({ start, terms }: Panel, { offsets, axis }: Lanes): Address {
    return this.body.address(terms, offsets, { start: start + 4 * offsets[axis]! }, 4);
  }

  /** A coordinate, or a sum of them, at each lane. */
  index(at: Affine, lanes: Lanes): Term {
    const { pointer, offset, depth } = this.body.address(at.terms, lanes.offsets, { start: 0 }, 1);
    const stride = lanes.axis < 0 ? 0 : (at.terms[lanes.axis] ?? 0);
    const first = at.base + offset;
    const beside = words(first, first + stride, first + 2 * stride, first + 3 * stride);
    if (pointer === undefined) return this.body.named(beside, 0);
    return this.body.named(
      [...localGet(pointer), ...vector('i32Splat'), ...beside, ...vector('i32Add')],
      depth,
    );
  }

  /** Stores the lanes of `local`; with `overhang` all four, whatever the lanes within the axis. */
  store({ array, dtype, at }: LoopKernel['store'], local: number, lanes: Lanes, overhang: boolean): void {
    const stride = lanes.axis < 0 ? 1 : (at.terms[lanes.axis] ?? 0);
    const value = dtype === 'bool' ? this.bytes(local) : localGet(local);
    if (stride === 1 || lanes.valid === 1) {
      this.put(value, dtype, this.place(array, at, lanes, dtype), overhang ? LANES : lanes.valid);
      return;
    }
    for (let lane = 0; lane < lanes.valid; lane++)
      this.put(value, dtype, this.place(array, at, moved(lanes, lane), dtype), 1, lane);
  }

  /** Four places that do not lie side by side. */
  private gather(array: string, dtype: DType, at: Affine, lanes: Lanes): Code {
    const bytes = dtype === 'bool';
    const addresses: Code[] = [];
    let code: Code = bytes ? intConstant(0) : [];
    for (let lane = 0; lane < LANES; lane++) {
      // Lanes beyond the end read the first place again.
      const beside = lane < lanes.valid ? lane : 0;
      const place = this.place(array, at, moved(lanes, beside), dtype);
      addresses.unshift(place.pointer === undefined ? i32Constant(0) : localGet(place.pointer));
      if (bytes) code = [...code, ...memoryAccess('load8Lane', place.offset), 4 * lane];
      else if (lane === 0) code = memoryAccess('load32Splat', place.offset);
      else code = [...code, ...memoryAccess('load32Lane', place.offset), lane];
    }
    return [...addresses.flat(), ...code, ...(bytes ? vector('i32Neg') : [])];
  }

  /** Masks as four bytes of 0 and 1. */
  private bytes(local: number): Code {
    const value = localGet(local);
    const half = localGet(this.body.fresh([...value, ...value, ...vector('i16Narrow')]).local);
    const ones = words(0x01010101, 0x01010101, 0x01010101, 0x01010101);
    const code = [...half, ...half, ...vector('i8Narrow'), ...ones, ...vector('and')];
    return localGet(this.body.fresh(code).local);
  }

  /** Stores `valid` lanes from `first` on. */
  private put(value: Code, dtype: DType, place: Address, valid: number, first = 0): void {
    const pointer = place.pointer === undefined ? i32Constant(0) : localGet(place.pointer);
    const width = dtype === 'bool' ? 1 : 4;
    // The operand of the instruction counts lanes of its own width.
    const part = (name: Simd, lane: number, from: number): void =>
      this.body.emit(pointer, value, memoryAccess(name, place.offset + from * width), [lane]);
    const [one, two] =
      dtype === 'bool' ? (['store8Lane', 'store16Lane'] as const) : (['store32Lane', 'store64Lane'] as const);
    if (valid >= LANES) {
      if (dtype === 'bool') part('store32Lane', 0, 0);
      else this.body.emit(pointer, value, memoryAccess('store', place.offset));
      return;
    }
    if (valid >= 2) part(two, 0, 0);
    if (valid % 2 === 1) part(one, first + valid - 1, valid - 1);
  }

  private place(array: string, at: Affine, lanes: Lanes, dtype: DType): Address {
    const width = dtype === 'bool' ? 1 : 4;
    const origin = this.byteOf(array, at.base, width);
    if (!origin) throw new Unsupported(array);
    return this.body.address(at.terms, lanes.offsets, origin, width);
  }
}

function moved(lanes: Lanes, by: number): Lanes {
  return { ...lanes, offsets: lanes.offsets.with(lanes.axis, lanes.offsets[lanes.axis]! + by) };
}
