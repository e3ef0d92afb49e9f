import type { Scene, SceneNode } from './scene';

export type Towards = 'up' | 'down' | 'left' | 'right';

/**
 * The node that an arrow key leads to. Along the flow it follows edges, forwards and back, to the end that lies
 * nearest across it; across the flow it goes to the next node on that side.
 */
export function step(scene: Scene, from: string | undefined, towards: Towards): SceneNode | undefined {
  const at = scene.nodes.find(({ node }) => node.key === from);
  if (!at) {
    const objective = scene.nodes.find(({ node }) => node.node.id === scene.graph.objective);
    return objective ?? scene.nodes[0];
  }
  const turned = scene.layout.direction === 'right';
  const along = (each: SceneNode) => (turned ? each.placed.x : each.placed.y);
  const across = (each: SceneNode) => (turned ? each.placed.y : each.placed.x);
  const forward = turned ? 'right' : 'down';
  const back = turned ? 'left' : 'up';
  if (towards === forward || towards === back) {
    const keys = new Set<string>();
    for (const edge of scene.edges) {
      if (towards === forward && edge.from === from) keys.add(edge.to);
      if (towards === back && edge.to === from) keys.add(edge.from);
    }
    const ends = scene.nodes.filter(({ node }) => keys.has(node.key));
    return nearest(ends, each => Math.abs(across(each) - across(at)));
  }
  const side = towards === 'right' || towards === 'down' ? 1 : -1;
  const beside = scene.nodes.filter(each => (across(each) - across(at)) * side > 1);
  return nearest(beside, each => Math.abs(across(each) - across(at)) + 3 * Math.abs(along(each) - along(at)));
}

function nearest(nodes: readonly SceneNode[], distance: (node: SceneNode) => number): SceneNode | undefined {
  let best: SceneNode | undefined;
  for (const node of nodes) if (!best || distance(node) < distance(best)) best = node;
  return best;
}
