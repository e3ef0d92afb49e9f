import type { Node } from '../graph/node';
import { compile, type Program, type ProgramRequest } from './program';
import { needed } from './value';

/**
 * The first node, in forward order, that holds NaN or infinity while all it depends on is finite; fed nodes are
 * looked at too. Runs `request` once more with every float node kept and no updates, after `feed` has written the
 * leaves (those in `request.storage` hold their values already).
 */
export function firstNotFinite(request: ProgramRequest, feed: (program: Program) => void): Node | undefined {
  const { updates = [], cut = new Set<Node>(), ...rest } = request;
  const wanted = [...request.outputs, ...updates.map(({ value }) => value)];
  const nodes = needed(
    wanted,
    node => cut.has(node),
    node => (node.op === 'numeric_gradient' ? node.inputs.slice(1) : node.inputs),
  ).filter(node => node.dtype === 'float');
  const program = compile({ ...rest, cut, outputs: nodes });
  feed(program);
  program.run();
  return nodes.find(node => !program.buffer(node).every(Number.isFinite));
}
