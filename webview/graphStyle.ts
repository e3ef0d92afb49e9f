import type cytoscape from 'cytoscape';
import { isPill } from '../src/drawing/card';
import { outlineDashes } from '../src/drawing/outlines';
import type { Palette } from './painting';
import type { Scene, SceneEdge, SceneNode } from './scene';

/** The part of the picture that values do not change, as cytoscape's elements and style. */

export function sceneElements(scene: Scene): cytoscape.ElementDefinition[] {
  const placed = new Map(scene.nodes.map(each => [each.node.key, each]));
  return [
    ...scene.boxes.map(({ box, placed: { x, y, width, height } }) => ({
      data: { id: box.key, width, height },
      position: { x, y },
      classes: 'box',
      pannable: true,
    })),
    ...scene.nodes.map(({ node, placed: { x, y, width, height } }) => ({
      data: { id: node.key, node: node.node.id, width, height },
      position: { x, y },
      classes: nodeClasses(node),
      pannable: true,
    })),
    ...scene.edges.flatMap(edge => {
      const [from, to] = [placed.get(edge.from), placed.get(edge.to)];
      return from && to ? [edgeElement(edge, from, to)] : [];
    }),
  ];
}

function nodeClasses(node: SceneNode['node']): string {
  return [isPill(node) ? 'pill' : '', node.node.outline ? 'outline' : node.group ? 'group' : ''].join(' ');
}

/** Control points are told to cytoscape as distances from the straight line between both ends. */
function edgeElement({ key, from, to, curve }: SceneEdge, source: SceneNode, target: SceneNode) {
  const { start, controls, end } = curve;
  const [dx, dy] = [end.x - start.x, end.y - start.y];
  const length = Math.hypot(dx, dy) || 1;
  const offset = ({ placed }: SceneNode, x: number, y: number) => `${x - placed.x}px ${y - placed.y}px`;
  return {
    data: {
      id: key,
      source: from,
      target: to,
      start: offset(source, start.x, start.y),
      end: offset(target, end.x, end.y),
      weights: controls.map(({ x, y }) => ((x - start.x) * dx + (y - start.y) * dy) / length ** 2),
      distances: controls.map(({ x, y }) => ((y - start.y) * dx - (x - start.x) * dy) / length),
    },
    classes: `${controls.length > 0 ? 'curved' : 'straight'}${target.node.node.outline ? ' outline' : ''}`,
    pannable: true,
  };
}

type Rule = {
  readonly selector: string;
  readonly style: Readonly<Record<string, string | number | number[]>>;
};

/** Bodies, lines and what the mouse can hit; outlines change with the selection and are painted with the values. */
export function graphStyle(palette: Palette): cytoscape.StylesheetJson {
  const { card, line, ink, muted, contrast } = palette;
  const thin = contrast ? 1.5 : 1.1;
  const rules: Rule[] = [
    {
      selector: 'node',
      style: {
        shape: 'round-rectangle',
        'corner-radius': 6,
        width: 'data(width)',
        height: 'data(height)',
        'background-color': card,
        'z-index-compare': 'manual',
        'z-index': 3,
        'overlay-opacity': 0,
        'border-width': 0,
      },
    },
    { selector: 'node.pill', style: { 'corner-radius': 12 } },
    {
      selector: 'node.group',
      style: {
        'border-width': 1,
        'border-color': line,
        ghost: 'yes',
        'ghost-offset-x': 4,
        'ghost-offset-y': 4,
        'ghost-opacity': 0.7,
      },
    },
    { selector: 'node.outline', style: { 'background-opacity': 0.4 } },
    {
      selector: 'node.box',
      style: { 'corner-radius': 10, 'background-color': ink, 'background-opacity': 0.04, 'z-index': 0 },
    },
    {
      selector: 'edge',
      style: {
        width: thin,
        'line-color': line,
        'target-arrow-shape': 'triangle',
        'target-arrow-color': muted,
        'arrow-scale': 0.95,
        'source-endpoint': 'data(start)',
        'target-endpoint': 'data(end)',
        'z-index-compare': 'manual',
        'z-index': 2,
        'overlay-opacity': 0,
        events: 'no',
      },
    },
    {
      selector: 'edge.outline',
      style: { 'line-style': 'dashed', 'line-dash-pattern': outlineDashes.line, 'line-color': muted },
    },
    { selector: 'edge.straight', style: { 'curve-style': 'straight' } },
    {
      selector: 'edge.curved',
      style: {
        'curve-style': 'unbundled-bezier',
        'edge-distances': 'endpoints',
        'control-point-weights': 'data(weights)',
        'control-point-distances': 'data(distances)',
      },
    },
    {
      selector: 'edge.near',
      style: { width: thin + 0.7, 'line-color': ink, 'target-arrow-color': ink, 'z-index': 2.5 },
    },
  ];
  return rules as cytoscape.StylesheetJson;
}
