import { cardSize } from './card';
import type { DisplayGraph, GraphValues } from './displayGraph';
import type { LayoutRequest } from './layout';
import type { VisibleGraph } from './visible';

/** The layout's view of a visible graph. */
export function layoutRequest(
  visible: VisibleGraph,
  graph: DisplayGraph,
  values: GraphValues | undefined,
  aspect: number,
  previous?: LayoutRequest['previous'],
): LayoutRequest {
  const content = { values: values !== undefined, gradients: graph.objective !== undefined };
  return {
    nodes: visible.nodes.map(node => ({ key: node.key, ...cardSize(node, content), ...parent(node) })),
    edges: visible.edges.map(({ key, from, to }) => ({ key, from, to })),
    boxes: visible.boxes.map(box => ({ key: box.key, ...parent(box) })),
    aspect,
    ...(previous ? { previous } : {}),
  };
}

function parent({ parent: key }: { readonly parent?: string }): { readonly parent?: string } {
  return key === undefined ? {} : { parent: key };
}
