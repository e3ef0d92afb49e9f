import type { Node } from '../../../graph/node';
import { concreteShape, countOf } from '../../../graph/shape';
import { LEAVES } from '../../loweredRequest';
import type { Program } from '../../program';
import { needed } from '../../value';
import { countWork } from '../../work';
import type { OnnxRequest } from '../program';
import { compileShares, type Division } from './compile';
import { symbolOf } from './examples';
import { shareScript } from './shareThread';

/** Of what the largest convolution makes of the examples that are computed at once: about what a core's cache holds. */
const CACHED_BYTES = 2 ** 20;
/** Fewer examples at once cost more in calls than they save. */
const SMALLEST_CHUNK = 4;
/** A model has as many copies of the graph, and takes its time to read. */
const MOST_CHUNKS = 8;
/** A share of fewer is not worth a thread. */
const SMALLEST_SHARE = 8;

/**
 * Nets with convolutions or loops, batch by batch in shares: their many tensors of medium size give the threads inside
 * one operation too little to do, and those of convolutions, one after another, too much to keep in the caches. Undefined
 * for others.
 */
export function compileDivided(request: OnnxRequest): Program | undefined {
  const { backend, sizes, threads, cut = new Set(), outputs, updates = [] } = request;
  if (backend !== undefined && backend !== 'cpu') return undefined;
  const isFed = (node: Node): boolean => cut.has(node) || LEAVES.has(node.op);
  const wanted = [...outputs, ...updates.map(({ value }) => value)];
  const nodes = needed(wanted, isFed, node => node.inputs);
  const symbol = symbolOf(nodes.filter(isFed));
  const convolutions = nodes.filter(node => isConvolution(node) && node.shape[0]!.key === symbol);
  if (symbol === undefined || (convolutions.length === 0 && !(hasLoop(nodes) && isLarge(request))))
    return undefined;
  const one = { ...sizes, [symbol]: 1 };
  const largest = Math.max(0, ...convolutions.map(({ shape }) => 4 * countOf(concreteShape(shape, one))));
  const division = divisionOf(sizes[symbol]!, threads, CACHED_BYTES / largest);
  return division && compileShares(request, division);
}

function isConvolution({ op, inputs }: Node): boolean {
  return op === 'contract' && inputs.some(input => input.op === 'window');
}

/** So many products by the same weights come from a loop. */
const TURNS = 8;

/** Whether a loop was unrolled, turn by turn by the same weights, such as a recurrent layer. */
function hasLoop(nodes: readonly Node[]): boolean {
  const turns = new Map<Node, number>();
  for (const { op, inputs } of nodes) {
    const weights = op === 'contract' ? inputs.find(input => LEAVES.has(input.op)) : undefined;
    if (weights) turns.set(weights, (turns.get(weights) ?? 0) + 1);
  }
  return [...turns.values()].some(count => count >= TURNS);
}

/** Additions and multiplications that take longer than threads need to wait for each other. */
const LARGE_LOOP = 4e7;

function isLarge(request: OnnxRequest): boolean {
  return countWork(request).products >= LARGE_LOOP;
}

/** Equal shares for as many threads as there are, in equal chunks of at most `most` examples. */
function divisionOf(batch: number, threads: number, most: number): Division | undefined {
  const share = batch / threads;
  const script = shareScript();
  if (threads > 1 && (script === undefined || share < SMALLEST_SHARE)) return undefined;
  if (!Number.isInteger(share)) return undefined;
  const chunk = chunkOf(share, most);
  return threads === 1 && chunk === share ? undefined : { threads, chunk, script };
}

function chunkOf(share: number, most: number): number {
  const least = Math.max(SMALLEST_CHUNK, Math.ceil(share / MOST_CHUNKS));
  for (let chunk = Math.min(share, Math.max(least, Math.floor(most))); chunk >= least; chunk--) {
    if (share % chunk === 0) return chunk;
  }
  return share;
}
