import type { OnnxGraph, OnnxNode } from '../model';
import type { Editing } from './editing';
import { rolesOf } from './rowwise';

/** How far back nodes of a kind must have been computed in the same way. */
const BACK = 4;

/**
 * Alike for nodes that can be one over all their rows and that play the same part: the same was done to compute their
 * operands. Nodes that are like others in name alone would have to wait for these. The few that were computed in
 * another way, such as those of the first turn, which begins with zeros, go with those that they are most like.
 * `known` has read the whole graph; others than rowwise nodes have no kind.
 */
export function kindsOf(
  { nodes }: OnnxGraph,
  known: Editing,
  least: number,
): ReadonlyMap<OnnxNode, string | undefined> {
  const names = new Map<OnnxNode, string>();
  const rowwise = new Set<OnnxNode>();
  for (const node of nodes) {
    const roles = rolesOf(node, known);
    if (roles) rowwise.add(node);
    const operands = node.inputs.map((name, i) =>
      roles?.[i] === 'shared' ? name : `${known.type(name)} ${known.shape(name)}`,
    );
    names.set(node, roles ? JSON.stringify([node.op, node.attributes, operands, roles]) : node.op);
  }
  const levels = [classes(nodes, node => names.get(node)!)];
  const places = placesOf(nodes, levels[0]!);
  for (let level = 0; level < BACK; level++) {
    const before = levels.at(-1)!;
    const partOf = (name: string): string =>
      `${before.get(known.producer(name)!) ?? ''}.${places.get(name) ?? ''}`;
    levels.push(classes(nodes, node => `${before.get(node)} ${node.inputs.map(partOf)}`));
  }
  const own = withoutStragglers([...rowwise], levels, least);
  return new Map(nodes.map(node => [node, rowwise.has(node) ? String(own.get(node)) : undefined]));
}

type Classes = ReadonlyMap<OnnxNode, number>;

/** The same number for nodes with the same key. */
function classes(nodes: readonly OnnxNode[], keyOf: (node: OnnxNode) => string): Classes {
  const numbers = new Map<string, number>();
  return new Map(
    nodes.map(node => {
      const key = keyOf(node);
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      return [node, number];
    }),
  );
}

/** Of several tensors that are taken apart alike, such as the gates of every turn, each part has a place of its own. */
function placesOf(nodes: readonly OnnxNode[], alike: Classes): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  const sizes = sizesOf(alike);
  for (const node of nodes) {
    if (node.outputs.length === 1 || sizes.get(alike.get(node)!) === 1) continue;
    node.outputs.forEach((name, i) => {
      places.set(name, i);
    });
  }
  return places;
}

function sizesOf(classes: Classes): ReadonlyMap<number, number> {
  const sizes = new Map<number, number>();
  for (const number of classes.values()) sizes.set(number, (sizes.get(number) ?? 0) + 1);
  return sizes;
}

/** The finest classes, where those of fewer nodes than `least` have gone into the largest that is like them. */
function withoutStragglers(nodes: readonly OnnxNode[], levels: readonly Classes[], least: number): Classes {
  const finest = levels.at(-1)!;
  const sizes = sizesOf(finest);
  const isLarge = (node: OnnxNode): boolean => sizes.get(finest.get(node)!)! >= least;
  const found = new Map<OnnxNode, number>();
  for (const node of nodes) if (isLarge(node)) found.set(node, finest.get(node)!);
  for (const level of [...levels].reverse()) {
    const largest = new Map<number, number>();
    for (const node of nodes) {
      if (!isLarge(node)) continue;
      const [here, own] = [level.get(node)!, finest.get(node)!];
      if ((sizes.get(largest.get(here) ?? -1) ?? 0) < sizes.get(own)!) largest.set(here, own);
    }
    for (const node of nodes) {
      const other = largest.get(level.get(node)!);
      if (!found.has(node) && other !== undefined) found.set(node, other);
    }
  }
  for (const node of nodes) if (!found.has(node)) found.set(node, finest.get(node)!);
  return found;
}
