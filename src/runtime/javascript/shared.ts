import type { TensorData } from '../../graph/types';
import type { Kernel } from '../fusion';
import type { Value } from '../value';
import { storageOf } from '../view';
import { generate, helpers, type KernelLookup, type Surroundings, textOf } from './generate';
import { structureOf } from './structure';

/** The code of all kernels of one structure, on whatever buffers and numbers it is given. */
interface SharedKernel {
  readonly run: (stop: Stop, ...buffersAndNumbers: (TensorData | number)[]) => void;
  /** Places of the buffers among the values of the structure, in the order of the arguments. */
  readonly operands: readonly number[];
  /** Sizes of the scratch arrays that follow them. */
  readonly scratch: readonly number[];
  /** Places of the constants whose numbers come last. */
  readonly numbers: readonly number[];
}

export interface SharedRun {
  run(): void;
  /** Gives a constant another number from here on. */
  setNumber(constant: Value, number: number): void;
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
export function share(kernels: readonly Kernel[], surroundings: Surroundings): SharedRun {
  const uses = new Map<Value, ((number: number) => void)[]>();
  const onNumber: OnNumber = (constant, set) => {
    const own = uses.get(constant);
    if (own) own.push(set);
    else uses.set(constant, [set]);
  };
  const calls = kernels.map(kernel => bind(kernel, surroundings, onNumber));
  return {
    run() {
      for (const call of calls) call();
    },
    setNumber(constant, number) {
      for (const set of uses.get(constant) ?? []) set(number);
    },
  };
}

/** Told of each place where a kernel takes the number of a constant. */
type OnNumber = (constant: Value, set: (number: number) => void) => void;

function bind(kernel: Kernel, surroundings: Surroundings, onNumber: OnNumber): () => void {
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
  const { run, operands, scratch, numbers } = shared;
  const given: (TensorData | number)[] = operands.map(place => surroundings.view(values[place]!));
  for (const count of scratch) given.push(new Float64Array(count));
  for (const place of numbers) {
    const at = given.length;
    const set = (number: number): void => {
      given[at] = number;
    };
    const constant = values[place]!;
    const [number] = (constant.attributes as { data: readonly number[] }).data;
    given.push(number!);
    onNumber(constant, set);
  }
  const stop: Stop = (place, message) => surroundings.stopAt(values[place]!, message);
  return () => run(stop, ...given);
}

function make(kernel: Kernel, values: readonly Value[], surroundings: Surroundings): SharedKernel {
  const places = new Map(values.map((value, place) => [value, place]));
  const operands: number[] = [];
  const scratch: number[] = [];
  const numbers: number[] = [];
  const locate = (value: Value): { array: string; offset: number } => {
    const place = places.get(value)!;
    if (!operands.includes(place)) operands.push(place);
    return { array: `V${place}`, offset: 0 };
  };
  const lookup: KernelLookup = {
    precision: surroundings.precision,
    runs: surroundings.runs,
    repeated: surroundings.repeated,
    number(value) {
      const place = places.get(value)!;
      if (!numbers.includes(place)) numbers.push(place);
      return `N${place}`;
    },
    location: value => (surroundings.location(value) ? locate(value) : undefined),
    storage: value => locate(storageOf(value)),
    fail: (value, message) => `stop(${places.get(value)}, ${message})`,
  };
  const made: string[] = [];
  const text = textOf(kernel, lookup, {
    made: each => `made${made.push(each) - 1}`,
    scratch: count => `scratch${scratch.push(count) - 1}`,
    external: value => {
      throw new Error(`${value.op} calls code of its program`);
    },
  });
  const scope: Record<string, unknown> = helpers;
  const uses = (name: string): boolean => text.includes(name) || made.some(each => each.includes(name));
  const used = Object.keys(scope).filter(uses);
  const constants = used.map(name => `const ${name} = helpers.${name};`);
  const own = made.map((each, i) => `const made${i} = ${each};`);
  const parameters = [
    'stop',
    ...operands.map(place => `V${place}`),
    ...scratch.map((_, i) => `scratch${i}`),
    ...numbers.map(place => `N${place}`),
  ];
  const code = [
    '"use strict";',
    ...constants,
    ...own,
    `return function run(${parameters}) {`,
    text,
    '};',
  ].join('\n');
  return { run: new Function('helpers', code)(helpers) as SharedKernel['run'], operands, scratch, numbers };
}
