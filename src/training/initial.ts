import { randomStream } from '../base/random';
import type { Evaluate } from '../graph/evaluate';
import { countOf } from '../graph/shape';
import type { Model, ModelParameter } from '../language/model';
import { initialize } from '../library/initializers';
import { defaultMemoryLimit, MemoryError } from '../runtime/memory';
import { attributesKey } from '../runtime/value';

/** Values of all parameters by path, row-major, in 64-bit. */
export type ParameterValues = ReadonlyMap<string, Float64Array>;

/**
 * The parameters and buffers before the first step. Each has a random stream of its own, keyed by the seed and its path, so that
 * adding one parameter leaves the others as they were. The arrays are for reading: they are kept.
 */
export function initialParameters(model: Model, seed: number, evaluate: Evaluate): Map<string, Float64Array> {
  requireMemory(model);
  const values = new Map<string, Float64Array>();
  for (const parameter of model.parameters) {
    values.set(parameter.path, startOf(parameter, model, seed, evaluate));
  }
  for (const { path, sizes, initial } of model.buffers) {
    values.set(path, new Float64Array(countOf(sizes)).fill(initial));
  }
  return values;
}

function startOf(parameter: ModelParameter, model: Model, seed: number, evaluate: Evaluate): Float64Array {
  const { initial, path, sizes } = parameter;
  if (initial.kind === 'value') {
    return Float64Array.from(evaluate([initial.node], new Map(), model.sizes)[0]!.data);
  }
  const { initializer } = initial;
  const own = ('seed' in initializer ? initializer.seed : undefined) ?? seed;
  const key = `${own} ${path} ${sizes} ${attributesKey(initializer)}`;
  let values = drawn.get(key);
  if (values) drawn.delete(key);
  else {
    values = initialize(initializer, sizes, randomStream(own, `initial ${path}`));
    drawnNumbers += values.length;
  }
  // Last in, last out: the map's order is that of use.
  drawn.set(key, values);
  for (const [oldest, { length }] of drawn) {
    if (drawnNumbers <= KEPT_NUMBERS) break;
    drawn.delete(oldest);
    drawnNumbers -= length;
  }
  return values;
}

/** What has been drawn: an edit leaves most parameters as they were. */
const drawn = new Map<string, Float64Array>();
const KEPT_NUMBERS = 2 ** 20;
let drawnNumbers = 0;

/** Before the first of them is allocated. Throws `MemoryError`. */
function requireMemory({ parameters }: Model): void {
  const bytesOf = ({ sizes }: ModelParameter): number => 8 * countOf(sizes);
  const bytes = parameters.reduce((sum, parameter) => sum + bytesOf(parameter), 0);
  if (bytes <= defaultMemoryLimit) return;
  const largest = parameters.reduce((a, b) => (bytesOf(b) > bytesOf(a) ? b : a));
  throw new MemoryError(bytes, defaultMemoryLimit, largest.node, bytesOf(largest));
}
