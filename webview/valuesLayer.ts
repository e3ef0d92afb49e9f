import type { CardItem, CardText } from '../src/drawing/card';
import { isPill, titleOf } from '../src/drawing/card';
import { traceCurve } from '../src/drawing/curves';
import { element } from './dom';
import { drawPicture } from './heatMap';
import { type Palette, signColour } from './painting';
import type { Scene, SceneEdge, SceneNode, SceneValues } from './scene';
import type { Viewport } from './state';

/**
 * Values are painted on two canvases of our own, below and above cytoscape's, because restyling its elements costs
 * ten times a frame. Below: the gradient's bands along edges. Above: what the cards say, and numbers beside edges.
 */
export class ValuesLayer {
  readonly below = element('canvas', { class: 'layer', attributes: { 'aria-hidden': 'true' } });
  readonly above = element('canvas', { class: 'layer layer-above', attributes: { 'aria-hidden': 'true' } });
  private readonly widths = new Map<string, string>();
  private width = 0;
  private height = 0;

  constructor(private palette: Palette) {}

  recolour(palette: Palette): void {
    this.palette = palette;
    this.widths.clear();
  }

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
    for (const canvas of [this.below, this.above]) {
      canvas.width = Math.round(width * window.devicePixelRatio);
      canvas.height = Math.round(height * window.devicePixelRatio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
  }

  /** `flow` is the phase of the dashes that run forward while a training is going on; absent otherwise. */
  paint(
    scene: Scene,
    values: SceneValues,
    viewport: Viewport,
    cursor: string | undefined,
    flow?: number,
  ): void {
    const below = this.begin(this.below, viewport);
    const above = this.begin(this.above, viewport);
    const seen = this.seenThrough(viewport);
    for (const edge of scene.edges) {
      if (!seen.edge(edge)) continue;
      const band = values.bands.get(edge.key);
      if (band) this.paintBand(below, edge, band.width, band.sign);
      if (flow !== undefined) this.paintFlow(below, edge, flow);
    }
    const legible = viewport.zoom >= 0.5;
    for (const each of scene.nodes) {
      if (!seen.box(each.placed)) continue;
      if (legible) this.paintCard(above, each, values.cards.get(each.node.key) ?? []);
      else this.paintTitle(above, each, viewport.zoom);
      if (each.node.key === cursor) this.paintCursor(above, each);
    }
    if (!legible) return;
    for (const { box, placed } of scene.boxes) {
      above.fillStyle = this.palette.muted;
      above.font = `600 11px ${this.palette.fonts.text}`;
      above.textAlign = 'left';
      above.fillText(
        `▾ ${box.group.label}`,
        placed.x - placed.width / 2 + 10,
        placed.y - placed.height / 2 + 17,
      );
    }
    for (const edge of scene.edges) {
      const band = values.bands.get(edge.key);
      if (band && edge.label && seen.edge(edge)) this.paintNumber(above, edge, band.text, band.sign);
    }
  }

  clear(): void {
    for (const canvas of [this.below, this.above]) {
      canvas.getContext('2d')!.clearRect(0, 0, canvas.width, canvas.height);
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
      box: ({ x, y, width, height }: SceneNode['placed']) =>
        crosses(x - width / 2, y - height / 2, x + width / 2, y + height / 2),
      edge: ({ curve: { start, controls, end } }: SceneEdge) => {
        let [x0, y0] = [Math.min(start.x, end.x), Math.min(start.y, end.y)];
        let [x1, y1] = [Math.max(start.x, end.x), Math.max(start.y, end.y)];
        for (const { x, y } of controls) {
          [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x), Math.max(y1, y)];
        }
        return crosses(x0 - 30, y0 - 10, x1 + 30, y1 + 10);
      },
    };
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
    context.lineWidth = 4;
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

  private paintCard(
    context: CanvasRenderingContext2D,
    { placed: { x, y, width, height } }: SceneNode,
    items: readonly CardItem[],
  ): void {
    const [left, top] = [x - width / 2, y - height / 2];
    context.translate(left, top);
    for (const item of items) {
      if (item.kind === 'header') {
        context.globalAlpha = this.palette.contrast ? 0.28 : 0.16;
        context.fillStyle = this.palette.roles[item.role];
        context.beginPath();
        context.roundRect(0, 0, width, item.height, [6, 6, 0, 0]);
        context.fill();
        context.globalAlpha = 1;
      } else if (item.kind === 'picture') {
        drawPicture(context, item.picture, item, this.palette);
      } else this.paintText(context, item);
    }
    context.translate(-left, -top);
  }

  private paintText(context: CanvasRenderingContext2D, item: CardText): void {
    const { fonts, ink, muted, signs } = this.palette;
    const styles = {
      title: `600 12px ${fonts.text}`,
      tag: `10px ${fonts.text}`,
      small: `10px ${fonts.number}`,
      number: `11.5px ${fonts.number}`,
    };
    const tones = { ink, muted, positive: signs.positive, negative: signs.negative };
    context.font = styles[item.font];
    context.textAlign = item.align;
    context.fillStyle = tones[item.tone];
    context.fillText(this.fit(context, item.text, item.width), item.x, item.y);
  }

  /** Far away a card is its name, as large as it gets. */
  private paintTitle(
    context: CanvasRenderingContext2D,
    { node, placed: { x, y, width, height } }: SceneNode,
    zoom: number,
  ): void {
    const size = Math.min(isPill(node) ? 14 : 26, 9.5 / zoom, height * 0.6);
    if (size * zoom < 4) return;
    context.font = `600 ${size}px ${this.palette.fonts.text}`;
    context.textAlign = 'center';
    context.fillStyle = this.palette.ink;
    context.fillText(this.fit(context, titleOf(node), width - 10), x, y + size * 0.36);
  }

  private paintCursor(
    context: CanvasRenderingContext2D,
    { node, placed: { x, y, width, height } }: SceneNode,
  ): void {
    context.strokeStyle = this.palette.focus;
    context.lineWidth = 1.5;
    context.setLineDash([3, 2]);
    context.beginPath();
    const radius = isPill(node) ? height / 2 + 5 : 10;
    context.roundRect(x - width / 2 - 5, y - height / 2 - 5, width + 10, height + 10, radius);
    context.stroke();
    context.setLineDash([]);
  }

  /** Cut in the middle, since long names differ at both ends. */
  private fit(context: CanvasRenderingContext2D, text: string, width: number): string {
    if (context.measureText(text).width <= width) return text;
    const id = `${context.font} ${width} ${text}`;
    let fitted = this.widths.get(id);
    if (fitted !== undefined) return fitted;
    const characters = Array.from(text);
    fitted = '…';
    for (let kept = characters.length - 1; kept > 0; kept--) {
      const head = Math.ceil(kept / 2);
      const candidate = `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (kept - head)).join('')}`;
      if (context.measureText(candidate).width > width) continue;
      fitted = candidate;
      break;
    }
    if (this.widths.size > 5000) this.widths.clear();
    this.widths.set(id, fitted);
    return fitted;
  }
}
