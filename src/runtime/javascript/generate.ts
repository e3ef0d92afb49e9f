import type { TensorData } from '../../graph/types';
import { scalarHelpers } from '../../ops/scalar';
import type { Kernel } from '../fusion';
import { determinant, leastSquares, solveInPlace } from '../matrix';
import type { Value } from '../value';
import { matrixProduct } from '../webassembly/matrixProduct';
import type { Emitter } from './emitter';
import { emitterOf, positionMessage, total } from './emitters';
import { type Location, type Lookup, type LoopKernel, loopsOf } from './expression';
import { NestWriter } from './nest';
import { sortPositions } from './ordering';
import { productOf } from './product';
import { LONG, type Runs, tilesOf, turnsOf } from './schedule';
import { simplify } from './simplify';
import type { WholeContext } from './whole';

export interface Surroundings extends KernelLookup {
  /** Typed arrays by the name the code gives them. */
  readonly arrays: Readonly<Record<string, ArrayLike<number>>>;
  /** The buffer of a stored value. */
  view(value: Value): TensorData;
  /** Called by failing code; throws. */
  readonly stop: (failure: number, message: string) => never;
  /** Stops the run, blaming a value; throws. */
  readonly stopAt: (value: Value, message: string) => never;
  /** Work that is not generated, by position: see `external`. */
  readonly externals: readonly (() => void)[];
  external(value: Value): number;
}

/** What the code of one kernel depends on. */
export interface KernelLookup extends Lookup {
  readonly runs: Runs;
  /** Where an operand lies, whatever it shares a buffer with. */
  storage(value: Value): Location;
}

/** V8 gives up on optimising very large functions; at this many characters a new one begins. */
const FUNCTION_LENGTH = 24_000;

/** What generated code may call. */
export const helpers = {
  ...scalarHelpers,
  determinant,
  leastSquares,
  matrixProduct,
  solveInPlace,
  sortPositions,
  positionMessage,
};

/** Compiles kernels to one function that runs them in order. */
export function generate(kernels: readonly Kernel[], surroundings: Surroundings): () => void {
  const made: string[] = [];
  const make = (text: string): string => {
    const name = `made${made.length}`;
    made.push(`const ${name} = ${text};`);
    return name;
  };
  const own: Own = {
    made: make,
    scratch: count => make(`new Float64Array(${count})`),
    external: value => `externals[${surroundings.external(value)}]();`,
  };
  const functions: string[] = [];
  let body = '';
  const close = (): void => {
    if (body !== '') functions.push(body);
    body = '';
  };
  for (const kernel of kernels) {
    const text = textOf(kernel, surroundings, own);
    // V8 optimises it while it runs for the first time, and the less there is around it, the sooner.
    const alone = turnsOf(kernel.extents) > LONG;
    if (alone || body.length + text.length > FUNCTION_LENGTH) close();
    body += `${text}\n`;
    if (alone) close();
  }
  close();
  const run =
    functions.length === 1
      ? `return function run() {\n${functions[0]}};`
      : `${functions.map((text, i) => `function run${i}() {\n${text}}`).join('\n')}
return function run() {\n${functions.map((_, i) => `run${i}();`).join('\n')}\n};`;

  const scope: Record<string, unknown> = {
    ...helpers,
    ...surroundings.arrays,
    stop: surroundings.stop,
    externals: surroundings.externals,
  };
  // As constants, since V8 folds the address of an array that cannot change into the code.
  const used = Object.keys(scope).filter(
    name => run.includes(name) || made.some(text => text.includes(name)),
  );
  const constants = used.map(name => `const ${name} = scope.${name};`);
  const code = ['"use strict";', ...constants, ...made, run].join('\n');
  return new Function('scope', code)(scope) as () => void;
}

/** A kernel as loops; undefined for an op with statements of its own. */
export function loopsFor(kernel: Kernel, lookup: Lookup): LoopKernel | undefined {
  return emitterOf(kernel.root).kind === 'whole' ? undefined : simplify(loopsOf(kernel, lookup));
}

/** What the code of a kernel may have for itself. */
interface Own extends Pick<WholeContext, 'scratch' | 'external'> {
  /** The name of something that is made once. */
  made(text: string): string;
}

/** A kernel as statements. */
export function textOf(kernel: Kernel, lookup: KernelLookup, own: Own): string {
  const { root, core } = kernel;
  const loops = loopsFor(kernel, lookup);
  if (!loops) {
    const emitter = emitterOf(root) as Emitter & { kind: 'whole' };
    if (root.count === 0) return '';
    const text = emitter.emit(root, {
      ...own,
      out: lookup.location(root)!,
      inputs: root.inputs.map(lookup.storage),
      fail: message => lookup.fail(root, message),
    });
    return `{\n${text}\n}`;
  }
  const product = lookup.precision === 64 ? productOf(loops, 'products') : undefined;
  if (product) {
    const { left, right, rest } = product;
    const run = own.made(`matrixProduct(${JSON.stringify(product.product)})`);
    const nest = simplify(rest);
    const text = new NestWriter(nest, tilesOf(nest, lookup.runs), undefined).write();
    return `{\nconst products = ${run}(${left.array}, ${right.array});\n${text}\n}`;
  }
  const coreEmitter = core && emitterOf(core);
  const reduction = coreEmitter?.kind === 'reduction' ? coreEmitter.reduction : total;
  return new NestWriter(loops, tilesOf(loops, lookup.runs), reduction).write();
}
