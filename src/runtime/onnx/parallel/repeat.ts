import type { OnnxGraph, OnnxNode, TensorInfo } from '../model';

/** Tensors of a graph for a few examples, by their names. */
export interface Repetition {
  /** Inputs that hold a part for each example. */
  readonly rows: ReadonlySet<string>;
  /** Outputs that are sums over the examples; the others hold a part for each. */
  readonly sums: ReadonlySet<string>;
  readonly times: number;
}

/**
 * The graph for so many times as many examples, computed in turn, so that what is written is read again before it has
 * left the caches. What no example takes part in, such as another order of weights, is computed once.
 */
export function repeated(graph: OnnxGraph, { rows, sums, times }: Repetition): OnnxGraph {
  if (times === 1) return graph;
  const divided = new Set(rows);
  for (const { inputs, outputs } of graph.nodes) {
    if (inputs.some(name => divided.has(name))) for (const name of outputs) divided.add(name);
  }
  const turn = (name: string, i: number): string => (divided.has(name) ? `${name}_turn${i}` : name);
  const turns = Array.from({ length: times }, (_, i) => i);
  const split = [...rows].map((name): OnnxNode => {
    const outputs = turns.map(i => turn(name, i));
    return { op: 'Split', domain: '', inputs: [name], outputs, attributes: { axis: 0, num_outputs: times } };
  });
  const ends = new Map([...sums].map(name => [name, endOf(name, graph, divided)]));
  const late = new Set([...ends.values()].flatMap(({ nodes }) => nodes));
  const isDivided = (node: OnnxNode): boolean => divided.has(node.outputs[0]!);
  const computed = turns.flatMap(i =>
    graph.nodes
      .filter(node => isDivided(node) && !late.has(node))
      .map(node => ({
        ...node,
        inputs: node.inputs.map(name => turn(name, i)),
        outputs: node.outputs.map(name => turn(name, i)),
      })),
  );
  const joined = graph.outputs.flatMap(({ name }) => {
    const end = ends.get(name);
    const parts = turns.map(i => turn(end?.start ?? name, i));
    return end ? [...added(end.start, parts), ...end.nodes] : [concatenated(name, parts)];
  });
  const larger = (info: TensorInfo): TensorInfo => ({
    ...info,
    shape: info.shape.map((size, axis) => (axis === 0 ? size * times : size)),
  });
  return {
    ...graph,
    nodes: [...split, ...graph.nodes.filter(node => !isDivided(node)), ...computed, ...joined],
    inputs: graph.inputs.map(info => (rows.has(info.name) ? larger(info) : info)),
    outputs: graph.outputs.map(info => (sums.has(info.name) ? info : larger(info))),
  };
}

const MOVING: ReadonlySet<string> = new Set(['Transpose', 'Reshape']);

/** The nodes at the end of a sum that only move elements, which is done once, after the parts from `start` are added. */
function endOf(
  output: string,
  { nodes, outputs }: OnnxGraph,
  divided: ReadonlySet<string>,
): { readonly start: string; readonly nodes: readonly OnnxNode[] } {
  const end: OnnxNode[] = [];
  let start = output;
  for (;;) {
    const node = nodes.find(each => each.outputs[0] === start);
    const from = node?.inputs[0];
    if (!node || from === undefined || !MOVING.has(node.op) || !divided.has(from)) break;
    const readers = nodes.filter(each => each.inputs.includes(from)).length;
    if (
      readers > 1 ||
      outputs.some(({ name }) => name === from) ||
      node.inputs.slice(1).some(name => divided.has(name))
    )
      break;
    end.unshift(node);
    start = from;
  }
  return { start, nodes: end };
}

/** Added up in the order of the examples. */
function added(name: string, parts: readonly string[]): OnnxNode[] {
  return parts.slice(1).map((part, i) => ({
    op: 'Add',
    domain: '',
    inputs: [i === 0 ? parts[0]! : `${name}_sum${i}`, part],
    outputs: [i === parts.length - 2 ? name : `${name}_sum${i + 1}`],
    attributes: {},
  }));
}

function concatenated(name: string, parts: readonly string[]): OnnxNode {
  return { op: 'Concat', domain: '', inputs: parts, outputs: [name], attributes: { axis: 0 } };
}
