import type { OnnxGraph, OnnxNode } from '../model';
import { agenda } from './agenda';
import { Editing } from './editing';
import { rolesOf } from './rowwise';

/** Where a tensor lies among others that were computed as one. */
interface Home {
  readonly whole: string;
  readonly count: number;
  readonly index: number;
}

/**
 * Nodes that do the same to different rows, such as the local derivatives of all turns of a loop, as one node over all
 * these rows, from `least` nodes on.
 */
export function batched(graph: OnnxGraph, least: number): OnnxGraph {
  const shapes = new Editing(graph);
  for (const node of graph.nodes) shapes.keep(node);
  const kinds = kindsOf(graph, shapes);
  const editing = new Editing(graph);
  const homes = new Map<string, Home>();
  for (const group of agenda(graph, node => kinds.get(node))) {
    const roles = group.length >= least ? rolesOf(group[0]!, shapes) : undefined;
    if (roles) together(group, roles, editing, homes);
    else {
      for (const node of group) {
        const own = { ...node, inputs: node.inputs.map(name => editing.now(name)) };
        editing.keep(own);
      }
    }
  }
  return editing.finish();
}

/** How far back nodes of a kind must have been computed in the same way. */
const BACK = 2;

/**
 * Alike for nodes that can be one over all their rows and that play the same part: the same was done to compute their
 * operands. Nodes that are like others in name alone would have to wait for these.
 */
function kindsOf({ nodes }: OnnxGraph, shapes: Editing): ReadonlyMap<OnnxNode, string | undefined> {
  const numbers = new Map<string, number>();
  const numberOf = (key: string): number => {
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  };
  const own = new Map<OnnxNode, string>();
  let parts = new Map<OnnxNode, number>();
  for (const node of nodes) {
    const roles = rolesOf(node, shapes);
    const operands = node.inputs.map((name, i) =>
      roles?.[i] === 'shared' ? name : String(shapes.shape(name)),
    );
    if (roles) own.set(node, JSON.stringify([node.op, node.attributes, operands, roles]));
    parts.set(node, numberOf(own.get(node) ?? node.op));
  }
  for (let level = 0; level < BACK; level++) {
    const next = new Map<OnnxNode, number>();
    for (const node of nodes) {
      const before = node.inputs.map(name => parts.get(shapes.producer(name)!) ?? -1);
      next.set(node, numberOf(`${parts.get(node)} ${before}`));
    }
    parts = next;
  }
  return new Map(
    nodes.map(node => [node, own.has(node) ? `${own.get(node)} ${parts.get(node)}` : undefined]),
  );
}

function together(
  group: readonly OnnxNode[],
  roles: ReturnType<typeof rolesOf> & {},
  e: Editing,
  homes: Map<string, Home>,
): void {
  const operands = (node: OnnxNode): string[] => node.inputs.map(name => e.now(name));
  const nodes = inOrder(group, node => operands(node).flatMap(name => homes.get(name) ?? []));
  const inputs = roles.map((role, i) =>
    role === 'shared'
      ? operands(nodes[0]!)[i]!
      : joined(
          nodes.map(node => operands(node)[i]!),
          e,
          homes,
        ),
  );
  const { op, attributes, outputs } = nodes[0]!;
  const results = e.addMany(outputs.length, op, inputs, attributes);
  outputs.forEach((_, i) => {
    const whole = results[i]!;
    const rows = e.shape(whole)![0]! / nodes.length;
    const parts = e.addMany(nodes.length, 'Split', [whole, e.constantInts(nodes.map(() => rows))], {
      axis: 0,
    });
    nodes.forEach((node, index) => {
      homes.set(parts[index]!, { whole, count: nodes.length, index });
      e.rename([node.outputs[i]!], [parts[index]!]);
    });
  });
}

/** In the order in which operands already lie one behind the other, where there are such. */
function inOrder(
  group: readonly OnnxNode[],
  homesOf: (node: OnnxNode) => readonly Home[],
): readonly OnnxNode[] {
  const places = group.map(node => homesOf(node));
  const [first] = places;
  const whole = first!.find(home =>
    places.every(own => own.some(other => other.whole === home.whole && home.count === group.length)),
  )?.whole;
  if (whole === undefined) return group;
  const index = new Map(
    group.map((node, i) => [node, places[i]!.find(home => home.whole === whole)!.index] as const),
  );
  return [...group].sort((a, b) => index.get(a)! - index.get(b)!);
}

/** The rows of all tensors, one behind the other. */
function joined(names: readonly string[], e: Editing, homes: ReadonlyMap<string, Home>): string {
  const home = homes.get(names[0]!);
  const lies =
    home?.count === names.length &&
    names.every((name, i) => homes.get(name)?.whole === home.whole && homes.get(name)!.index === i);
  if (lies) return home.whole;
  return turnsOf(names, e) ?? e.concat(names, 0);
}

/** All turns of a sequence [N, T, ..], each cut out and without its axis: the sequence with T in front. */
function turnsOf(names: readonly string[], e: Editing): string | undefined {
  const shape = e.shape(names[0]!);
  const cuts = names.map(name => {
    const node = e.producer(name);
    return node?.op === 'Reshape' ? node.inputs[0]! : undefined;
  });
  const split = cuts[0] === undefined ? undefined : e.producer(cuts[0]);
  const rank = split && e.shape(split.inputs[0]!)?.length;
  if (!shape || split?.op !== 'Split' || split.attributes.axis !== 1 || rank !== shape.length + 1) {
    return undefined;
  }
  const [rows, ...rest] = e.shape(split.outputs[0]!)!;
  const inOrder = cuts.length === split.outputs.length && cuts.every((cut, i) => cut === split.outputs[i]);
  if (!inOrder || String([rows, ...rest.slice(1)]) !== String(shape)) return undefined;
  const perm = Array.from({ length: rank }, (_, axis) => (axis < 2 ? 1 - axis : axis));
  const turned = e.add('Transpose', [split.inputs[0]!], { perm });
  return e.add('Reshape', [turned, e.constantInts([rows! * names.length, ...shape.slice(1)])]);
}
