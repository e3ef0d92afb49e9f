import { DataError } from '../data/error';
import { constantValue, evaluateDim, symbolsOf } from '../graph/dimension';
import { printShape } from '../graph/shape';
import type { Tensor } from '../graph/types';
import type { Model, ModelInput } from '../language/model';

/** Values given for inputs by name, in place of what the file feeds. */
export type Feeds = ReadonlyMap<string, Tensor>;

/** What the feeds settle: the rows behind the batch symbol, and symbols that the data left open. */
export interface FedSizes {
  readonly batch?: { readonly symbol: string; readonly rows: number };
  readonly sizes: Readonly<Record<string, number>>;
}

/** Holds every feed against the shape of its input. Throws `DataError`. */
export function sizesOfFeeds(model: Model, given: Feeds): FedSizes {
  const fed = model.inputs.filter(input => given.has(input.name));
  const symbol = model.batch?.symbol ?? fed.map(leadingSymbol).find(name => name !== undefined);
  const sizes: Record<string, number> = { ...model.sizes };
  const settledBy = new Map<string, string>();
  for (const input of fed) {
    const { shape } = given.get(input.name)!;
    const misfit = (reason: string): DataError =>
      new DataError(
        'data-value',
        `input ${input.name} is ${printShape(input.shape)}, and its feed is [${shape.join(', ')}]: ${reason}`,
      );
    if (shape.length !== input.shape.length) throw misfit('the number of axes differs');
    input.shape.forEach((dim, axis) => {
      const size = shape[axis]!;
      const [only, ...others] = symbolsOf(dim);
      if (only !== undefined && others.length === 0 && dim.key === only && sizes[only] === undefined) {
        sizes[only] = size;
        settledBy.set(only, input.name);
      }
      const expected = evaluateDim(dim, sizes);
      if (expected === undefined || expected === size) return;
      const by = settledBy.get(dim.key);
      throw misfit(`axis ${axis} must be ${expected}${by === undefined ? '' : `, as in ${by}`}`);
    });
  }
  const rows = symbol === undefined ? undefined : sizes[symbol];
  if (symbol === undefined || rows === undefined) return { sizes };
  delete sizes[symbol];
  requireAllFed(model, given, symbol, rows);
  return { batch: { symbol, rows }, sizes };
}

/** Rows from the file cannot stand beside fed rows unless they are equally many. */
function requireAllFed(model: Model, given: Feeds, symbol: string, rows: number): void {
  if (!model.batch || model.batch.rows === rows) return;
  const left = model.inputs.find(
    input => input.value && !given.has(input.name) && leadingSymbol(input) === symbol,
  );
  if (!left) return;
  throw new DataError(
    'data-value',
    `input ${left.name} has ${model.batch.rows} rows from the file, and ${rows} rows are fed: feed ${left.name} too`,
  );
}

/** The symbol that is the first axis, which makes it the batch. */
export function leadingSymbol({ shape }: ModelInput): string | undefined {
  const [first] = shape;
  if (!first || constantValue(first) !== undefined) return undefined;
  const [only] = symbolsOf(first);
  return first.key === only ? only : undefined;
}
