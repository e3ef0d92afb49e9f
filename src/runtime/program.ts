import { RunError } from '../graph/evaluate';
import type { Constraint } from '../graph/graph';
import type { Node } from '../graph/node';
import type { DType, Sizes, TensorData } from '../graph/types';
import type { NumericGradientAttributes } from '../ops/leaf';
import { readUpdated } from './guardedUpdates';
import { generate, type Surroundings } from './javascript/generate';
import type { Runs } from './javascript/schedule';
import { share } from './javascript/shared';
import { lowerRequest } from './loweredRequest';
import { defaultMemoryLimit, MemoryError } from './memory';
import { dependenceOf, differences } from './numericGradient';
import { type Assignment, type Plan, plan } from './plan';
import { askRelu } from './reluMasks';
import { type Renumber, renumbering } from './renumber';
import { repeatPaddings } from './repeatedPaddings';
import { checkConstraints } from './sizes';
import { type Place, type Precision, type Request, Storage, widthOf, withRoom } from './storage';
import type { Lowered, Value } from './value';
import { storageOf } from './view';
import { assemble, type KernelCounts } from './webassembly/generate';
import { kernelLibrary } from './webassembly/library';
import { PANEL_BYTES } from './webassembly/schedule';
import { gatherWindowGradients } from './windowGradients';
import { reduceWindowMaxima } from './windowMaxima';
import { requireFewTurns } from './workLimit';

export interface ProgramRequest {
  /** Readable after `run`. */
  readonly outputs: readonly Node[];
  /** Each leaf takes its value after everything else has been computed, in place. */
  readonly updates?: readonly { readonly target: Node; readonly value: Node }[];
  /** Nodes that are fed, leaf or not; nothing above them is computed. */
  readonly cut?: ReadonlySet<Node>;
  /** Of every symbol that the needed nodes mention. */
  readonly sizes: Sizes;
  /**
   * Of stored floats. JavaScript kernels compute in 64 bits and round to 32 where a value is kept; WebAssembly kernels
   * compute in 32.
   */
  readonly precision: Precision;
  /** Sizes that must agree, from `Graph.constraints`; those about other symbols are passed over. */
  readonly constraints?: readonly Constraint[];
  /** Leaf buffers shared with other programs of the same precision; otherwise the program has its own. */
  readonly storage?: Storage;
  /** `few` compiles sooner and runs slower. The same to the bit in kernels of one kind. `many` unless told. */
  readonly runs?: Runs;
  /**
   * What the kernels become. `webassembly`, which has 32-bit floats alone, falls back to JavaScript kernel by kernel and
   * where the platform lacks it; it is the default for 32-bit programs that run many times.
   */
  readonly kernels?: 'webassembly' | 'javascript';
  /** In bytes; half of the machine's memory unless told. */
  readonly memoryLimit?: number;
}

/** A graph compiled for given sizes. It owns its buffers; a run allocates nothing. */
export interface Program {
  /** Leaves and cut nodes to write before `run`. */
  readonly fed: readonly Node[];
  /**
   * The buffer of a fed node, to write before `run`, or of an output, to read after it. An updated leaf asked for as
   * an output shows its new value.
   */
  buffer(node: Node): TensorData;
  shape(node: Node): readonly number[];
  /** Throws `RunError`: a position out of range, a division of ints by zero, a singular matrix. */
  run(): void;
  /** Of all buffers, shared leaves included. */
  readonly bytes: number;
  /** How many kernels a run executes, by what they became. */
  readonly kernels?: KernelCounts;
  /** Present where the code does not hold the numbers of constants. */
  readonly renumber?: Renumber;
  /** Lets go of threads and native memory, where there are any. */
  dispose?(): void;
}

/** What code calls the arena as an array of a dtype. */
const ARENAS: Readonly<Record<DType, string>> = { float: 'F', int: 'I', bool: 'B' };

/** Throws `SizeError` when sizes do not agree, and `MemoryError` or `WorkError` before anything is allocated. */
export function compile(request: ProgramRequest): Program {
  const { sizes, precision, updates = [], cut = new Set<Node>() } = request;
  const limit = request.memoryLimit ?? defaultMemoryLimit;
  const storage = request.storage ?? new Storage(precision);
  if (storage.precision !== precision) throw new Error('storage of another precision');
  checkConstraints(request.constraints ?? [], sizes);

  const requested = lowerRequest({ outputs: request.outputs, updates, cut, sizes });
  const { fed } = requested;
  const lowered = rewrittenFor(request, requested.lowered);

  const targets = new Set(updates.map(({ target }) => lowered.of(target)));
  const detached = (value: Value): Value => (targets.has(storageOf(value)) ? lowered.copyOf(value) : value);
  const outputs = new Map(
    request.outputs.map(node => {
      const value = lowered.of(node);
      return [node, targets.has(value) ? value : detached(value)];
    }),
  );
  const assignments: Assignment[] = [];
  for (const update of updates) {
    const [target, value] = [lowered.of(update.target), lowered.of(update.value)];
    if (!target.fed)
      throw new Error(`node ${target.node.id} (${target.op}) is computed and cannot be updated`);
    if (value !== target) assignments.push({ target, value: detached(value) });
  }
  const runs = request.runs ?? 'many';
  const planned = plan(lowered, [...outputs.values()], assignments, precision, runs);

  const requests: Request[] = fed.map(node => ({ node, dtype: node.dtype, count: lowered.of(node).count }));
  const inner = new Map<Value, InnerProgram>();
  const checkMemory = (extra: number): number => {
    const bytes = bytesOf(planned, requests, precision) + extra;
    if (bytes > limit) throw tooLarge(bytes, limit, planned, precision);
    return bytes;
  };
  checkMemory(0);
  requireFewTurns([...planned.first, ...planned.each]);
  for (const { root } of [...planned.first, ...planned.each]) {
    if (root.op === 'numeric_gradient') inner.set(root, innerProgram(root.node, cut, sizes, limit));
  }
  const bytes = checkMemory([...inner.values()].reduce((sum, { program }) => sum + program.bytes, 0));

  const wanted = request.kernels ?? (precision === 32 && runs === 'many' ? 'webassembly' : 'javascript');
  const library = wanted === 'webassembly' && precision === 32 ? kernelLibrary() : undefined;
  const region = library && storage.reserve(reservedBytes(planned, requests), !request.storage);
  storage.provide(requests);
  const buffers = new Buffers(planned, storage);
  const copies = planned.copies.map(
    ({ target, value }) => [buffers.view(target), buffers.view(value)] as const,
  );
  const externals: (() => void)[] = [];
  const surroundings = {
    ...surround(planned, buffers, externals, value => bindInner(inner.get(value)!, value, buffers)),
    precision,
    runs,
  };
  const sharing = runs === 'few' && !(library && region);
  const javascript = { webassembly: 0, javascript: planned.each.length };
  let renumber: Renumber | undefined;
  let each: () => void;
  let kernels: KernelCounts = javascript;
  if (sharing) {
    const [first, later] = [share(planned.first, surroundings), share(planned.each, surroundings)];
    first.run();
    each = later.run;
    if (inner.size === 0) renumber = renumbering(lowered, planned.fusion.stored, buffers, { first, later });
  } else {
    if (planned.first.length > 0) generate(planned.first, surroundings)();
    if (library && region) ({ run: each, kernels } = assemble(planned.each, surroundings, region, library));
    else each = generate(planned.each, surroundings);
  }

  return {
    fed,
    bytes,
    kernels,
    ...(renumber ? { renumber } : {}),
    buffer(node) {
      const value = outputs.get(node) ?? lowered.of(node);
      if (!outputs.has(node) && !value.fed) throw new Error(`node ${node.id} (${node.op}) is not an output`);
      return buffers.view(value);
    },
    shape: node => lowered.of(node).shape,
    run:
      copies.length === 0
        ? each
        : () => {
            each();
            for (const [target, value] of copies) target.set(value);
          },
  };
}

/** What the embedded executor computes in place of `lowered`, for speed and for memory. */
function rewrittenFor({ outputs, updates = [] }: ProgramRequest, lowered: Lowered): Lowered {
  const asked = askRelu(gatherWindowGradients(reduceWindowMaxima(lowered)));
  const repeated = repeatPaddings(asked, new Set(outputs.map(asked.of)));
  return readUpdated(repeated, new Set(updates.map(({ value }) => repeated.of(value))));
}

/** The typed arrays of a program, and where in them each stored value lies. */
class Buffers {
  readonly arrays: Record<string, TensorData> = {};
  private readonly names = new Map<TensorData, string>();
  private readonly views = new Map<Value, TensorData>();

  constructor(
    private readonly planned: Plan,
    private readonly storage: Storage,
  ) {
    const { bytes, offsets } = planned.placement;
    const arena = storage.arena(bytes);
    for (const { dtype } of offsets.keys()) this.arrays[ARENAS[dtype]] = arena[dtype];
    for (const value of planned.fusion.stored) {
      if (value.op === 'constant' && !value.fed) {
        this.view(value).set((value.attributes as { data: readonly number[] }).data);
      }
    }
  }

  /** Undefined for what has no buffer of its own. */
  place(value: Value): (Place & { name: string }) | undefined {
    const home = this.planned.inPlace.get(value) ?? value;
    if (home.fed) {
      const place = this.storage.place(home.node, home.count);
      let name = this.names.get(place.array);
      if (name === undefined) {
        name = `L${this.names.size}`;
        this.names.set(place.array, name);
        this.arrays[name] = place.array;
      }
      return { ...place, name };
    }
    const offset = this.planned.placement.offsets.get(home);
    if (offset === undefined) return undefined;
    const name = ARENAS[home.dtype];
    const array = this.arrays[name]!;
    return { array, offset: offset / array.BYTES_PER_ELEMENT, name };
  }

  view(value: Value): TensorData {
    let view = this.views.get(value);
    if (!view) {
      const { array, offset } = this.place(storageOf(value))!;
      this.views.set(value, (view = array.subarray(offset, offset + value.count)));
    }
    return view;
  }
}

function surround(
  planned: Plan,
  buffers: Buffers,
  externals: (() => void)[],
  external: (value: Value) => () => void,
): Omit<Surroundings, 'precision' | 'runs'> {
  const failures: Value[] = [];
  const failure = (value: Value): number => failures.push(value) - 1;
  return {
    arrays: buffers.arrays,
    externals,
    repeated: value => planned.fusion.repeated.has(value),
    location(value) {
      if (!planned.fusion.stored.has(value)) return undefined;
      const place = buffers.place(value);
      return place && { array: place.name, offset: place.offset };
    },
    storage: value => {
      const place = buffers.place(storageOf(value))!;
      return { array: place.name, offset: place.offset };
    },
    fail: (value, message) => `stop(${failure(value)}, ${message})`,
    stop(index, message) {
      throw new RunError(failures[index]!.node, message);
    },
    view: value => buffers.view(value),
    stopAt(value, message) {
      throw new RunError(value.node, message);
    },
    external: value => externals.push(external(value)) - 1,
  };
}

function bytesOf({ placement }: Plan, leaves: readonly Request[], precision: Precision): number {
  return leaves.reduce((sum, { dtype, count }) => sum + count * widthOf(dtype, precision), placement.bytes);
}

/** What all buffers take, with the room after each and between the parts. */
function reservedBytes({ placement }: Plan, leaves: readonly Request[]): number {
  const parts = 64 * 6 + PANEL_BYTES;
  return leaves.reduce(
    (sum, { dtype, count }) => sum + withRoom(count) * widthOf(dtype, 32),
    parts + placement.bytes,
  );
}

function tooLarge(bytes: number, limit: number, { fusion }: Plan, precision: Precision): MemoryError {
  const size = (value: Value): number => value.count * widthOf(value.dtype, precision);
  const largest = [...fusion.stored].reduce((a, b) => (size(b) > size(a) ? b : a));
  return new MemoryError(bytes, limit, largest.node, size(largest));
}

/** A loss as a function of one node, in 64-bit whatever the program around it computes in. */
interface InnerProgram {
  readonly program: Program;
  readonly loss: Node;
  /** The node that moves, then those that stand still: the operands, in order. */
  readonly operands: readonly Node[];
}

function innerProgram(node: Node, cut: ReadonlySet<Node>, sizes: Sizes, memoryLimit: number): InnerProgram {
  const { loss, wrt, border } = dependenceOf(node, cut);
  const operands = [wrt, ...border];
  const program = compile({ outputs: [loss], cut: new Set(operands), sizes, precision: 64, memoryLimit });
  return { program, loss, operands };
}

function bindInner({ program, loss, operands }: InnerProgram, value: Value, buffers: Buffers): () => void {
  const used = operands
    .map((node, i) => ({ node, from: buffers.view(value.inputs[i]!) }))
    .filter(({ node }) => program.fed.includes(node))
    .map(({ node, from }) => ({ from, to: program.buffer(node) }));
  const out = buffers.view(value);
  const result = program.buffer(loss);
  const moves = program.fed.includes(operands[0]!);
  return () => {
    if (!moves) {
      out.fill(0);
      return;
    }
    for (const { from, to } of used) to.set(from);
    differences(value.attributes as NumericGradientAttributes, program.buffer(operands[0]!), out, () => {
      program.run();
      return result[0]!;
    });
  };
}
