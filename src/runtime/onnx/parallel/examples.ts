import { symbolsOf } from '../../../graph/dimension';
import type { Node } from '../../../graph/node';
import type { SizeAttributes } from '../../../ops/leaf';
import type { Computation } from '../../loweredRequest';
import { LEAVES } from '../../loweredRequest';
import { needed } from '../../value';
import { type Dependence, separate } from './separable';

/** A computation that falls into examples, each for itself, and what is made of their sums. */
export interface Examples {
  /** Counts them. */
  readonly symbol: string;
  readonly dependence: ReadonlyMap<Node, Dependence>;
  /** Sums over the examples: what is computed from them needs no example any more. */
  readonly sums: readonly Node[];
  /** Asked for, one part an example. */
  readonly results: readonly Node[];
  /** How many examples there are, as numbers of the graph: not those of a part of the batch. */
  readonly counts: readonly Node[];
}

/** Ops that are too much work to be done by one thread, or twice. */
const HEAVY: ReadonlySet<string> = new Set([
  'contract',
  'window',
  'unwindow',
  'solve',
  'det',
  'lstsq',
  'recurrence',
  'argsort',
  'numeric_gradient',
]);

/** Undefined when examples depend on each other, or when much remains to be done with their sums. */
export function examplesOf({ outputs, updates = [], cut = new Set() }: Computation): Examples | undefined {
  const isFed = (node: Node): boolean => cut.has(node) || LEAVES.has(node.op);
  const wanted = [...outputs, ...updates.flatMap(({ target, value }) => [target, value])];
  const nodes = needed(wanted, isFed, node => node.inputs);
  const symbol = symbolOf(nodes.filter(isFed));
  const dependence = symbol === undefined ? undefined : separate(nodes, symbol, isFed);
  if (symbol === undefined || !dependence) return undefined;
  const kindOf = (node: Node) => dependence.get(node)!.kind;
  if (updates.some(({ target, value }) => kindOf(target) === 'rows' || kindOf(value) === 'rows'))
    return undefined;
  const afterwards = needed(
    wanted.filter(node => kindOf(node) !== 'rows'),
    node => isFed(node) || kindOf(node) === 'sum',
    node => node.inputs,
  );
  if (afterwards.some(node => HEAVY.has(node.op) && kindOf(node) !== 'sum')) return undefined;
  const results = [...new Set(outputs.filter(node => kindOf(node) === 'rows' && !isFed(node)))];
  // Parts of the batch lie one after another.
  const first = (node: Node): boolean => {
    const own = dependence.get(node)!;
    return own.kind !== 'rows' || own.axis === 0;
  };
  if (![...nodes.filter(node => isFed(node) || node.op === 'position'), ...results].every(first))
    return undefined;
  return {
    symbol,
    dependence,
    sums: afterwards.filter(node => kindOf(node) === 'sum'),
    results,
    counts: nodes.filter(
      node => node.op === 'size' && symbolsOf((node.attributes as SizeAttributes).dim).has(symbol),
    ),
  };
}

/** The symbol that counts the examples of all that is fed with several. */
export function symbolOf(fed: readonly Node[]): string | undefined {
  const symbols = new Set(fed.flatMap(({ shape }) => shape.flatMap(dim => [...symbolsOf(dim)])));
  return symbols.size === 1 ? [...symbols][0] : undefined;
}
