import { ancestors } from '../graph/graph';
import { groupPath, type Node } from '../graph/node';
import { savedTensors } from '../language/model';
import type { LoadedFile } from './load';

/** One line of the table of nodes. */
export interface NodeEntry {
  readonly node: Node;
  /** Absent for unnamed nodes. */
  readonly name?: string;
  /** 1, 2, ... for earlier versions of a rebound name; absent for the last. */
  readonly version?: number;
  /** For unnamed nodes: the calls they are inside of, outermost first. */
  readonly inside?: readonly string[];
  readonly line: number;
}

/** Every named node in source order, parameters of layers before the layer's name; with `all`, unnamed nodes too. */
export function nodeList({ model, source }: LoadedFile, all: boolean): NodeEntry[] {
  const entries: (NodeEntry & { readonly statement: number })[] = [];
  const starts = model.names.map(named => named.statement.start);
  const statementOf = (offset: number): number => Math.max(0, ...starts.filter(start => start <= offset));
  const listed = new Set<Node>();
  for (const { name, version, node, span, statement } of model.names) {
    listed.add(node);
    const line = source.line(span.start);
    entries.push({
      node,
      name,
      line,
      statement: statement.start,
      ...(version === undefined ? {} : { version }),
    });
  }
  for (const { path, node, span } of savedTensors(model)) {
    if (listed.has(node)) continue;
    listed.add(node);
    entries.push({ node, name: path, line: source.line(span.start), statement: statementOf(span.start) });
  }
  for (const node of all ? unnamed(model, listed) : []) {
    const { span, group } = node.provenance;
    const offset = span?.start ?? 0;
    const inside = groupPath(group).map(each => each.label);
    entries.push({ node, line: source.line(offset), statement: statementOf(offset), inside });
  }
  return entries.sort((a, b) => a.statement - b.statement || a.node.id - b.node.id);
}

/** What the names, the objective and the checks are made of, as far as it stands in the file. */
function unnamed(model: LoadedFile['model'], listed: ReadonlySet<Node>): Node[] {
  const roots = [...model.names.map(named => named.node), ...(model.objective ? [model.objective.node] : [])];
  return ancestors(roots).filter(node => !listed.has(node));
}
