import type { DType } from '../../graph/types';
import type { Affine } from '../affine';
import type { Expression, LoopKernel } from '../javascript/expression';
import { type Address, Body, type Origin, type Term } from './body';
import {
  floatConstant,
  i32Constant,
  i32Load8,
  intConstant,
  localGet,
  localSet,
  memoryAccess,
  type Simd,
  shuffle,
  vector,
  words,
} from './instructions';
import {
  type LaneReduction,
  type LibraryCall,
  laneCode,
  laneMask,
  laneReduction,
  type Operand,
} from './lanes';
import { type Code, V128, type ValueType } from './module';
import { LANES, type Load, type Schedule, scheduleOf } from './schedule';

/** Where an element of an array lies; undefined for one outside the memory. */
export type ByteOf = (array: string, element: number, width: number) => Origin | undefined;

/** What a function is written for. */
export interface Target {
  /** It writes everything in its buffer, so that a last vector may reach into the room behind. */
  readonly whole: boolean;
  /** How many addresses it is given. */
  readonly parameters: number;
  readonly byteOf: ByteOf;
}

/** The byte where room of `PANEL_BYTES` starts, of use within one kernel; undefined where there is none. */
export type Scratch = () => number | undefined;

/** A position written out: coordinates to add to the counters, and the axis along which the four lanes lie. */
interface Lanes {
  readonly offsets: readonly number[];
  /** -1 where all lanes are one position. */
  readonly axis: number;
  /** How many of the lanes are within the axis. */
  readonly valid: number;
}

/** Longer chains of 32-bit additions lose digits: what has been summed up is put aside after every so many. */
const LONGEST_CHAIN = 1024;
const BLOCK = 256;

export interface FunctionBody {
  readonly locals: readonly ValueType[];
  readonly code: readonly Code[];
  /** It leaves 1 where JavaScript has to do the kernel over, for an error or a number that lanes do not have. */
  readonly givesUp: boolean;
}

/** The function that computes `kernel`; undefined where it holds something that lanes cannot do. */
export function writeNest(
  kernel: LoopKernel,
  target: Target,
  library: LibraryCall,
  scratch: Scratch,
): FunctionBody | undefined {
  if (kernel.extents.slice(0, kernel.kept).includes(0)) return { locals: [], code: [], givesUp: false };
  try {
    return new NestWriter(kernel, target, scheduleOf(kernel), library, scratch).write();
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

/** Lanes do not do this; JavaScript does. */
class Unsupported extends Error {}

interface Accumulator {
  readonly local: number;
  /** Holds what has been summed up in earlier blocks. */
  readonly total: number | undefined;
  readonly offsets: readonly number[];
  readonly valid: number;
  readonly chain: number;
}

class NestWriter {
  private readonly body: Body;
  /** What has been computed at the position under way. */
  private readonly computed = new Map<Expression, Term>();
  private core: Term | undefined;
  /** Lanes, over all positions, in which JavaScript has to go on. */
  private gaveUp: number | undefined;
  /** The copy of an operand: where it starts, and how far apart the positions of each axis lie in it. */
  private panel:
    | { readonly load: Load; readonly start: number; readonly terms: readonly number[] }
    | undefined;

  constructor(
    private readonly kernel: LoopKernel,
    private readonly target: Target,
    private readonly schedule: Schedule,
    private readonly library: LibraryCall,
    private readonly scratch: Scratch,
  ) {
    this.body = new Body(kernel.extents, target.parameters);
  }

  write(): FunctionBody {
    const { kept, tiles, packed } = this.schedule;
    const step = (level: number): void => {
      if (packed && level === kept.length - 1) this.pack(packed);
      if (level === kept.length) this.tile();
      else this.body.loop(kept[level]!, tiles[kept[level]!]!, () => step(level + 1));
    };
    step(0);
    const { gaveUp } = this;
    if (gaveUp !== undefined) this.body.emit(localGet(gaveUp), vector('anyTrue'));
    return { locals: this.body.locals, code: this.body.code, givesUp: gaveUp !== undefined };
  }

  /** Copies what the rows that follow read of an operand, one position of the reduced axes after the other. */
  private pack(load: Load): void {
    const start = this.scratch();
    if (start === undefined) return;
    const { reduced, stored, tiles } = this.schedule;
    const { extents } = this.kernel;
    const terms = extents.map(() => 0);
    let stride = tiles[stored]!;
    for (const axis of reduced.toReversed()) {
      terms[axis] = stride;
      stride *= extents[axis]!;
    }
    this.panel = undefined;
    const step = (level: number): void => {
      if (level < reduced.length) {
        this.body.loop(reduced[level]!, 1, () => step(level + 1));
        return;
      }
      this.forLanes([stored], stored, lanes => {
        this.computed.clear();
        const { local } = this.load(load, lanes);
        const origin = { start: start + 4 * lanes.offsets[stored]! };
        const { pointer, offset } = this.body.address(terms, lanes.offsets, origin, 4);
        this.body.emit(localGet(pointer!), localGet(local), memoryAccess('store', offset));
      });
    };
    step(0);
    this.panel = { load, start, terms };
  }

  /** One tile of results. */
  private tile(): void {
    const { core, result } = this.kernel;
    if (core) this.reduce(core.value, core.body);
    else this.forLanes(this.schedule.kept, this.schedule.stored, lanes => this.store(result, lanes));
  }

  private reduce(value: NonNullable<LoopKernel['core']>['value'], expression: Expression): void {
    const { reduced, along, chains } = this.schedule;
    // Columns side by side, whatever the order of the loops.
    const kept = this.schedule.kept.toSorted((a, b) => a - b);
    const dtype = dtypeOf(expression);
    const counts = dtype === 'bool' && (value.op === 'sum' || value.op === 'prod');
    const reduction = laneReduction(value, counts ? 'int' : dtype);
    if (!reduction) throw new Unsupported(value.op);

    const flushed = reduction.rounds ? this.flushedAxis() : undefined;
    const accumulators: Accumulator[] = [];
    this.forLanes(kept, along, ({ offsets, valid }) => {
      for (let chain = 0; chain < chains; chain++) {
        const [local, total] = [this.started(reduction), flushed && this.started(reduction)];
        accumulators.push({ local, total, offsets, valid, chain });
      }
    });
    const flush = (last: boolean): void => {
      for (const { local, total } of accumulators) {
        if (total === undefined) continue;
        this.body.emit(localGet(total), localGet(local), reduction.take, localSet(last ? local : total));
        if (!last) this.body.emit(reduction.initial, localSet(local));
      }
    };
    const step = (level: number): void => {
      const axis = reduced[level];
      if (axis === undefined) {
        this.take(expression, accumulators, reduction, counts);
        return;
      }
      const every = flushed?.axis === axis ? flushed.every : 0;
      const tile = this.schedule.tiles[axis]!;
      this.body.loop(
        axis,
        tile,
        () => step(level + 1),
        every,
        () => flush(false),
      );
    };
    step(0);
    flush(true);

    for (const { term, lanes } of this.combined(accumulators, reduction)) {
      const finished = reduction.squared ? this.inner([...localGet(term.local), ...vector('f32Sqrt')]) : term;
      this.store(this.kernel.result, lanes, finished);
    }
  }

  /** Every accumulator takes in its element at each reduced position written out. */
  private take(
    expression: Expression,
    accumulators: readonly Accumulator[],
    reduction: LaneReduction,
    counts: boolean,
  ): void {
    const { kept, reduced, along, chains } = this.schedule;
    const isKept = kept.includes(along);
    let turn = 0;
    this.forLanes(reduced, along, step => {
      for (const { local, offsets, valid, chain } of accumulators) {
        if (chain !== turn % chains) continue;
        const lanes: Lanes = {
          offsets: offsets.map((offset, axis) => offset + step.offsets[axis]!),
          axis: along,
          valid: isKept ? valid : step.valid,
        };
        this.computed.clear();
        let { local: element } = this.term(expression, lanes);
        if (counts) element = this.inner([...localGet(element), ...intConstant(1), ...vector('and')]).local;
        const own = localGet(element);
        const code = reduction.squared ? [...own, ...own, ...vector('f32Mul')] : own;
        // Lanes beyond the end hold anything.
        const masked =
          isKept || step.valid === LANES
            ? code
            : [...code, ...reduction.initial, ...laneMask(step.valid), ...vector('select')];
        this.body.emit(localGet(local), masked, reduction.take, localSet(local));
      }
      turn++;
    });
  }

  /** The finished accumulators as vectors of results, each with its position. */
  private combined(
    accumulators: readonly Accumulator[],
    reduction: LaneReduction,
  ): { readonly term: Term; readonly lanes: Lanes }[] {
    const { along, stored, chains } = this.schedule;
    const single: { readonly local: number; readonly offsets: readonly number[]; readonly valid: number }[] =
      [];
    for (let i = 0; i < accumulators.length; i += chains) {
      const { offsets, valid, local } = accumulators[i]!;
      for (const { local: other } of accumulators.slice(i + 1, i + chains))
        this.body.emit(localGet(local), localGet(other), reduction.take, localSet(local));
      single.push({ local, offsets, valid });
    }
    const term = (local: number): Term => ({ local, depth: this.body.depth });
    if (along === stored) {
      return single.map(({ local, offsets, valid }) => ({
        term: term(local),
        lanes: { offsets, axis: stored, valid },
      }));
    }
    const columns = stored < 0 ? 1 : this.body.count(stored);
    const results: { readonly term: Term; readonly lanes: Lanes }[] = [];
    for (let i = 0; i < single.length; i += columns) {
      const group = single.slice(i, i + columns).map(({ local }) => local);
      const sum = this.inner(this.acrossLanes(group, reduction));
      results.push({
        term: sum,
        lanes: { offsets: single[i]!.offsets, axis: stored, valid: stored < 0 ? 1 : group.length },
      });
    }
    return results;
  }

  /** Lane i of the result combines the lanes of vector i, of up to four. */
  private acrossLanes(locals: readonly number[], reduction: LaneReduction): Code {
    const { take } = reduction;
    const [a, b, c, d] = [0, 1, 2, 3].map(i => localGet(locals[i] ?? locals[0]!)) as [Code, Code, Code, Code];
    if (locals.length === 1) {
      const half = localGet(this.inner([...a, ...a, ...a, ...shuffle(2, 3, 0, 1), ...take]).local);
      return [...half, ...half, ...half, ...shuffle(1, 0, 3, 2), ...take];
    }
    const pair = (x: Code, y: Code): Code => [
      ...[...x, ...y, ...shuffle(0, 4, 1, 5)],
      ...[...x, ...y, ...shuffle(2, 6, 3, 7)],
      ...take,
    ];
    const first = localGet(this.inner(pair(a, b)).local);
    const second = locals.length > 2 ? localGet(this.inner(pair(c, d)).local) : first;
    return [
      ...[...first, ...second, ...shuffle(0, 1, 4, 5)],
      ...[...first, ...second, ...shuffle(2, 3, 6, 7)],
      ...take,
    ];
  }

  /** After how many turns of which reduced axis sums are put aside; undefined where the chains are short. */
  private flushedAxis(): { readonly axis: number; readonly every: number } | undefined {
    const { reduced, along, tiles, chains } = this.schedule;
    const { extents } = this.kernel;
    const additions = (axis: number): number => extents[axis]! / (axis === along ? LANES * chains : 1);
    if (reduced.reduce((product, axis) => product * additions(axis), 1) <= LONGEST_CHAIN) return undefined;
    let inside = 1;
    for (const axis of reduced.toReversed()) {
      if (inside * additions(axis) > BLOCK && extents[axis]! > tiles[axis]!) {
        const aTurn = (additions(axis) / extents[axis]!) * tiles[axis]! * inside;
        return { axis, every: Math.max(1, Math.floor(BLOCK / aTurn)) };
      }
      inside *= additions(axis);
    }
    return undefined;
  }

  private started({ initial }: LaneReduction): number {
    const local = this.body.local(V128);
    this.body.emit(initial, localSet(local));
    return local;
  }

  /** Calls `visit` for every choice of a position written out on `axes`; along `vectors` four at a time. */
  private forLanes(axes: readonly number[], vectors: number, visit: (lanes: Lanes) => void): void {
    const offsets = this.kernel.extents.map(() => 0);
    const choose = (level: number, valid: number): void => {
      const axis = axes[level];
      if (axis === undefined) {
        visit({ offsets: [...offsets], axis: vectors, valid });
        return;
      }
      const count = this.body.count(axis);
      const width = axis === vectors ? LANES : 1;
      for (let offset = 0; offset < count; offset += width) {
        offsets[axis] = offset;
        choose(level + 1, axis === vectors ? Math.min(LANES, count - offset) : valid);
      }
      offsets[axis] = 0;
    };
    choose(0, vectors < 0 ? 1 : LANES);
  }

  private store(result: Expression, lanes: Lanes, core?: Term): void {
    const { array, dtype, at } = this.kernel.store;
    this.computed.clear();
    this.core = core;
    const { local } = this.term(result, lanes);
    const stride = lanes.axis < 0 ? 1 : (at.terms[lanes.axis] ?? 0);
    if (stride !== 1 && lanes.valid > 1) {
      for (let lane = 0; lane < lanes.valid; lane++) {
        const offsets = lanes.offsets.with(lanes.axis, lanes.offsets[lanes.axis]! + lane);
        this.put(local, dtype, this.place(array, at, { ...lanes, offsets }, dtype), 1, lane);
      }
      return;
    }
    const overhangs = this.target.whole && this.kernel.kept === 1 && lanes.axis === 0;
    this.put(local, dtype, this.place(array, at, lanes, dtype), overhangs ? LANES : lanes.valid);
  }

  /** Stores the lanes from `first` on. */
  private put(local: number, dtype: DType, place: Address, valid: number, first = 0): void {
    const pointer = place.pointer === undefined ? i32Constant(0) : localGet(place.pointer);
    const width = dtype === 'bool' ? 1 : 4;
    let value = localGet(local);
    if (dtype === 'bool') {
      const half = this.inner([...value, ...value, ...vector('i16Narrow')]).local;
      const bytes = [...localGet(half), ...localGet(half), ...vector('i8Narrow')];
      const ones = 0x01010101;
      value = localGet(this.inner([...bytes, ...words(ones, ones, ones, ones), ...vector('and')]).local);
    }
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

  private term(expression: Expression, lanes: Lanes): Term {
    let term = this.computed.get(expression);
    if (!term) this.computed.set(expression, (term = this.compute(expression, lanes)));
    return term;
  }

  private compute(expression: Expression, lanes: Lanes): Term {
    switch (expression.kind) {
      case 'literal':
        return this.body.named(literalCode(expression.value, expression.dtype), 0);
      case 'core':
        return this.core!;
      case 'index':
        return this.index(expression.at, lanes);
      case 'load':
        return this.load(expression, lanes);
      case 'scalar': {
        let depth = 0;
        const operands = expression.operands.map((operand): Operand => {
          const term = this.term(operand, lanes);
          depth = Math.max(depth, term.depth);
          return {
            dtype: dtypeOf(operand, this.kernel),
            code: localGet(term.local),
            literal: operand.kind === 'literal' ? operand.value : undefined,
          };
        });
        const giveUp = (mask: Code): void => this.giveUp(mask, depth, lanes);
        const code = laneCode(expression.value, operands, this.library, giveUp);
        if (!code) throw new Unsupported(expression.value.op);
        return this.body.named(code, depth);
      }
    }
  }

  private giveUp(mask: Code, depth: number, lanes: Lanes): void {
    this.gaveUp ??= this.body.local(V128);
    const own = localGet(this.body.named(mask, depth).local);
    // Lanes beyond the end hold anything.
    const valid = [...own, ...laneMask(lanes.axis < 0 ? LANES : lanes.valid), ...vector('and')];
    this.body.emit(localGet(this.gaveUp), valid, vector('or'), localSet(this.gaveUp));
  }

  private load(load: Load, lanes: Lanes): Term {
    const { array, dtype, at } = load;
    if (load === this.panel?.load && lanes.axis === this.schedule.stored) {
      const { start, terms } = this.panel;
      const origin = { start: start + 4 * lanes.offsets[lanes.axis]! };
      const { pointer, offset } = this.body.address(terms, lanes.offsets, origin, 4);
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
    } else return this.gather(array, dtype, at, lanes);
    return this.body.named(code, place.depth);
  }

  /** Four places that do not lie side by side. */
  private gather(array: string, dtype: DType, at: Affine, lanes: Lanes): Term {
    const bytes = dtype === 'bool';
    const addresses: Code[] = [];
    let code: Code = bytes ? intConstant(0) : [];
    let depth = 0;
    for (let lane = 0; lane < LANES; lane++) {
      // Lanes beyond the end read the first place again.
      const beside = lane < lanes.valid ? lane : 0;
      const offsets = lanes.offsets.with(lanes.axis, lanes.offsets[lanes.axis]! + beside);
      const place = this.place(array, at, { ...lanes, offsets }, dtype);
      depth = place.depth;
      addresses.unshift(place.pointer === undefined ? i32Constant(0) : localGet(place.pointer));
      if (bytes) code = [...code, ...memoryAccess('load8Lane', place.offset), 4 * lane];
      else if (lane === 0) code = memoryAccess('load32Splat', place.offset);
      else code = [...code, ...memoryAccess('load32Lane', place.offset), lane];
    }
    return this.body.named([...addresses.flat(), ...code, ...(bytes ? vector('i32Neg') : [])], depth);
  }

  /** A coordinate, or a sum of them, at each lane. */
  private index(at: Affine, lanes: Lanes): Term {
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

  private place(array: string, at: Affine, lanes: Lanes, dtype: DType): Address {
    const width = dtype === 'bool' ? 1 : 4;
    const origin = this.target.byteOf(array, at.base, width);
    if (!origin) throw new Unsupported(array);
    return this.body.address(at.terms, lanes.offsets, origin, width);
  }

  /** A vector used at this position alone. */
  private inner(code: Code): Term {
    const local = this.body.local(V128);
    this.body.emit(code, localSet(local));
    return { local, depth: this.body.depth };
  }
}

function dtypeOf(expression: Expression, kernel?: LoopKernel): DType {
  switch (expression.kind) {
    case 'index':
      return 'int';
    case 'scalar':
      return expression.value.dtype;
    case 'core':
      return kernel!.core!.value.dtype;
    default:
      return expression.dtype;
  }
}

function literalCode(value: number, dtype: DType): Code {
  if (dtype === 'float') return floatConstant(value);
  return intConstant(dtype === 'bool' ? -Math.sign(value) : value);
}
