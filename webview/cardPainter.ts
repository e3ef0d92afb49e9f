import { type CardItem, type CardText, isPill, titleOf } from '../src/drawing/card';
import { outlineDashes } from '../src/drawing/outlines';
import { drawPicture } from './heatMap';
import type { Palette } from './painting';
import type { SceneNode } from './scene';

/** How much of a card can be read at a zoom: all of it, its name with the value, or its name alone. */
export type Detail = 'full' | 'compact' | 'name';

export function detailAt(zoom: number): Detail {
  return zoom >= 0.74 ? 'full' : zoom >= 0.34 ? 'compact' : 'name';
}

/** What cards say, and their outlines, on a canvas in the picture's own coordinates. */
export class CardPainter {
  private readonly fitted = new Map<string, string>();

  constructor(private readonly palette: Palette) {}

  paint(
    context: CanvasRenderingContext2D,
    { node, placed: { x, y, width, height } }: SceneNode,
    items: readonly CardItem[],
    zoom: number,
  ): void {
    const [left, top] = [x - width / 2, y - height / 2];
    context.translate(left, top);
    const detail = detailAt(zoom);
    if (detail === 'full') this.paintAll(context, items, width);
    else {
      const title = items.find(item => item.kind === 'text');
      const text = title?.text || titleOf(node);
      const rest = isPill(node) || detail === 'name' ? [] : items;
      this.paintLarge(context, text, rest, { width, height }, zoom);
    }
    context.translate(-left, -top);
  }

  outline(
    context: CanvasRenderingContext2D,
    { node, placed: { x, y, width, height } }: SceneNode,
    kind: 'plain' | 'objective' | 'chosen',
    zoom: number,
  ): void {
    const { ink, focus, muted, roles, contrast } = this.palette;
    const { outline, role } = node.node;
    const thinnest = 1 / zoom;
    const thin = contrast ? 1.6 : 1.2;
    context.lineWidth = Math.max(thinnest, kind === 'plain' ? thin : 2.4);
    context.strokeStyle =
      kind === 'chosen' ? focus : kind === 'objective' ? ink : outline ? muted : roles[role];
    context.setLineDash(outline ? outlineDashes.border : node.ghost && kind !== 'chosen' ? [4, 3] : []);
    context.globalAlpha = kind === 'plain' && !contrast ? 0.8 : 1;
    context.beginPath();
    const inset = kind === 'plain' ? 0 : -0.6;
    context.roundRect(
      x - width / 2 + inset,
      y - height / 2 + inset,
      width - 2 * inset,
      height - 2 * inset,
      isPill(node) ? height / 2 : 6,
    );
    context.stroke();
    context.globalAlpha = 1;
    context.setLineDash([]);
  }

  cursor(context: CanvasRenderingContext2D, { node, placed: { x, y, width, height } }: SceneNode): void {
    context.strokeStyle = this.palette.focus;
    context.lineWidth = 1.5;
    context.setLineDash([3, 2]);
    context.beginPath();
    const radius = isPill(node) ? height / 2 + 5 : 10;
    context.roundRect(x - width / 2 - 5, y - height / 2 - 5, width + 10, height + 10, radius);
    context.stroke();
    context.setLineDash([]);
  }

  private paintAll(context: CanvasRenderingContext2D, items: readonly CardItem[], width: number): void {
    for (const item of items) {
      switch (item.kind) {
        case 'header':
          context.globalAlpha = this.palette.contrast ? 0.28 : 0.16;
          context.fillStyle = this.palette.roles[item.role];
          context.beginPath();
          context.roundRect(0, 0, width, item.height, [6, 6, 0, 0]);
          context.fill();
          context.globalAlpha = 1;
          break;
        case 'picture':
          drawPicture(context, item.picture, item, this.palette);
          break;
        case 'text':
          this.paintText(context, item);
      }
    }
  }

  private paintText(context: CanvasRenderingContext2D, item: CardText): void {
    const { fonts } = this.palette;
    const styles = {
      title: `600 12px ${fonts.text}`,
      tag: `10px ${fonts.text}`,
      small: `10px ${fonts.number}`,
      number: `11.5px ${fonts.number}`,
    };
    context.font = styles[item.font];
    context.textAlign = item.align;
    context.fillStyle = this.tone(item.tone);
    context.fillText(this.fit(context, item.text, item.width), item.x, item.y);
  }

  /** Seen from further away: the name as large as it gets, and below it the pictures or the numbers. */
  private paintLarge(
    context: CanvasRenderingContext2D,
    title: string,
    items: readonly CardItem[],
    { width, height }: { readonly width: number; readonly height: number },
    zoom: number,
  ): void {
    const pictures = items.filter(item => item.kind === 'picture');
    const legibleRow = 10.5;
    const room = Math.floor((height * zoom) / legibleRow) - 1;
    const all = items.filter(item => item.kind === 'text').filter(item => item.font === 'number');
    const numbers = all.slice(0, Math.max(1, room));
    const rows = 1 + numbers.length;
    const below = pictures.length > 0 || numbers.length > 0;
    const size = Math.min(26, 10 / zoom, height * (pictures.length > 0 ? 0.32 : 0.8 / rows));
    if (size * zoom < 4) return;
    context.textAlign = 'center';
    context.fillStyle = this.palette.ink;
    // smaller before it is cut; and a number cut short would be another number
    const whole = (width - 8) / (Array.from(title).length * 0.62);
    const smallest = /^[\d.e\u2212]+$/.test(title) ? 0 : size * 0.66;
    context.font = `600 ${Math.min(size, Math.max(whole, smallest))}px ${this.palette.fonts.text}`;
    const middle = pictures.length > 0 ? height * 0.28 : below ? height / 2 / rows + 1.5 : height / 2;
    context.fillText(this.fit(context, title, width - 8), width / 2, middle + size * 0.36);
    if (pictures.length > 0) {
      const gap = 6;
      const top = height * 0.5;
      const column = (width - 2 * 8 - gap * (pictures.length - 1)) / pictures.length;
      pictures.forEach((item, i) => {
        const frame = { x: 8 + i * (column + gap), y: top, width: column, height: height - top - 8 };
        drawPicture(context, item.picture, frame, this.palette);
      });
      return;
    }
    numbers.forEach((item, i) => {
      const mark = item.tone === 'ink' ? '' : '∂ ';
      const text = mark + item.text;
      const largest = (width - 10) / (Array.from(text).length * 0.62);
      const font = Math.min(size * 0.9, largest);
      context.font = `${font}px ${this.palette.fonts.number}`;
      context.fillStyle = this.tone(item.tone);
      context.fillText(text, width / 2, ((i + 1.5) * height) / rows - 1 + font * 0.3);
    });
  }

  private tone(tone: CardText['tone']): string {
    const { ink, muted, signs } = this.palette;
    return { ink, muted, positive: signs.positive, negative: signs.negative }[tone];
  }

  /** Cut in the middle, since long names differ at both ends. */
  private fit(context: CanvasRenderingContext2D, text: string, width: number): string {
    const id = `${context.font} ${Math.round(width)} ${text}`;
    const known = this.fitted.get(id);
    if (known !== undefined) return known;
    let fitted = text;
    const characters = Array.from(text);
    for (let kept = characters.length - 1; kept > 0 && context.measureText(fitted).width > width; kept--) {
      const head = Math.ceil(kept / 2);
      fitted = `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (kept - head)).join('')}`;
    }
    if (this.fitted.size > 5000) this.fitted.clear(); // numbers come and go
    this.fitted.set(id, fitted);
    return fitted;
  }
}
