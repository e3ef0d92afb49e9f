import type { Expression, LoopKernel, Result } from '../javascript/expression';
import { Body, type Term } from './body';
import { dtypeOf, Elements } from './elements';
import { intConstant, localGet, localSet, memoryAccess, vector } from './instructions';
import { type LibraryCall, laneMask, Unsupported } from './lanes';
import { type Code, V128, type ValueType } from './module';
import { type ByteOf, type Lanes, Places } from './places';
import { acrossLanes, flushedAxis, type LaneReduction, laneReduction } from './reductions';
import { LANES, type Load, type Schedule, scheduleOf } from './schedule';
import type { JointKernel } from './together';

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

export interface FunctionBody {
  readonly locals: readonly ValueType[];
  readonly code: readonly Code[];
  /** It leaves 1 where JavaScript has to do the kernel over, for an error or a number that lanes do not have. */
  readonly givesUp: boolean;
}

/** The function that computes `kernel`; undefined where it holds something that lanes cannot do. */
export function writeNest(
  kernel: LoopKernel | JointKernel,
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
  private readonly places: Places;
  private readonly elements: Elements;

  constructor(
    private readonly kernel: LoopKernel | JointKernel,
    private readonly target: Target,
    private readonly schedule: Schedule,
    library: LibraryCall,
    private readonly scratch: Scratch,
  ) {
    this.body = new Body(kernel.extents, target.parameters);
    this.places = new Places(this.body, target.byteOf, schedule.stored);
    this.elements = new Elements(kernel, this.body, this.places, library);
  }

  write(): FunctionBody {
    const { kept, tiles, packed } = this.schedule;
    const step = (level: number): void => {
      if (packed && level === kept.length - 1) this.pack(packed);
      if (level === kept.length) this.tile();
      else this.body.loop(kept[level]!, tiles[kept[level]!]!, () => step(level + 1));
    };
    step(0);
    const { gaveUp } = this.elements;
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
    const panel = { load, start, terms };
    this.places.panel = undefined;
    const step = (level: number): void => {
      if (level < reduced.length) {
        this.body.loop(reduced[level]!, 1, () => step(level + 1));
        return;
      }
      this.forLanes([stored], stored, lanes => {
        const element = localGet(this.places.load(load, lanes).local);
        const { pointer, offset } = this.places.inPanel(panel, lanes);
        this.body.emit(localGet(pointer!), element, memoryAccess('store', offset));
      });
    };
    step(0);
    this.places.panel = panel;
  }

  /** One tile of results. */
  private tile(): void {
    const { core } = this.kernel;
    if (core) {
      this.reduce(core.value, core.body);
      return;
    }
    const others = 'others' in this.kernel ? this.kernel.others : [];
    for (const result of [this.kernel, ...others])
      this.forLanes(this.schedule.kept, this.schedule.stored, lanes => this.store(result, lanes));
  }

  private reduce(value: NonNullable<LoopKernel['core']>['value'], expression: Expression): void {
    const { reduced, along, chains } = this.schedule;
    // Columns side by side, whatever the order of the loops.
    const kept = this.schedule.kept.toSorted((a, b) => a - b);
    const dtype = dtypeOf(expression);
    const counts = dtype === 'bool' && (value.op === 'sum' || value.op === 'prod');
    const reduction = laneReduction(value, counts ? 'int' : dtype);
    if (!reduction) throw new Unsupported(value.op);

    const flushed = reduction.rounds ? flushedAxis(this.schedule, this.kernel.extents) : undefined;
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
      const finished = reduction.squared
        ? this.body.fresh([...localGet(term.local), ...vector('f32Sqrt')])
        : term;
      this.store(this.kernel, lanes, finished);
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
    const isProduct = this.kernel.core!.value.op === 'contract';
    let turn = 0;
    this.forLanes(reduced, along, step => {
      for (const { local, offsets, valid, chain } of accumulators) {
        if (chain !== turn % chains) continue;
        const lanes: Lanes = {
          offsets: offsets.map((offset, axis) => offset + step.offsets[axis]!),
          axis: along,
          valid: isKept ? valid : step.valid,
        };
        // Lanes beyond the end hold anything: products are cleared by their factors, which several of them share.
        const beyond = !isKept && step.valid < LANES;
        this.places.cleared = beyond && isProduct;
        let element = this.elements.at(expression, lanes);
        this.places.cleared = false;
        if (counts)
          element = this.body.fresh([...localGet(element), ...intConstant(1), ...vector('and')]).local;
        const own = localGet(element);
        const code = reduction.squared ? [...own, ...own, ...vector('f32Mul')] : own;
        const masked =
          beyond && !isProduct
            ? [...code, ...reduction.initial, ...laneMask(step.valid), ...vector('select')]
            : code;
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
      results.push({
        term: this.body.fresh(acrossLanes(this.body, group, reduction)),
        lanes: { offsets: single[i]!.offsets, axis: stored, valid: stored < 0 ? 1 : group.length },
      });
    }
    return results;
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

  private store({ result, store }: Result, lanes: Lanes, core?: Term): void {
    const overhang = this.target.whole && this.kernel.kept === 1 && lanes.axis === 0;
    this.places.store(store, this.elements.at(result, lanes, core), lanes, overhang);
  }
}
