import { type CardItem, type CardText, cardItems, isPill } from './card';
import { bandWidth, contributionSign, contributionText, labelPlaces, largestNorm } from './contributions';
import { type Curve, curveOf, type Pen, traceCurve } from './curves';
import type { DisplayGraph, EdgeContribution, GraphValues, NodeValues } from './displayGraph';
import { type Layout, layoutGraph, type PlacedNode } from './layout';
import { outlineDashes } from './outlines';
import { pictureCells, pictureFrame } from './picture';
import { layoutRequest } from './scene';
import { escapeXml, type SvgTheme, svgStyle } from './svgText';
import { type VisibleBox, type VisibleNode, visibleContributions, visibleGraph } from './visible';

export interface GraphSvgOptions {
  readonly values?: GraphValues;
  /** Ids of the groups that are drawn open; all others are one card each. */
  readonly opened?: ReadonlySet<number>;
  readonly theme?: SvgTheme;
  /** Width by height of the page, which decides the direction of flow. */
  readonly aspect?: number;
}

const margin = 24;

/** The graph with its values as one self-contained SVG, for files and terminals. */
export function graphSvg(graph: DisplayGraph, options: GraphSvgOptions = {}): string {
  const visible = visibleGraph(graph, options.opened ?? new Set());
  const layout = layoutGraph(layoutRequest(visible, graph, options.values, options.aspect ?? 1.4));
  const values = new Map(options.values?.nodes.map(each => [each.id, each]));
  const contributions = visibleContributions(visible.edges, options.values?.edges ?? []);
  const nodes = new Map(visible.nodes.map(node => [node.key, node]));
  const boxes = new Map(visible.boxes.map(box => [box.key, box]));
  const body = [
    ...layout.boxes.map(box => boxSvg(box, boxes.get(box.key)!)),
    ...edgesSvg(layout, contributions, key => nodes.get(key)?.node.outline === true),
    ...layout.nodes.map(placed => {
      const node = nodes.get(placed.key)!;
      return nodeSvg(placed, node, values.get(node.node.id), graph.objective === node.node.id);
    }),
    ...labelsSvg(layout, contributions),
  ].join('\n');
  const width = Math.ceil(layout.width + 2 * margin);
  const height = Math.ceil(layout.height + 2 * margin);
  const arrow =
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto">' +
    '<path class="muted" d="M0 0L8 4L0 8Z"/></marker></defs>';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${-margin} ${-margin} ${width} ${height}" role="img">`,
    `${svgStyle(options.theme ?? 'auto')}${arrow}`,
    `<rect class="paper" x="${-margin}" y="${-margin}" width="${width}" height="${height}"/>`,
    body,
    '</svg>',
    '',
  ].join('\n');
}

/** A page around it. */
export function graphHtml(title: string, graph: DisplayGraph, options: GraphSvgOptions = {}): string {
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeXml(title)}</title>
<style>:root{color-scheme:light dark}body{margin:0;background:#fff}svg{max-width:100%;height:auto;display:block;margin:auto}
@media (prefers-color-scheme: dark){body{background:#1e1e1e}}</style>
${graphSvg(graph, options)}</html>
`;
}

function boxSvg({ x, y, width, height }: PlacedNode, { group }: VisibleBox): string {
  const [left, top] = [n(x - width / 2), n(y - height / 2)];
  return (
    `<rect class="line" x="${left}" y="${top}" width="${n(width)}" height="${n(height)}" rx="10" ` +
    `fill="currentColor" fill-opacity=".04" stroke-opacity=".6" stroke-dasharray="5 4"/>` +
    `<text class="tag muted" x="${n(x - width / 2 + 10)}" y="${n(y - height / 2 + 16)}">${escapeXml(group.label)}</text>`
  );
}

function edgesSvg(
  { edges, direction }: Layout,
  contributions: ReadonlyMap<string, EdgeContribution>,
  isOutline: (key: string) => boolean,
): string[] {
  const largest = largestNorm(contributions);
  const bands: string[] = [];
  const lines: string[] = [];
  for (const edge of edges) {
    const path = pathOf(curveOf(edge, direction));
    const contribution = contributions.get(edge.key);
    const width = contribution ? bandWidth(contribution.norm, largest) : 0;
    if (contribution && width > 0) {
      const sign = contributionSign(contribution);
      const band = sign < 0 ? 'band-negative' : sign > 0 ? 'band-positive' : 'line';
      const dash = sign < 0 ? ' stroke-dasharray="7 4"' : '';
      bands.push(
        `<path class="${band}" d="${path}" fill="none" stroke-width="${n(width)}" stroke-opacity=".45"${dash}/>`,
      );
    }
    const dash = isOutline(edge.to) ? dashes(outlineDashes.line) : '';
    lines.push(
      `<path class="line" d="${path}" fill="none" stroke-width="1.2"${dash} marker-end="url(#arrow)"/>`,
    );
  }
  return [...bands, ...lines];
}

function labelsSvg(layout: Layout, contributions: ReadonlyMap<string, EdgeContribution>): string[] {
  const places = labelPlaces(layout);
  return [...contributions.values()].flatMap(contribution => {
    const place = places.get(contribution.id);
    if (!place || contribution.norm === 0) return [];
    const { x, y } = place;
    const text = contributionText(contribution);
    const width = Array.from(text).length * 6.1 + 8;
    const sign = contributionSign(contribution);
    const tone = sign < 0 ? 'negative' : sign > 0 ? 'positive' : 'muted';
    return [
      `<rect class="paper" x="${n(x - width / 2)}" y="${n(y - 7.5)}" width="${n(width)}" height="15" rx="7.5" fill-opacity=".9"/>` +
        `<text class="small ${tone}" text-anchor="middle" x="${n(x)}" y="${n(y + 3.5)}">${escapeXml(text)}</text>`,
    ];
  });
}

function nodeSvg(
  placed: PlacedNode,
  node: VisibleNode,
  values: NodeValues | undefined,
  objective: boolean,
): string {
  const { x, y, width, height } = placed;
  const role = node.node.role;
  const { outline } = node.node;
  const dash = outline ? dashes(outlineDashes.border) : node.ghost ? dashes([4, 3]) : '';
  const radius = isPill(node) ? height / 2 : 6;
  const stack =
    node.group && !outline
      ? `<rect class="card line line-${role}" x="4" y="4" width="${n(width)}" height="${n(height)}" rx="${radius}" stroke-opacity=".6"/>`
      : '';
  const card = `<rect class="card line line-${role}" width="${n(width)}" height="${n(height)}" rx="${n(radius)}" stroke-width="${objective ? 2.5 : 1.2}"${dash}/>`;
  const items = cardItems(node, values, placed).map(item => itemSvg(item, width));
  const reason = node.group?.outline ? `<title>${escapeXml(node.group.outline.reason)}</title>` : '';
  return `<g transform="translate(${n(x - width / 2)} ${n(y - height / 2)})">${reason}${stack}${card}${items.join('')}</g>`;
}

function itemSvg(item: CardItem, width: number): string {
  switch (item.kind) {
    case 'header': {
      const h = item.height;
      const d = `M0 ${h}V6A6 6 0 0 1 6 0H${n(width - 6)}A6 6 0 0 1 ${n(width)} 6V${h}Z`;
      return `<path class="${item.role}" fill-opacity=".13" d="${d}"/>`;
    }
    case 'picture': {
      const frame = pictureFrame(item.picture, item);
      return pictureCells(item.picture, {
        x: item.x,
        y: item.y + (item.height - frame.height) / 2,
        ...frame,
      });
    }
    case 'text':
      return textSvg(item);
  }
}

function textSvg({ text, font, tone, align, x, y, width }: CardText): string {
  const anchor = align === 'left' ? '' : ` text-anchor="${align === 'right' ? 'end' : 'middle'}"`;
  const room = Math.max(2, Math.floor(width / 5.6));
  const characters = Array.from(text);
  const fitted = characters.length > room ? `${characters.slice(0, room - 1).join('')}…` : text;
  return `<text class="${font} ${tone}"${anchor} x="${n(x)}" y="${n(y)}">${escapeXml(fitted)}</text>`;
}

function dashes(lengths: readonly number[]): string {
  return ` stroke-dasharray="${lengths.join(' ')}"`;
}

function pathOf(curve: Curve): string {
  const parts: string[] = [];
  const pen: Pen = {
    moveTo: (x, y) => parts.push(`M${n(x)} ${n(y)}`),
    lineTo: (x, y) => parts.push(`L${n(x)} ${n(y)}`),
    quadraticCurveTo: (cx, cy, x, y) => parts.push(`Q${n(cx)} ${n(cy)} ${n(x)} ${n(y)}`),
  };
  traceCurve(pen, curve);
  return parts.join('');
}

function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}
