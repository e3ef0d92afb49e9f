import type { TensorData } from '../../graph/types';
import type { Kernel } from '../fusion';
import type { Value } from '../value';
import { storageOf } from '../view';
import { generate, helpers, type KernelLookup, type Surroundings, textOf } from './generate';
import { structureOf } from './structure';

/** The code of all kernels of one structure, on whatever buffers it is given. */
interface SharedKernel {
  readonly run: (stop: Stop, ...buffers: TensorData[]) => void;
  /** Places of the buffers among the values of the structure, in the order of the arguments. */
  readonly operands: readonly number[];
  /** Sizes of the scratch arrays that follow them. */
  readonly scratch: readonly number[];
}

type Stop = (place: number, message: string) => never;

/** The layers of a net are alike, and so are a model before and after an edit. */
const KEPT = 4_000;

const known = new Map<string, SharedKernel>();

/**
 * Compiles kernels to a function that runs them in order, with code that is kept and shared among all kernels of one
 * structure, in this program and others: new code runs slowly until it has been optimised, and much of it never is. A
 * program that runs many times is better off with `generate`, whose code knows where its operands lie.
 */
export function share(kernels: readonly Kernel[], surroundings: Surroundings): () => void {
  const calls = kernels.map(kernel => bind(kernel, surroundings));
  return () => {
    for (const call of calls) call();
  };
}

function bind(kernel: Kernel, surroundings: Surroundings): () => void {
  // It calls a program of its own.
  if (kernel.root.op === 'numeric_gradient') return generate([kernel], surroundings);
  const isStored = (value: Value): boolean => surroundings.location(value) !== undefined;
  const { key: form, values } = structureOf(kernel, isStored, surroundings.repeated);
  const key = `${surroundings.precision} ${surroundings.runs} ${form}`;
  let shared = known.get(key);
  if (shared) known.delete(key);
  else {
    shared = make(kernel, values, surroundings);
    if (known.size >= KEPT) known.delete(known.keys().next().value!);
  }
  // Last in, last out: the map's order is that of use.
  known.set(key, shared);
  const { run, operands, scratch } = shared;
  const buffers = operands.map(place => surroundings.view(values[place]!));
  const arrays = [...buffers, ...scratch.map(count => new Float64Array(count))];
  const stop: Stop = (place, message) => surroundings.stopAt(values[place]!, message);
  return () => run(stop, ...arrays);
}

function make(kernel: Kernel, values: readonly Value[], surroundings: Surroundings): SharedKernel {
  const places = new Map(values.map((value, place) => [value, place]));
  const operands: number[] = [];
  const scratch: number[] = [];
  const locate = (value: Value): { array: string; offset: number } => {
    const place = places.get(value)!;
    if (!operands.includes(place)) operands.push(place);
    return { array: `V${place}`, offset: 0 };
  };
  const lookup: KernelLookup = {
    precision: surroundings.precision,
    runs: surroundings.runs,
    repeated: surroundings.repeated,
    location: value => (surroundings.location(value) ? locate(value) : undefined),
    storage: value => locate(storageOf(value)),
    fail: (value, message) => `stop(${places.get(value)}, ${message})`,
  };
  const text = textOf(kernel, lookup, {
    scratch: count => `scratch${scratch.push(count) - 1}`,
    external: value => {
      throw new Error(`${value.op} calls code of its program`);
    },
  });
  const scope: Record<string, unknown> = helpers;
  const used = Object.keys(scope).filter(name => text.includes(name));
  const constants = used.map(name => `const ${name} = helpers.${name};`);
  const parameters = ['stop', ...operands.map(place => `V${place}`), ...scratch.map((_, i) => `scratch${i}`)];
  const code = ['"use strict";', ...constants, `return function run(${parameters}) {`, text, '};'].join('\n');
  return { run: new Function('helpers', code)(helpers) as SharedKernel['run'], operands, scratch };
}
