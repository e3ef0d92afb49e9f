import { placeAcross } from './coordinates';
import { type LinkedGraph, layer, spreadPorts } from './layers';
import type { LayoutEdge, Point } from './layout';

/**
 * One box with what lies directly in it. Boxes inside are laid out first and stand here as large nodes; edges
 * that cross a border do so at a port, which the box keeps a channel to. So a box holds its members, nothing
 * else, and no edge runs over a card.
 */

export interface Member {
  readonly key: string;
  readonly across: number;
  readonly along: number;
  readonly before: number;
}

/** What lies directly in each box; `undefined` is the picture itself. */
export type Members = Map<string | undefined, { readonly nodes: Member[]; readonly boxes: string[] }>;

export interface BoxLayout {
  readonly across: number;
  readonly along: number;
  readonly nodes: readonly (Member & Point)[];
  readonly boxes: readonly ({ readonly key: string; readonly layout: BoxLayout } & Point)[];
  /** Pieces of edges inside this box, from its own upper left corner. */
  readonly routes: readonly { readonly edges: readonly string[]; readonly points: readonly Point[] }[];
  /** Where edges enter and leave, from the centre across the flow. */
  readonly ports: ReadonlyMap<string, number>;
}

/** Distances in pixels at zoom 1: room for a number beside an edge, and for a box's label. */
const space = { between: 22, layers: 54, ports: 14, border: 14, label: 26, turnedLayers: 64 };

interface Link {
  readonly from: string;
  readonly to: string;
  readonly fromPort?: string;
  readonly toPort?: string;
  readonly edges: string[];
}

export function layoutBox(
  key: string | undefined,
  members: Members,
  picture: { readonly edges: readonly LayoutEdge[] },
  turned: boolean,
  before: (key: string) => number,
): BoxLayout {
  const owner = new Map<string, string | undefined>();
  for (const [box, { nodes }] of members) for (const node of nodes) owner.set(node.key, box);
  const outer = new Map<string, string | undefined>();
  for (const [box, { boxes }] of members) for (const inner of boxes) outer.set(inner, box);
  const links = linksByBox(picture.edges, owner, outer);
  const visit = (box: string | undefined): BoxLayout => {
    const { nodes, boxes } = members.get(box)!;
    const inner = boxes.map(each => ({ key: each, layout: visit(each), before: before(each) }));
    return arrange(box === undefined, nodes, inner, links.get(box) ?? [], turned);
  };
  return visit(key);
}

/** Cuts every edge at the borders it crosses and files the pieces under their boxes. */
function linksByBox(
  edges: readonly LayoutEdge[],
  owner: ReadonlyMap<string, string | undefined>,
  outer: ReadonlyMap<string, string | undefined>,
): Map<string | undefined, Link[]> {
  const found = new Map<string | undefined, Map<string, Link>>();
  const add = (box: string | undefined, link: Omit<Link, 'edges'>, edge: string) => {
    let inBox = found.get(box);
    if (!inBox) found.set(box, (inBox = new Map()));
    const id = [link.from, link.fromPort, link.to, link.toPort].join('\n');
    const known = inBox.get(id);
    if (known) known.edges.push(edge);
    else inBox.set(id, { ...link, edges: [edge] });
  };
  const around = (node: string) => {
    const boxes: (string | undefined)[] = [];
    for (let box = owner.get(node); box !== undefined; box = outer.get(box)) boxes.push(box);
    boxes.push(undefined);
    return boxes;
  };
  for (const { key, from, to } of edges) {
    if (from === to || !owner.has(from) || !owner.has(to)) continue;
    if (owner.get(from) === owner.get(to)) {
      add(owner.get(from), { from, to }, key); // by far the most
      continue;
    }
    const above = around(from);
    const below = around(to);
    const common = above.find(box => below.includes(box));
    const leaving = above.slice(0, above.indexOf(common)) as string[];
    const entering = below.slice(0, below.indexOf(common)).reverse() as string[];
    const outPort = `out ${from}`;
    const inPort = `in ${from}`;
    let item = from;
    let port: { fromPort?: string } = {};
    for (const box of leaving) {
      add(box, { from: item, ...port, to: outPort }, key);
      [item, port] = [box, { fromPort: outPort }];
    }
    let box = common;
    for (const next of entering) {
      add(box, { from: item, ...port, to: next, toPort: inPort }, key);
      [item, port, box] = [inPort, {}, next];
    }
    add(box, { from: item, ...port, to }, key);
  }
  return new Map([...found].map(([box, inBox]) => [box, [...inBox.values()]]));
}

type Inner = { readonly key: string; readonly layout: BoxLayout; readonly before: number };

function arrange(
  isPicture: boolean,
  nodes: readonly Member[],
  inner: readonly Inner[],
  links: readonly Link[],
  turned: boolean,
): BoxLayout {
  const index = new Map<string, number>();
  const sizes: { across: number; along: number }[] = [];
  const pinned: number[] = [];
  const before: number[] = [];
  const add = (key: string, across: number, along: number, pin: number, old: number) => {
    index.set(key, sizes.length);
    sizes.push({ across, along });
    pinned.push(pin);
    before.push(old);
  };
  for (const node of nodes) add(node.key, node.across, node.along, 0, node.before);
  for (const box of inner) add(box.key, box.layout.across, box.layout.along, 0, box.before);
  for (const { from, to } of links) {
    if (!index.has(from)) add(from, 4, 0, -1, Number.NaN);
    if (!index.has(to)) add(to, 4, 0, 1, Number.NaN);
  }
  const layouts = new Map(inner.map(({ key, layout }) => [key, layout]));
  const portOf = (item: string, port: string | undefined) =>
    port === undefined ? 0 : (layouts.get(item)?.ports.get(port) ?? 0);
  const graph: LinkedGraph = {
    count: sizes.length,
    from: Int32Array.from(links, link => index.get(link.from)!),
    to: Int32Array.from(links, link => index.get(link.to)!),
    fromPort: Float64Array.from(links, link => portOf(link.from, link.fromPort)),
    toPort: Float64Array.from(links, link => portOf(link.to, link.toPort)),
    pinned: Int8Array.from(pinned),
    before: Float64Array.from(before),
  };
  const layered = layer(graph);
  const virtualSize = 2;
  const acrossOf = (node: number) => sizes[node]?.across ?? virtualSize;
  spreadPorts(layered, node => nodes[node]?.across);
  const x = placeAcross(layered, { size: acrossOf, gap: space.between, real: sizes.length });

  const label = isPicture ? 0 : space.label;
  const border = isPicture ? 0 : space.border;
  const labelAcross = turned ? label : border;
  let left = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  for (let node = 0; node < layered.total; node++) {
    left = Math.min(left, x[node]! - acrossOf(node) / 2);
    right = Math.max(right, x[node]! + acrossOf(node) / 2);
  }
  if (left > right) [left, right] = [0, 0];
  for (let node = 0; node < layered.total; node++) x[node]! += labelAcross - left;
  const across = right - left + labelAcross + border;

  const top: number[] = [];
  const bottom: number[] = [];
  let along = turned ? border : label;
  layered.layers.forEach((each, i) => {
    const pins = each.some(node => (pinned[node] ?? 0) !== 0);
    const afterPins = i > 0 && layered.layers[i - 1]!.some(node => (pinned[node] ?? 0) !== 0);
    if (i > 0) along += pins || afterPins ? space.ports : turned ? space.turnedLayers : space.layers;
    if (pins && i === 0) along = 0; // ports lie on the border itself; the channel crosses the label's row
    top.push(along);
    if (pins && i === 0) along = Math.max(0, (turned ? border : label) - space.ports);
    along += Math.max(0, ...each.map(node => sizes[node]?.along ?? 0));
    bottom.push(along);
  });
  const endsInPorts = layered.layers.at(-1)?.some(node => pinned[node] === 1) ?? false;
  if (!endsInPorts) along += border;

  const used = new Set(graph.from);
  const middle = (node: number) => {
    const [start, end] = [top[layered.rank[node]!]!, bottom[layered.rank[node]!]!];
    const own = sizes[node]?.along ?? 0;
    // beside an opened group a small node stands next to what uses it, not half-way down
    if (own * 2 >= end - start) return (start + end) / 2;
    return used.has(node) ? end - own / 2 : start + own / 2;
  };
  const routes = links.map((link, i) => {
    const [from, to] = [graph.from[i]!, graph.to[i]!];
    const forward = layered.reversed[i] === 0;
    const startX = x[from]! + graph.fromPort[i]!;
    const endX = x[to]! + (forward ? layered.segments.toPort[layered.lastSegment[i]!]! : graph.toPort[i]!);
    const side = forward ? 1 : -1; // boxes keep their ports whichever way a link runs
    const points: Point[] = [];
    const push = (px: number, py: number) => {
      const last = points.at(-1);
      if (!last || Math.abs(last.x - px) > 0.01 || Math.abs(last.y - py) > 0.01)
        points.push({ x: px, y: py });
    };
    const edgeOf = (node: number, direction: number) =>
      pinned[node] === 0
        ? middle(node) + (direction * sizes[node]!.along) / 2
        : pinned[node] === -1
          ? 0
          : along;
    const near = (rank: number, direction: number) => (direction > 0 ? bottom[rank]! : top[rank]!);
    push(startX, edgeOf(from, link.fromPort === undefined ? side : 1));
    push(startX, near(layered.rank[from]!, side));
    for (const virtual of layered.chains[i]!) {
      push(x[virtual]!, near(layered.rank[virtual]!, -side));
      push(x[virtual]!, near(layered.rank[virtual]!, side));
    }
    push(endX, near(layered.rank[to]!, -side));
    push(endX, edgeOf(to, link.toPort === undefined ? -side : -1));
    return { edges: link.edges, points: withoutStraight(points) };
  });

  const ports = new Map<string, number>();
  for (const [key, node] of index) if (pinned[node] !== 0) ports.set(key, x[node]! - across / 2);
  const at = (node: number): Point => ({ x: x[node]!, y: middle(node) });
  return {
    across,
    along,
    nodes: nodes.map(node => ({ ...node, ...at(index.get(node.key)!) })),
    boxes: inner.map(({ key, layout }) => ({ key, layout, ...at(index.get(key)!) })),
    routes,
    ports,
  };
}

/** Points on a straight vertical say nothing. */
function withoutStraight(points: readonly Point[]): Point[] {
  return points.filter((point, i) => {
    const [before, after] = [points[i - 1], points[i + 1]];
    if (!before || !after) return true;
    return Math.abs(before.x - point.x) > 0.01 || Math.abs(after.x - point.x) > 0.01;
  });
}
