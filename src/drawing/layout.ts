import { type BoxLayout, layoutBox, type Members } from './boxes';

/** Where everything is drawn: the entry to our layered layout, in and out as plain data for a worker. */

export interface LayoutNode {
  readonly key: string;
  readonly width: number;
  readonly height: number;
  /** Key of the box around it. */
  readonly parent?: string;
}

export interface LayoutEdge {
  readonly key: string;
  readonly from: string;
  readonly to: string;
}

export type Direction = 'down' | 'right';

export interface LayoutRequest {
  readonly nodes: readonly LayoutNode[];
  readonly edges: readonly LayoutEdge[];
  readonly boxes: readonly { readonly key: string; readonly parent?: string }[];
  /** Width by height of the panel, which decides the direction of flow. */
  readonly aspect: number;
  /** An earlier picture of the same model: what survives keeps its direction and order. */
  readonly previous?: {
    readonly direction: Direction;
    readonly centres: ReadonlyMap<string, Point>;
  };
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedNode extends Point {
  readonly key: string;
  readonly width: number;
  readonly height: number;
}

/** Centres and sizes; the picture's upper left corner is 0, 0. */
export interface Layout {
  readonly direction: Direction;
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly boxes: readonly PlacedNode[];
  readonly edges: readonly RoutedEdge[];
}

/** Corners of the way from the border of one node to that of the other; `curves` rounds them. */
export interface RoutedEdge {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly points: readonly Point[];
}

/** Above this many nodes only one direction is tried. */
const tryBothBelow = 600;
/** A picture turns only when that makes it this much larger on screen. */
const reluctance = { first: 1.1, again: 1.5 };

export function layoutGraph(request: LayoutRequest): Layout {
  const before = request.previous?.direction;
  const preferred = before ?? 'down';
  const layout = layoutTowards(request, preferred);
  if (request.nodes.length > tryBothBelow) return layout;
  const other = layoutTowards(request, preferred === 'down' ? 'right' : 'down');
  const gain = scale(other, request.aspect) / scale(layout, request.aspect);
  return gain > (before ? reluctance.again : reluctance.first) ? other : layout;
}

/** How large the picture can be drawn in a panel of height 1. */
function scale({ width, height }: Layout, aspect: number): number {
  return Math.min(aspect / Math.max(width, 1), 1 / Math.max(height, 1));
}

function layoutTowards(request: LayoutRequest, direction: Direction): Layout {
  const turned = direction === 'right';
  const turn = ({ x, y }: Point): Point => (turned ? { x: y, y: x } : { x, y });
  const size = (width: number, height: number): [number, number] =>
    turned ? [height, width] : [width, height];
  const centre = (key: string) => {
    // turning the picture starts afresh
    const point = request.previous?.direction === direction && request.previous.centres.get(key);
    return point ? turn(point).x : Number.NaN;
  };
  const members: Members = new Map([[undefined, { nodes: [], boxes: [] }]]);
  for (const { key } of request.boxes) members.set(key, { nodes: [], boxes: [] });
  for (const box of request.boxes) members.get(box.parent)?.boxes.push(box.key);
  for (const { key, width, height, parent } of request.nodes) {
    const [across, along] = size(width, height);
    const node = { key, across, along, before: centre(key) };
    (members.get(parent) ?? members.get(undefined))?.nodes.push(node);
  }
  const root = layoutBox(undefined, members, request, turned, centre);
  const routes = new Map<string, Point[]>();
  const nodes: PlacedNode[] = [];
  const boxes: PlacedNode[] = [];
  collect(root, 0, 0);
  const [width, height] = size(root.across, root.along);
  return {
    direction,
    width,
    height,
    nodes,
    boxes,
    edges: request.edges.flatMap(({ key, from, to }) => {
      const points = routes.get(key);
      return points ? [{ key, from, to, points }] : [];
    }),
  };

  /** From coordinates inside each box to those of the picture. */
  function collect(box: BoxLayout, across: number, along: number): void {
    for (const placed of box.nodes) {
      const [width, height] = size(placed.across, placed.along);
      nodes.push({ key: placed.key, width, height, ...turn({ x: across + placed.x, y: along + placed.y }) });
    }
    for (const { edges, points } of box.routes) {
      const moved = points.map(point => turn({ x: across + point.x, y: along + point.y }));
      for (const edge of edges) {
        const known = routes.get(edge);
        if (known) joinRoutes(known, moved);
        else routes.set(edge, [...moved]);
      }
    }
    for (const { key, layout, x, y } of box.boxes) {
      const [width, height] = size(layout.across, layout.along);
      boxes.push({ key, width, height, ...turn({ x: across + x, y: along + y }) });
      collect(layout, across + x - layout.across / 2, along + y - layout.along / 2);
    }
  }
}

/** Pieces in different boxes meet at a border; those outside come first. */
function joinRoutes(route: Point[], piece: readonly Point[]): void {
  const first = route[0]!;
  const last = piece.at(-1)!;
  if (Math.hypot(first.x - last.x, first.y - last.y) < 0.01) route.unshift(...piece.slice(0, -1));
  else route.push(...piece.slice(1));
}
