import type { Kernel } from '../fusion';
import { generate, loopsFor, type Surroundings } from '../javascript/generate';
import { widthOf } from '../storage';
import { call, clear } from './instructions';
import type { LibraryCall } from './lanes';
import { type Code, ModuleBuilder, V128 } from './module';
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
  const libraryCall: LibraryCall = (name, operands) => {
    if (!(name in functions)) return undefined;
    return call(builder.imported(name, new Array(operands).fill(V128), [V128]));
  };
  const startOf: ArrayStart = name => {
    const array = surroundings.arrays[name] as ArrayBufferView | undefined;
    return array && region.holds(array) ? array.byteOffset : undefined;
  };

  let room: number | undefined | null = null;
  const scratch: Scratch = () => {
    if (room === null) room = region.allocate(PANEL_BYTES);
    return room;
  };

  // Neighbours of one kind run as one call.
  const groups: (Kernel[] | number[])[] = [];
  const counts = { webassembly: 0, javascript: 0 };
  for (const kernel of kernels) {
    const bodies = bodiesOf(kernel, surroundings, startOf, libraryCall, scratch);
    const entries = bodies ? bodies.map(({ locals, code }) => builder.add(locals, code)) : [kernel];
    counts[bodies ? 'webassembly' : 'javascript']++;
    const last = groups.at(-1) as (Kernel | number)[] | undefined;
    if (last && typeof last[0] === typeof entries[0]) last.push(...entries);
    else if (entries.length > 0) groups.push(entries as Kernel[] | number[]);
  }
  const isCompiled = (group: Kernel[] | number[]): group is number[] => typeof group[0] === 'number';
  groups.forEach((group, i) => {
    if (!isCompiled(group)) return;
    const calls: Code = group.flatMap(body => call(builder.indexOf(body)));
    builder.export(`run${i}`, builder.add([], calls));
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(builder.bytes()), {
    memory: { memory: region.memory },
    library: Object.fromEntries(builder.importNames.map(name => [name, functions[name]!])),
  });
  const steps = groups.map((group, i) =>
    isCompiled(group) ? (instance.exports[`run${i}`] as () => void) : generate(group, surroundings),
  );
  return { run: inOrder(steps), kernels: counts };
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
    return body && [body];
  }
  const movement = movementOf(kernel, surroundings.storage);
  if (!movement) return undefined;
  const bodies = movement.parts.map(part => writeNest(part, false, startOf, library, scratch));
  if (bodies.includes(undefined)) return undefined;
  if (movement.cleared) {
    const { array, offset } = surroundings.storage(kernel.root);
    const { dtype, count } = kernel.root;
    const width = widthOf(dtype, 32);
    bodies.unshift({ locals: [], code: clear(startOf(array)! + offset * width, count * width) });
  }
  return bodies as FunctionBody[];
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
