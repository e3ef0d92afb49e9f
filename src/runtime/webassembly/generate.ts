import type { Kernel } from '../fusion';
import { generate, type Surroundings } from '../javascript/generate';
import { type Invocation, KernelCompiler } from './compiler';
import { call, i32Constant } from './instructions';
import type { LibraryCall } from './lanes';
import { I32, ModuleBuilder } from './module';
import type { Scratch } from './nest';
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
  const startOf = (name: string): number | undefined => {
    const array = surroundings.arrays[name] as ArrayBufferView | undefined;
    return array && region.holds(array) ? array.byteOffset : undefined;
  };

  let room: number | undefined | null = null;
  const scratch: Scratch = () => {
    if (room === null) room = region.allocate(PANEL_BYTES);
    return room;
  };

  const compiler = new KernelCompiler(kernels, builder, surroundings, startOf, libraryCall, scratch);

  // Neighbours run as one call, up to one that may have to be done over.
  const groups: Group[] = [];
  const counts = { webassembly: 0, javascript: 0 };
  for (const kernel of kernels) {
    const calls = compiler.invocations(kernel);
    counts[calls ? 'webassembly' : 'javascript']++;
    if (calls?.length === 0) continue;
    const last = groups.at(-1);
    const group = last && !last.givesUp && !!last.calls === !!calls ? last : groupFor(!!calls, groups);
    group.kernels.push(kernel);
    for (const invocation of calls ?? []) {
      group.calls!.push(invocation);
      group.givesUp = invocation.givesUp;
    }
  }
  groups.forEach(({ calls, givesUp }, i) => {
    if (!calls) return;
    const code = calls.flatMap(({ body, operands }) => [
      ...operands.map(i32Constant),
      call(builder.indexOf(body)),
    ]);
    builder.export(`run${i}`, builder.add([], [], code, givesUp ? [I32] : []));
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(builder.bytes()), {
    memory: { memory: region.memory },
    library: Object.fromEntries(builder.importNames.map(name => [name, functions[name]!])),
  });
  const steps = groups.map((group, i) => {
    if (!group.calls) return generate(group.kernels, surroundings);
    const run = instance.exports[`run${i}`] as () => number;
    return group.givesUp ? elseOver(run, group.kernels.at(-1)!, surroundings) : run;
  });
  return { run: inOrder(steps), kernels: counts };
}

interface Group {
  readonly kernels: Kernel[];
  /** None for kernels in JavaScript. */
  readonly calls: Invocation[] | undefined;
  /** The last kernel may leave its work to JavaScript. */
  givesUp: boolean;
}

function groupFor(compiled: boolean, groups: Group[]): Group {
  const group: Group = { kernels: [], calls: compiled ? [] : undefined, givesUp: false };
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
