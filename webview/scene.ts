import { type CardItem, cardItems } from '../src/drawing/card';
import {
  bandWidth,
  contributionSign,
  contributionText,
  labelPlaces,
  largestNorm,
} from '../src/drawing/contributions';
import { type Curve, curveOf } from '../src/drawing/curves';
import type { DisplayGraph, GraphValues } from '../src/drawing/displayGraph';
import type { Layout, PlacedNode, Point } from '../src/drawing/layout';
import {
  type VisibleBox,
  type VisibleGraph,
  type VisibleNode,
  visibleContributions,
} from '../src/drawing/visible';
import { valuesById } from './state';

/** A laid-out picture: what cytoscape draws once, and what the layer of values paints again and again. */
export interface Scene {
  readonly graph: DisplayGraph;
  readonly layout: Layout;
  readonly visible: VisibleGraph;
  readonly nodes: readonly SceneNode[];
  readonly boxes: readonly { readonly box: VisibleBox; readonly placed: PlacedNode }[];
  readonly edges: readonly SceneEdge[];
}

export interface SceneNode {
  readonly node: VisibleNode;
  readonly placed: PlacedNode;
}

export interface SceneEdge {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly curve: Curve;
  /** Where its number goes; absent where there is no room. */
  readonly label?: Point;
}

export function makeScene(graph: DisplayGraph, visible: VisibleGraph, layout: Layout): Scene {
  const nodes = new Map(visible.nodes.map(node => [node.key, node]));
  const boxes = new Map(visible.boxes.map(box => [box.key, box]));
  const labels = labelPlaces(layout);
  return {
    graph,
    layout,
    visible,
    nodes: layout.nodes.map(placed => ({ node: nodes.get(placed.key)!, placed })),
    boxes: layout.boxes.map(placed => ({ box: boxes.get(placed.key)!, placed })),
    edges: layout.edges.map(edge => {
      const label = labels.get(edge.key);
      const { key, from, to } = edge;
      return { key, from, to, curve: curveOf(edge, layout.direction), ...(label ? { label } : {}) };
    }),
  };
}

/** What changes with every step of a training: the contents of cards and the bands along edges. */
export interface SceneValues {
  readonly cards: ReadonlyMap<string, readonly CardItem[]>;
  readonly bands: ReadonlyMap<string, Band>;
}

export interface Band {
  readonly width: number;
  readonly sign: -1 | 0 | 1;
  readonly text: string;
}

export function sceneValues(scene: Scene, values: GraphValues | undefined): SceneValues {
  const byId = valuesById(values);
  const cards = new Map<string, readonly CardItem[]>();
  for (const { node, placed } of scene.nodes) {
    cards.set(node.key, cardItems(node, byId.get(node.node.id), placed));
  }
  const contributions = visibleContributions(scene.visible.edges, values?.edges ?? []);
  const largest = largestNorm(contributions);
  const bands = new Map<string, Band>();
  for (const [key, contribution] of contributions) {
    const width = bandWidth(contribution.norm, largest);
    if (width === 0) continue;
    bands.set(key, { width, sign: contributionSign(contribution), text: contributionText(contribution) });
  }
  return { cards, bands };
}
