import type { Node } from '../../../graph/node';
import { LEAVES } from '../../loweredRequest';
import type { Program } from '../../program';
import { needed } from '../../value';
import type { OnnxRequest } from '../program';
import { compileShares, type Division } from './compile';
import { symbolOf } from './examples';
import { shareScript } from './shareThread';

/** Examples that are computed at once: more of them leave the caches before they are read again. */
const LARGEST_CHUNK = 32;
/** Fewer are not worth a run of their own. */
const SMALLEST_CHUNK = 8;

/**
 * Nets with convolutions, batch by batch in shares: their many tensors of medium size give the threads inside one
 * operation too little to do, and one after another too much to keep in the caches. Undefined for others.
 */
export function compileDivided(request: OnnxRequest): Program | undefined {
  const { backend, sizes, threads, cut = new Set(), outputs, updates = [] } = request;
  if (backend !== undefined && backend !== 'cpu') return undefined;
  const isFed = (node: Node): boolean => cut.has(node) || LEAVES.has(node.op);
  const wanted = [...outputs, ...updates.map(({ value }) => value)];
  const nodes = needed(wanted, isFed, node => node.inputs);
  if (!nodes.some(isConvolution)) return undefined;
  const symbol = symbolOf(nodes.filter(isFed));
  const division = symbol === undefined ? undefined : divisionOf(sizes[symbol]!, threads, shareScript());
  return division && compileShares(request, division);
}

function isConvolution({ op, inputs }: Node): boolean {
  return op === 'contract' && inputs.some(input => input.op === 'window');
}

/** Equal shares for as many threads as there are, in equal chunks. */
function divisionOf(batch: number, threads: number, script: string | undefined): Division | undefined {
  const several = script !== undefined && threads > 1;
  if (several && (batch % threads !== 0 || batch / threads < SMALLEST_CHUNK)) return undefined;
  // Without further threads of ours, those inside the operations are better than none.
  if (!several && threads > 1) return undefined;
  const share = batch / threads;
  const chunk = chunkOf(share);
  if (!several && chunk === share) return undefined;
  return { threads, chunk, script };
}

function chunkOf(share: number): number {
  for (let chunk = Math.min(share, LARGEST_CHUNK); chunk >= SMALLEST_CHUNK; chunk--) {
    if (share % chunk === 0) return chunk;
  }
  return share;
}
