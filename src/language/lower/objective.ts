import { descendants, type Graph } from '../../graph/graph';
import type { ModelParameter, NamedValue, Objective, Training } from '../model';

/**
 * The loss of the first `train` block, else the node named `loss`, else the last scalar float node that depends on a
 * parameter, else the last scalar float node.
 */
export function findObjective(
  graph: Graph,
  trainings: readonly Training[],
  names: readonly NamedValue[],
  parameters: readonly ModelParameter[],
): Objective | undefined {
  const [first] = trainings;
  if (first) return first.objective;
  const scalars = names.filter(
    ({ node, kind }) => kind === 'node' && node.dtype === 'float' && node.shape.length === 0,
  );
  const trained = descendants(
    graph,
    parameters.map(parameter => parameter.node),
  );
  const trainable = (named: NamedValue): boolean => trained.has(named.node);
  const found =
    scalars.findLast(named => named.name === 'loss') ?? scalars.findLast(trainable) ?? scalars.at(-1);
  return found && { node: found.node, text: found.name };
}
