import type { OnnxGraph } from '../model';
import { batched } from './batch';
import { rewrite } from './editing';
import { functionsOfPieces, sliceOfConcat, sliceOfPad, sumOfPads, withoutZeros } from './pieces';
import {
  columnsOfProduct,
  earlyFactors,
  joinedFactors,
  sharedWeights,
  splitProducts,
  sumsOfProducts,
  uprightWeights,
} from './products';
import { splits } from './splits';

/** Graphs of fewer nodes have no loop that would be worth it. */
const SMALL = 150;

/** So many nodes of a kind are worth being put together and taken apart again. */
const LEAST = 4;

/**
 * Loops that were unrolled, such as recurrent layers: what does not depend on the turn before is computed for all turns
 * at once, and each turn is left with the least that it can do. Values change by the order of roundings alone.
 */
export function acrossTurns(graph: OnnxGraph): OnnxGraph {
  if (graph.nodes.length < SMALL) return graph;
  const pieces = rewrite(graph, [sliceOfConcat, sliceOfPad, withoutZeros, sumOfPads]);
  const weights = sharedWeights(pieces, LEAST);
  const products = rewrite(pieces, [columnsOfProduct(pieces), splitProducts(weights), earlyFactors], weights);
  const joint = rewrite(products, [joinedFactors, uprightWeights(products, LEAST)]);
  const sums = rewrite(joint, [sumsOfProducts(LEAST), functionsOfPieces(joint)]);
  return batched(splits(sums), LEAST);
}
