import type { DisplayGraph, DisplayNode, GraphValues } from '../drawing/displayGraph';
import { formatTensor } from '../drawing/numbers';

const shapes: Readonly<Partial<Record<DisplayNode['role'], string>>> = {
  input: 'invhouse',
  parameter: 'box3d',
  data: 'cylinder',
  constant: 'plaintext',
};

/** The graph in Graphviz' language, groups as clusters. */
export function graphDot(title: string, graph: DisplayGraph, values: GraphValues): string {
  const byId = new Map(values.nodes.map(each => [each.id, each]));
  const inside = (group: number | undefined): DisplayNode[] =>
    graph.nodes.filter(node => node.group === group);
  const nodeLine = (node: DisplayNode): string => {
    const known = byId.get(node.id);
    const lines = [node.name === undefined ? node.op : `${node.name} = ${node.op}`, node.shape];
    if (known) lines.push(formatTensor(known.value, 40));
    if (known?.gradient) lines.push(`∇ ${formatTensor(known.gradient, 40)}`);
    const dashed = node.outline ? ', style=dashed' : '';
    const bold = node.id === graph.objective ? ', penwidth=2' : '';
    return `n${node.id} [label="${lines.map(escapeText).join('\\n')}", shape=${shapes[node.role] ?? 'box'}${bold}${dashed}];`;
  };
  const cluster = (parent: number | undefined): string[] =>
    graph.groups
      .filter(group => group.parent === parent)
      .flatMap(group => [
        `subgraph cluster_${group.id} {`,
        `label=${quoted(group.label)};`,
        ...(group.outline ? ['style=dashed;'] : []),
        ...inside(group.id).map(nodeLine),
        ...cluster(group.id),
        '}',
      ]);
  return [
    `digraph ${quoted(title)} {`,
    'rankdir=TB; node [fontname="sans-serif", fontsize=10];',
    ...inside(undefined).map(nodeLine),
    ...cluster(undefined),
    ...graph.edges.map(edge => `n${edge.from} -> n${edge.to};`),
    '}',
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return `"${escapeText(text)}"`;
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}
