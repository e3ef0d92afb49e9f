import { stridesOf } from '../graph/shape';
import { type Affine, combine, counter, keyOf } from './affine';
import { emitterOf } from './javascript/emitters';
import type { Value } from './value';
import { isAlias, storageOf, type ViewName, viewOperand } from './view';

/** One loop nest, or one op with statements of its own: computes and stores `root`. */
export interface Kernel {
  readonly root: Value;
  /** The reduction or contraction inside; what lies between it and the root is done as each element ends. */
  core: Value | undefined;
  /** Sizes of the loop axes: those of the root, then those that the core reduces. */
  readonly extents: number[];
  readonly reads: Map<Value, Read>;
  /** How many scalar operations are folded in. */
  size: number;
}

/** How a kernel reads a stored value. */
export interface Read {
  /** Only at the position about to be written, so that the result may take its place. */
  inPlace: boolean;
}

/** A value at coordinates that are linear in a kernel's counters, read by that kernel. */
interface Use {
  readonly kernel: Kernel;
  /** Undefined when only the position in storage is linear. */
  readonly at: readonly Affine[] | undefined;
  readonly offset: Affine;
  /** An operand of a contraction: nothing but views may be folded in. */
  readonly pure: boolean;
  readonly insideCore: boolean;
}

const MAX_KERNEL_SIZE = 48;
/** A value without operands to load may be computed again by this many kernels. */
const MAX_COPIES = 3;

export interface Fusion {
  /** In an order in which every kernel follows those it reads. */
  readonly kernels: Kernel[];
  /** Values with a buffer: roots, fed values and constants with more than one element. */
  readonly stored: ReadonlySet<Value>;
  /** Values computed again by several kernels, which must all see the same rounding. */
  readonly repeated: ReadonlySet<Value>;
}

/**
 * Divides the computation of `outputs` and of what leaves become into kernels, folding elementwise chains, views, sums and
 * products.
 */
export function fuse(values: readonly Value[], outputs: readonly Value[], updates: readonly Value[]): Fusion {
  const uses = new Map<Value, Use[]>();
  const wanted = new Set<Value>();
  const stored = new Set<Value>();
  const repeated = new Set<Value>();
  const kernels: Kernel[] = [];
  /** Kernels that one of the operands folded in would be the core of. */
  const coming = new Set<Kernel>();
  const require = (value: Value): void => {
    wanted.add(storageOf(value));
  };
  const use = (value: Value, entry: Use): void => {
    const list = uses.get(value);
    if (list) list.push(entry);
    else uses.set(value, [entry]);
  };
  for (const value of [...outputs, ...updates]) require(value);
  const becoming = new Set(updates.map(storageOf));

  const passOn = (value: Value, to: Value, entry: Use): void => {
    const at = entry.at && viewOperand[value.op as ViewName](value, entry.at);
    const offset = at ? offsetOf(to, at, entry.kernel) : entry.offset;
    use(to, { ...entry, at, offset });
  };

  const store = (value: Value): void => {
    stored.add(value);
    for (const { kernel, offset, insideCore } of uses.get(value) ?? [])
      read(kernel, value, offset, insideCore);
  };

  /** What of `value` would be the core of its kernel: the one operand that nobody else has asked for so far. */
  const coreOf = ({ inputs, count }: Value): Value | undefined =>
    inputs.find(input => !input.fed && isCore(input) && input.count === count && !uses.has(input));

  /**
   * Whether `value` has such an operand and its reader has one too. As a kernel of its own it takes that in; so of a sum
   * of many, such as the gradient of the weights of a loop, no more is stored than what has been added up.
   */
  const takesIn = (value: Value, { kernel }: Use): boolean =>
    value.count > 1 && coming.has(kernel) && coreOf(value) !== undefined;

  const fold = (value: Value, list: readonly Use[]): void => {
    if (coreOf(value)) coming.add(list[0]!.kernel);
    const seen = new Set<string>();
    for (const entry of list) {
      if (list.length > 1) {
        const key = `${entry.kernel.root.index} ${entry.insideCore} ${placeOf(entry)}`;
        if (seen.has(key)) continue;
        seen.add(key);
      }
      entry.kernel.size++;
      for (const input of value.inputs)
        use(input, { ...entry, offset: offsetOf(input, entry.at!, entry.kernel) });
    }
  };

  const startKernel = (root: Value): void => {
    store(root);
    const kernel: Kernel = { root, core: undefined, extents: [...root.shape], reads: new Map(), size: 0 };
    kernels.push(kernel);
    const emitter = emitterOf(root);
    if (emitter.kind === 'whole') {
      for (const input of root.inputs) {
        require(input);
        kernel.reads.set(storageOf(input), { inPlace: false });
      }
      return;
    }
    if (emitter.kind === 'reduction' || emitter.kind === 'contraction') {
      addCore(kernel, root);
      return;
    }
    const rank = root.shape.length;
    const at = root.shape.map((_, axis) => counter(axis, rank));
    const entry: Use = { kernel, at, offset: offsetOf(root, at, kernel), pure: false, insideCore: false };
    if (emitter.kind === 'view') passOn(root, root.inputs[0]!, entry);
    else fold(root, [entry]);
  };

  const addCore = (kernel: Kernel, core: Value): void => {
    kernel.core = core;
    const { extents, operands } = coreLoops(core);
    kernel.extents.push(...extents);
    const pure = emitterOf(core).kind === 'contraction';
    core.inputs.forEach((input, i) => {
      const at = operands[i]!;
      use(input, { kernel, at, offset: offsetOf(input, at, kernel), pure, insideCore: true });
    });
  };

  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i]!;
    const list = uses.get(value) ?? [];
    const needed = wanted.has(value);
    if (!needed && list.length === 0) continue;
    if (value.fed) store(value);
    else if (value.op === 'constant') {
      if (needed || value.count !== 1) store(value);
    } else if (isAlias(value)) for (const entry of list) passOn(value, value.inputs[0]!, entry);
    else if (needed || list.some(entry => !entry.at)) startKernel(value);
    else {
      switch (emitterOf(value).kind) {
        case 'view':
          for (const entry of list) passOn(value, value.inputs[0]!, entry);
          break;
        case 'scalar':
          if (!canFold(value, list) || takesIn(value, list[0]!)) startKernel(value);
          else {
            fold(value, list);
            if (list.some(entry => entry.kernel !== list[0]!.kernel)) repeated.add(value);
          }
          break;
        default:
          if (canBeCore(value, list) && !(becoming.has(list[0]!.kernel.root) && holdsMuch(value)))
            addCore(list[0]!.kernel, value);
          else startKernel(value);
      }
    }
  }
  kernels.sort((a, b) => a.root.index - b.root.index);
  return { kernels, stored, repeated };
}

/** The axes a core adds to its kernel, and each operand's coordinates among all axes. */
export function coreLoops(core: Value): { extents: number[]; operands: Affine[][] } {
  const emitter = emitterOf(core);
  const kept = core.shape.length;
  if (emitter.kind === 'reduction') {
    const [x] = core.inputs;
    const axes = emitter.axes(core);
    const rank = kept + axes.length;
    let next = 0;
    const at = x!.shape.map((_, axis) => {
      const reduced = axes.indexOf(axis);
      return counter(reduced < 0 ? next++ : kept + reduced, rank);
    });
    return { extents: axes.map(axis => x!.shape[axis]!), operands: [at] };
  }
  const { left, right, out } = core.attributes as { left: string; right: string; out: string };
  const labels = [...out];
  const extents: number[] = [];
  [...left].forEach((label, axis) => {
    if (labels.includes(label)) return;
    labels.push(label);
    extents.push(core.inputs[0]!.shape[axis]!);
  });
  const operands = [left, right].map(own =>
    [...own].map(label => counter(labels.indexOf(label), labels.length)),
  );
  return { extents, operands };
}

function offsetOf(value: Value, at: readonly Affine[], kernel: Kernel): Affine {
  return combine(at, stridesOf(value.shape), kernel.extents.length);
}

function read(kernel: Kernel, value: Value, offset: Affine, insideCore: boolean): void {
  const strides = stridesOf(kernel.root.shape);
  // Along an axis of size 1 the counter stays 0, whatever its coefficient.
  const same = kernel.extents.every(
    (extent, axis) => extent === 1 || (offset.terms[axis] ?? 0) === (strides[axis] ?? 0),
  );
  const inPlace = same && offset.base === 0 && !insideCore && value.count === kernel.root.count;
  const known = kernel.reads.get(value);
  if (known) known.inPlace &&= inPlace;
  else kernel.reads.set(value, { inPlace });
}

/** Equal for uses at the same coordinates. */
function placeOf({ at }: Use): string {
  return at!.map(keyOf).join(' ');
}

function canFold(value: Value, list: readonly Use[]): boolean {
  const emitter = emitterOf(value);
  if (emitter.kind !== 'scalar' || list.some(entry => entry.pure)) return false;
  const kernels = new Set(list.map(entry => entry.kernel));
  const places = list.length === 1 ? 1 : new Set(list.map(placeOf)).size;
  if ([...kernels].some(kernel => kernel.size >= MAX_KERNEL_SIZE)) return false;
  if (kernels.size > 1) {
    const loads = value.inputs.filter(input => !input.constant && input.count > 1).length;
    return emitter.cheap && places === 1 && kernels.size <= MAX_COPIES && loads <= 1;
  }
  if (value.count <= 1) return true;
  const [kernel] = kernels;
  const turns = kernel!.extents.reduce((product, extent) => product * extent, 1) * places;
  return emitter.cheap ? places <= 2 : turns <= value.count;
}

/** What a result reads is much when it is so many times as large. */
const MUCH = 4;
const SMALL = 16_384;

/**
 * Whether `value` reads much more than it is, as the gradient of a convolution's weights does. An update waits until all
 * others have read its leaf, and what it reads waits with it: better the result of that.
 */
function holdsMuch({ inputs, count }: Value): boolean {
  const read = inputs.reduce((sum, input) => sum + sourceOf(input).count, 0);
  return read > SMALL && read > MUCH * count;
}

/** What lies behind views. */
function sourceOf(value: Value): Value {
  let source = value;
  while (!source.fed && emitterOf(source).kind === 'view') source = source.inputs[0]!;
  return source;
}

function isCore(value: Value): boolean {
  const { kind } = emitterOf(value);
  return kind === 'reduction' || kind === 'contraction';
}

/** A reduction or contraction is folded into the elementwise kernel that alone reads it, position by position. */
function canBeCore(value: Value, list: readonly Use[]): boolean {
  if (!isCore(value)) return false;
  const { kernel } = list[0]!;
  if (kernel.core || emitterOf(kernel.root).kind === 'whole') return false;
  const strides = stridesOf(kernel.root.shape);
  return (
    value.shape.length === kernel.root.shape.length &&
    value.shape.every((size, axis) => size === kernel.root.shape[axis]) &&
    list.every(
      ({ kernel: own, offset }) =>
        own === kernel &&
        offset.base === 0 &&
        kernel.extents.every((extent, axis) => extent === 1 || (offset.terms[axis] ?? 0) === strides[axis]),
    )
  );
}
