import type { DisplayGraph, DisplayGroup, DisplayNode, EdgeContribution } from './displayGraph';

/** What of a graph is on screen when some groups are open: nodes, ghosts, closed groups and boxes around members. */
export interface VisibleGraph {
  readonly nodes: readonly VisibleNode[];
  readonly edges: readonly VisibleEdge[];
  readonly boxes: readonly VisibleBox[];
  /** For each node of the graph the key of what shows it: itself, or the closed group that hides it. */
  readonly holders: ReadonlyMap<number, string>;
}

export interface VisibleNode {
  readonly key: string;
  /** Whose value and gradient it shows: for a closed group, its result. */
  readonly node: DisplayNode;
  /** Set for a closed group. */
  readonly group?: DisplayGroup;
  /** How many nodes a closed group hides. */
  readonly hidden: number;
  /** A further copy of a parameter, input or constant, beside one of its uses. */
  readonly ghost: boolean;
  /** Key of the box around it. */
  readonly parent?: string;
}

export interface VisibleEdge {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  /** The edges of the graph that are drawn as this one. */
  readonly merged: readonly string[];
}

/** An opened group. */
export interface VisibleBox {
  readonly key: string;
  readonly group: DisplayGroup;
  readonly parent?: string;
}

/** Groups are told apart across edits by their labels from the outside in, numbered where siblings share one. */
export function groupPaths(graph: DisplayGraph): Map<number, string> {
  const byId = new Map(graph.groups.map(group => [group.id, group]));
  const taken = new Map<string, number>();
  const paths = new Map<number, string>();
  const visit = (group: DisplayGroup): string => {
    const known = paths.get(group.id);
    if (known !== undefined) return known;
    const outer = group.parent === undefined ? undefined : byId.get(group.parent);
    const plain = outer ? `${visit(outer)}/${group.label}` : group.label;
    const count = (taken.get(plain) ?? 0) + 1;
    taken.set(plain, count);
    const path = count === 1 ? plain : `${plain}#${count}`;
    paths.set(group.id, path);
    return path;
  };
  graph.groups.forEach(visit);
  return paths;
}

/** Groups are closed unless their id is in `opened` and so are those around them. */
export function visibleGraph(graph: DisplayGraph, opened: ReadonlySet<number>): VisibleGraph {
  const groups = new Map(graph.groups.map(group => [group.id, group]));
  const nodes = new Map(graph.nodes.map(node => [node.id, node]));
  const closedAround = closedGroups(groups, opened);
  const outermostClosed = (group: number | undefined) =>
    group === undefined ? undefined : closedAround.get(group);
  const holder = (node: DisplayNode) => {
    const closed = outermostClosed(node.group);
    return closed === undefined ? `n${node.id}` : `g${closed.id}`;
  };

  const visible: VisibleNode[] = [];
  const boxes: VisibleBox[] = [];
  for (const group of graph.groups) {
    const parent = boxKey(group.parent);
    if (closedAround.get(group.id) === undefined) boxes.push({ key: `g${group.id}`, group, ...parent });
  }

  // copies of what is used in several places; each consumer has its own
  const consumers = consumersOfSources(graph, nodes, holder);
  const copy = new Map<string, string>(); // `source id > consumer` to the copy's key
  const hidden = new Map<number, number>();
  const parentOf = new Map<string, string | undefined>();
  for (const node of graph.nodes) {
    const closed = outermostClosed(node.group);
    if (closed) hidden.set(closed.id, (hidden.get(closed.id) ?? 0) + 1);
    parentOf.set(holder(node), boxKey(closed ? closed.parent : node.group).parent);
  }
  for (const node of graph.nodes) {
    const own = holder(node);
    const uses = consumers.get(node.id);
    const inClosed = own.startsWith('g');
    if (!inClosed) visible.push({ key: own, node, hidden: 0, ghost: false, ...boxKey(node.group) });
    if (!uses) continue;
    const main = inClosed ? own : preferredUse(uses, parentOf, parentOf.get(own));
    for (const use of uses) {
      if (use === main) continue;
      const key = `n${node.id}>${use}`;
      const parent = parentOf.get(use);
      copy.set(`${node.id}>${use}`, key);
      visible.push({ key, node, hidden: 0, ghost: true, ...(parent === undefined ? {} : { parent }) });
    }
  }
  for (const group of graph.groups) {
    if (closedAround.get(group.id)?.id !== group.id) continue;
    const node = nodes.get(group.result);
    if (!node) continue;
    const count = hidden.get(group.id) ?? 0;
    visible.push({
      key: `g${group.id}`,
      node,
      group,
      hidden: count,
      ghost: false,
      ...boxKey(group.parent),
    });
  }

  const merged = new Map<string, { from: string; to: string; ids: string[] }>();
  for (const edge of graph.edges) {
    const source = nodes.get(edge.from);
    const target = nodes.get(edge.to);
    if (!source || !target) continue;
    const to = holder(target);
    if (holder(source) === to) continue;
    const from = copy.get(`${source.id}>${to}`) ?? holder(source);
    const key = `${from}→${to}`;
    const known = merged.get(key);
    if (known) known.ids.push(edge.id);
    else merged.set(key, { from, to, ids: [edge.id] });
  }
  const present = new Set(visible.map(node => node.key));
  const edges = [...merged]
    .filter(([, { from, to }]) => present.has(from) && present.has(to))
    .map(([key, { from, to, ids }]) => ({ key, from, to, merged: ids }));
  return { nodes: visible, edges, boxes, holders: new Map(graph.nodes.map(node => [node.id, holder(node)])) };
}

/** The gradient that flows back along each visible edge: merged edges add up. */
export function visibleContributions(
  edges: readonly VisibleEdge[],
  contributions: readonly EdgeContribution[],
): Map<string, EdgeContribution> {
  const byId = new Map(contributions.map(each => [each.id, each]));
  const sums = new Map<string, EdgeContribution>();
  for (const { key, merged } of edges) {
    let total = 0;
    let squares = 0;
    let found = false;
    for (const id of merged) {
      const each = byId.get(id);
      if (!each) continue;
      found = true;
      total += each.total;
      squares += each.norm ** 2;
    }
    if (found) sums.set(key, { id: key, total, norm: Math.sqrt(squares) });
  }
  return sums;
}

/** For each group the outermost closed group that hides it, itself included; absent when its content shows. */
function closedGroups(groups: ReadonlyMap<number, DisplayGroup>, opened: ReadonlySet<number>) {
  const result = new Map<number, DisplayGroup | undefined>();
  const visit = (group: DisplayGroup): DisplayGroup | undefined => {
    if (result.has(group.id)) return result.get(group.id);
    const outer = group.parent === undefined ? undefined : groups.get(group.parent);
    const closed = (outer && visit(outer)) ?? (opened.has(group.id) ? undefined : group);
    result.set(group.id, closed);
    return closed;
  };
  for (const group of groups.values()) visit(group);
  return result;
}

/** The visible users of each source node, in the order of the graph, without the closed group it lies in. */
function consumersOfSources(
  graph: DisplayGraph,
  nodes: ReadonlyMap<number, DisplayNode>,
  holder: (node: DisplayNode) => string,
): Map<number, Set<string>> {
  const consumers = new Map<number, Set<string>>();
  for (const edge of graph.edges) {
    const source = nodes.get(edge.from);
    const target = nodes.get(edge.to);
    if (!source || !target || source.role === 'operation' || source.role === 'gradient') continue;
    const to = holder(target);
    if (to === holder(source)) continue;
    const known = consumers.get(source.id);
    if (known) known.add(to);
    else consumers.set(source.id, new Set([to]));
  }
  return consumers;
}

/** The original stays with a use in its own box where there is one, else with the first. */
function preferredUse(
  uses: ReadonlySet<string>,
  parentOf: ReadonlyMap<string, string | undefined>,
  own: string | undefined,
): string | undefined {
  for (const use of uses) if (parentOf.get(use) === own) return use;
  return uses.values().next().value;
}

function boxKey(group: number | undefined): { readonly parent?: string } {
  return group === undefined ? {} : { parent: `g${group}` };
}
