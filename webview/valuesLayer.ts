import { traceCurve } from '../src/drawing/curves';
import type { PlacedNode } from '../src/drawing/layout';
import { CardPainter, detailAt } from './cardPainter';
import { element } from './dom';
import { type Palette, signColour } from './painting';
import type { Scene, SceneEdge, SceneValues } from './scene';
import type { Viewport } from './state';

export interface Highlights {
  /** Keys of the selected node and its copies. */
  readonly selected: ReadonlySet<string>;
  /** Key of the node that the keyboard is at. */
  readonly cursor: string | undefined;
  /** Phase of the dashes that run forward while a training is going on. */
  readonly flow: number | undefined;
}

/**
 * Values are painted on two canvases of our own, below and above cytoscape's, because restyling its elements costs
 * ten times a frame. Below: the gradient's bands along edges. Above: what the cards say, and numbers beside edges.
 */
export class ValuesLayer {
  readonly below = element('canvas', { class: 'layer', attributes: { 'aria-hidden': 'true' } });
  readonly above = element('canvas', { class: 'layer layer-above', attributes: { 'aria-hidden': 'true' } });
  private cards: CardPainter;
  private width = 0;
  private height = 0;
  /** What the upper canvas was painted from. */
  private painted: readonly unknown[] = [];

  constructor(private palette: Palette) {
    this.cards = new CardPainter(palette);
  }

  recolour(palette: Palette): void {
    this.palette = palette;
    this.cards = new CardPainter(palette);
  }

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.painted = []; // resizing empties a canvas
    for (const canvas of [this.below, this.above]) {
      canvas.width = Math.round(width * window.devicePixelRatio);
      canvas.height = Math.round(height * window.devicePixelRatio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
  }

  paint(scene: Scene, values: SceneValues, viewport: Viewport, highlights: Highlights): void {
    const { zoom } = viewport;
    const below = this.begin(this.below, viewport);
    const seen = this.seenThrough(viewport);
    const edges = scene.edges.filter(edge => seen.edge(edge));
    for (const edge of edges) {
      const band = values.bands.get(edge.key);
      if (band) this.paintBand(below, edge, band.width, band.sign);
    }
    if (highlights.flow !== undefined) for (const edge of edges) this.paintFlow(below, edge, highlights.flow);
    // The dashes run on the lower canvas alone; text and pictures above are most of the work.
    const { selected, cursor } = highlights;
    const { x, y } = viewport.pan;
    const content = [scene, values, zoom, x, y, selected, cursor, this.cards];
    if (content.length === this.painted.length && content.every((each, i) => each === this.painted[i]))
      return;
    this.painted = content;
    const above = this.begin(this.above, viewport);
    for (const { box, placed } of scene.boxes)
      if (seen.box(placed)) this.paintBox(above, box.group.label, placed, zoom);
    for (const each of scene.nodes) {
      if (!seen.box(each.placed)) continue;
      this.cards.paint(above, each, values.cards.get(each.node.key) ?? [], zoom);
      const { key, node } = each.node;
      const objective = node.id === scene.graph.objective;
      const kind = selected.has(key) ? 'chosen' : objective ? 'objective' : 'plain';
      this.cards.outline(above, each, kind, zoom);
      if (key === cursor) this.cards.cursor(above, each);
    }
    if (detailAt(zoom) !== 'full') return;
    for (const edge of edges) {
      const band = values.bands.get(edge.key);
      if (band && edge.label) this.paintNumber(above, edge, band.text, band.sign);
    }
  }

  clear(): void {
    this.painted = [];
    for (const canvas of [this.below, this.above]) {
      const context = canvas.getContext('2d')!;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
    }
  }

  private begin(canvas: HTMLCanvasElement, { zoom, pan }: Viewport): CanvasRenderingContext2D {
    const context = canvas.getContext('2d')!;
    const density = window.devicePixelRatio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(density * zoom, 0, 0, density * zoom, density * pan.x, density * pan.y);
    return context;
  }

  private seenThrough({ zoom, pan }: Viewport) {
    const [left, top] = [-pan.x / zoom, -pan.y / zoom];
    const [right, bottom] = [left + this.width / zoom, top + this.height / zoom];
    const crosses = (x0: number, y0: number, x1: number, y1: number) =>
      x1 >= left && x0 <= right && y1 >= top && y0 <= bottom;
    return {
      box: ({ x, y, width, height }: PlacedNode) =>
        crosses(x - width / 2 - 6, y - height / 2 - 6, x + width / 2 + 6, y + height / 2 + 6),
      edge: ({ curve: { start, controls, end } }: SceneEdge) => {
        let [x0, y0] = [Math.min(start.x, end.x), Math.min(start.y, end.y)];
        let [x1, y1] = [Math.max(start.x, end.x), Math.max(start.y, end.y)];
        for (const { x, y } of controls) {
          [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x), Math.max(y1, y)];
        }
        return crosses(x0 - 30, y0 - 10, x1 + 30, y1 + 10); // with its number
      },
    };
  }

  private paintBox(
    context: CanvasRenderingContext2D,
    label: string,
    { x, y, width, height }: PlacedNode,
    zoom: number,
  ): void {
    const [left, top] = [x - width / 2, y - height / 2];
    context.strokeStyle = this.palette.line;
    context.lineWidth = Math.max(1, 0.8 / zoom);
    context.setLineDash([5, 4]);
    context.beginPath();
    context.roundRect(left, top, width, height, 10);
    context.stroke();
    context.setLineDash([]);
    const size = Math.min(17, Math.max(11, 9 / zoom));
    context.fillStyle = this.palette.muted;
    context.font = `600 ${size}px ${this.palette.fonts.text}`;
    context.textAlign = 'left';
    context.fillText(`▾ ${label}`, left + 10, top + 13 + size * 0.36);
  }

  private paintBand(
    context: CanvasRenderingContext2D,
    { curve }: SceneEdge,
    width: number,
    sign: number,
  ): void {
    context.beginPath();
    traceCurve(context, curve);
    context.setLineDash(sign < 0 ? [7, 4] : []);
    context.lineDashOffset = 0;
    context.lineWidth = width;
    context.globalAlpha = this.palette.contrast ? 0.8 : 0.5;
    context.strokeStyle = signColour(sign, this.palette);
    context.stroke();
    context.globalAlpha = 1;
    context.setLineDash([]);
  }

  private paintFlow(context: CanvasRenderingContext2D, { curve }: SceneEdge, phase: number): void {
    context.beginPath();
    traceCurve(context, curve);
    context.setLineDash([2, 14]);
    context.lineDashOffset = -phase;
    context.lineWidth = 3.4;
    context.lineCap = 'round';
    context.strokeStyle = this.palette.ink;
    context.stroke();
    context.setLineDash([]);
    context.lineCap = 'butt';
  }

  private paintNumber(
    context: CanvasRenderingContext2D,
    { label }: SceneEdge,
    text: string,
    sign: number,
  ): void {
    const { x, y } = label!;
    context.font = `10px ${this.palette.fonts.number}`;
    const width = context.measureText(text).width + 8;
    context.globalAlpha = 0.88;
    context.fillStyle = this.palette.background;
    context.beginPath();
    context.roundRect(x - width / 2, y - 7.5, width, 15, 7.5);
    context.fill();
    context.globalAlpha = 1;
    context.fillStyle = signColour(sign, this.palette);
    context.textAlign = 'center';
    context.fillText(text, x, y + 3.5);
  }
}
