import type { Kernel } from '../fusion';
import { generate, loopsFor, type Surroundings } from '../javascript/generate';
import { widthOf } from '../storage';
import type { Value } from '../value';
import { callOf } from './calls';
import { call, clear } from './instructions';
import type { LibraryCall } from './lanes';
import { type Code, I32, ModuleBuilder } from './module';
import { movementOf } from './movement';
import { type ArrayStart, type FunctionBody, type Scratch, writeNest } from './nest';
import type { Region } from './region';
import { PANEL_BYTES } from './schedule';

/** How many kernels of a program run as what. */
export interface KernelCounts {
  readonly webassembly: number;
  readonly javascript: number;
}

export interface Assembled {
  readonly run: () => void;
  readonly kernels: KernelCounts;
}

/**
 * Compiles kernels to functions over `region`, in JavaScript where lanes lack something; both work on the same arrays
 * in the order of `kernels`. `library` exports functions on vectors by the names of ops.
 */
export function assemble(
  kernels: readonly Kernel[],
  surroundings: Surroundings,
  region: Region,
  library: WebAssembly.Module,
): Assembled {
  const { exports: functions } = new WebAssembly.Instance(library, { env: { memory: region.memory } });
  const builder = new ModuleBuilder(region.pages);
  const libraryCall: LibraryCall = (name, parameters, results) =>
    name in functions ? call(builder.imported(name, parameters, results)) : undefined;
  const startOf: ArrayStart = name => {
    const array = surroundings.arrays[name] as ArrayBufferView | undefined;
    return array && region.holds(array) ? array.byteOffset : undefined;
  };

  let room: number | undefined | null = null;
  const scratch: Scratch = () => {
    if (room === null) room = region.allocate(PANEL_BYTES);
    return room;
  };

  // Neighbours run as one call, up to one that may have to be done over.
  const groups: Group[] = [];
  const counts = { webassembly: 0, javascript: 0 };
  for (const kernel of kernels) {
    const bodies = bodiesOf(kernel, surroundings, startOf, libraryCall, scratch);
    counts[bodies ? 'webassembly' : 'javascript']++;
    if (bodies?.length === 0) continue;
    const last = groups.at(-1);
    const group = last && !last.givesUp && !!last.bodies === !!bodies ? last : groupFor(!!bodies, groups);
    group.kernels.push(kernel);
    for (const { locals, code, givesUp } of bodies ?? []) {
      group.bodies!.push(builder.add(locals, code, givesUp ? [I32] : []));
      group.givesUp = givesUp;
    }
  }
  groups.forEach(({ bodies, givesUp }, i) => {
    const calls = bodies?.map(body => call(builder.indexOf(body))) ?? [];
    if (bodies) builder.export(`run${i}`, builder.add([], calls, givesUp ? [I32] : []));
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(builder.bytes()), {
    memory: { memory: region.memory },
    library: Object.fromEntries(builder.importNames.map(name => [name, functions[name]!])),
  });
  const steps = groups.map((group, i) => {
    if (!group.bodies) return generate(group.kernels, surroundings);
    const run = instance.exports[`run${i}`] as () => number;
    return group.givesUp ? elseOver(run, group.kernels.at(-1)!, surroundings) : run;
  });
  return { run: inOrder(steps), kernels: counts };
}

interface Group {
  readonly kernels: Kernel[];
  /** Own functions of the module; none for kernels in JavaScript. */
  readonly bodies: number[] | undefined;
  /** The last kernel may leave its work to JavaScript. */
  givesUp: boolean;
}

function groupFor(compiled: boolean, groups: Group[]): Group {
  const group: Group = { kernels: [], bodies: compiled ? [] : undefined, givesUp: false };
  groups.push(group);
  return group;
}

/** Runs, and where the last kernel gave up does it over in JavaScript, which knows the error or the number. */
function elseOver(run: () => number, kernel: Kernel, surroundings: Surroundings): () => void {
  let over: (() => void) | undefined;
  return () => {
    if (run() !== 0) (over ??= generate([kernel], surroundings))();
  };
}

/** The functions that compute a kernel, in order; undefined for one that lanes cannot compute. */
function bodiesOf(
  kernel: Kernel,
  surroundings: Surroundings,
  startOf: ArrayStart,
  library: LibraryCall,
  scratch: Scratch,
): FunctionBody[] | undefined {
  const loops = loopsFor(kernel, surroundings);
  if (loops) {
    const body = writeNest(loops, true, startOf, library, scratch);
    // What has been overwritten cannot be done over.
    if (!body || (body.givesUp && writesOverOperand(kernel, surroundings))) return undefined;
    return [body];
  }
  const byteOf = (value: Value): number | undefined => {
    const { array, offset } = surroundings.storage(value);
    const start = startOf(array);
    return start === undefined ? undefined : start + offset * widthOf(value.dtype, 32);
  };
  const called = callOf(kernel.root, byteOf, library);
  if (called) return [called];
  const movement = movementOf(kernel, surroundings.storage);
  if (!movement) return undefined;
  const bodies = movement.parts.map(part => writeNest(part, false, startOf, library, scratch));
  if (bodies.includes(undefined)) return undefined;
  if (movement.cleared) {
    const { dtype, count } = kernel.root;
    const code = clear(byteOf(kernel.root)!, count * widthOf(dtype, 32));
    bodies.unshift({ locals: [], code: [code], givesUp: false });
  }
  return bodies as FunctionBody[];
}

function writesOverOperand({ root, reads }: Kernel, { location }: Surroundings): boolean {
  const own = location(root)!;
  return [...reads.keys()].some(value => {
    const place = location(value);
    return place?.array === own.array && place.offset === own.offset;
  });
}

/** One function that calls all of `steps`; written out, so that each call knows its callee. */
function inOrder(steps: readonly (() => void)[]): () => void {
  if (steps.length === 1) return steps[0]!;
  const names = steps.map((_, i) => `step${i}`);
  const code = `"use strict";
const [${names}] = steps;
return function run() {
${names.map(name => `${name}();`).join('\n')}
};`;
  return new Function('steps', code)(steps) as () => void;
}
