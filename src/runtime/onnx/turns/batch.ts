import type { OnnxGraph, OnnxNode } from '../model';
import { agenda } from './agenda';
import { Editing } from './editing';
import { kindsOf } from './kinds';
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
  const kinds = kindsOf(graph, shapes, least);
  const editing = new Editing(graph);
  const homes = new Map<string, Home>();
  for (const group of agenda(graph, node => kinds.get(node), least)) {
    const roles = group.length >= least ? rolesOf(group[0]!, shapes) : undefined;
    if (roles) together(group, roles, editing, homes);
    else {
      for (const node of group) {
        const inputs = node.inputs.map(name => editing.now(name));
        if (node.op === 'Concat' && node.attributes.axis === 0) {
          editing.rename(node.outputs, [joined(inputs, editing, homes)]);
        } else editing.keep({ ...node, inputs });
      }
    }
  }
  return editing.finish();
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
  return turnsOf(names, e) ?? e.concat(wholes(names, homes), 0);
}

/** Tensors that lie one behind the other, from the first to the last of where they were computed, as that one. */
function wholes(names: readonly string[], homes: ReadonlyMap<string, Home>): readonly string[] {
  const found: string[] = [];
  for (let i = 0; i < names.length; ) {
    const home = homes.get(names[i]!);
    const run = home?.index === 0 ? names.slice(i, i + home.count) : [];
    const whole =
      run.length > 0 &&
      run.length === home!.count &&
      run.every((name, k) => homes.get(name)?.whole === home!.whole && homes.get(name)!.index === k);
    found.push(whole ? home!.whole : names[i]!);
    i += whole ? run.length : 1;
  }
  return found;
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
