import type { DisplayNode, NodeValues, TensorPicture, TensorSummary } from './displayGraph';
import { formatNumber } from './numbers';
import type { VisibleNode } from './visible';

/** What a node shows and where, in pixels from its upper left corner: one description for canvas and SVG. */

export type CardItem =
  | { readonly kind: 'header'; readonly height: number; readonly role: DisplayNode['role'] }
  | CardText
  | {
      readonly kind: 'picture';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly picture: TensorPicture;
    };

export interface CardText {
  readonly kind: 'text';
  readonly text: string;
  readonly font: 'title' | 'tag' | 'small' | 'number';
  readonly tone: 'ink' | 'muted' | 'positive' | 'negative';
  readonly align: 'left' | 'right' | 'center';
  readonly x: number;
  /** Of the text's baseline. */
  readonly y: number;
  readonly width: number;
}

export interface CardSize {
  readonly width: number;
  readonly height: number;
}

/** What the size of cards depends on besides the node; it must not change while values do. */
export interface CardContent {
  /** Whether there are values to show at all. */
  readonly values: boolean;
  readonly gradients: boolean;
}

const header = 23;
const padding = 9;
const pill = 24;
const scalarRow = 17;
const picture = { height: 34, smallest: 118 };
const widest = 250;
/** Width per character at the sizes of the style sheet, for layout without a screen. */
const characterWidth = { title: 7.3, tag: 5.9, small: 6.1, number: 7 };

export function cardSize(node: VisibleNode, content: CardContent): CardSize {
  if (isPill(node)) {
    const text = node.node.name ?? '';
    return {
      width: clampWidth(textWidth(text, 'title') + 2 * padding + 4, node.ghost ? 44 : 66),
      height: pill,
    };
  }
  const heading = textWidth(titleOf(node), 'title') + textWidth(tagOf(node), 'tag') + 2 * padding + 14;
  const rows = 1 + (hasGradient(node, content) ? 1 : 0);
  if (node.node.outline) {
    const below = textWidth(outlineText(node), 'small') + 2 * padding;
    return { width: clampWidth(Math.max(heading, below), 72), height: header + 20 };
  }
  if (!content.values) {
    return { width: clampWidth(Math.max(heading, shapeWidth(node)), 72), height: header + 20 };
  }
  if (isScalarNode(node)) return { width: clampWidth(heading, 94), height: header + 6 + rows * scalarRow };
  return {
    width: clampWidth(Math.max(heading, shapeWidth(node)), rows * picture.smallest * (rows > 1 ? 0.7 : 0.62)),
    height: header + 18 + picture.height + 18,
  };
}

export function cardItems(node: VisibleNode, values: NodeValues | undefined, size: CardSize): CardItem[] {
  const { width, height } = size;
  const inner = width - 2 * padding;
  if (isPill(node)) {
    const text = pillText(node, values?.value);
    return [
      { kind: 'text', text, font: 'title', tone: 'ink', align: 'center', x: width / 2, y: 16, width: inner },
    ];
  }
  const title = titleOf(node);
  const tag = tagOf(node);
  const tagWidth = textWidth(tag, 'tag');
  const outline = node.node.outline === true;
  const items: CardItem[] = [
    ...(outline ? [] : [{ kind: 'header', height: header, role: node.node.role } as const]),
    {
      kind: 'text',
      text: title,
      font: 'title',
      tone: outline ? 'muted' : 'ink',
      align: 'left',
      x: padding,
      y: 16,
      width: inner - tagWidth - 6,
    },
    {
      kind: 'text',
      text: tag,
      font: 'tag',
      tone: 'muted',
      align: 'right',
      x: width - padding,
      y: 15.5,
      width: inner,
    },
  ];
  if (isScalarNode(node) && !outline) {
    if (values) items.push(...scalarRows(values, width));
    return items;
  }
  items.push({
    kind: 'text',
    text: outline ? outlineText(node) : node.node.shape,
    font: 'small',
    tone: 'muted',
    align: 'left',
    x: padding,
    y: header + 13.5,
    width: inner,
  });
  if (values && !outline) items.push(...pictures(values, width, height));
  return items;
}

export function isPill({ node, ghost, group }: VisibleNode): boolean {
  return ghost || (node.role === 'constant' && node.name === undefined && group === undefined);
}

/** A closed group goes by the name its result is bound to, a branch not taken by what it is. */
export function titleOf({ node, group }: VisibleNode): string {
  if (group?.outline) return group.label;
  return group ? (node.name ?? group.label) : titleOfNode(node);
}

export function titleOfNode({ name, op }: DisplayNode): string {
  return name ?? signOf(op);
}

/** Operators as they are printed, not as they are typed. */
function signOf(op: string): string {
  return { '*': '×', '-': '−', '/': '÷' }[op] ?? op;
}

/** How much of a card's right upper corner the second word takes: a click there opens a closed group. */
export function tagWidth(node: VisibleNode): number {
  return textWidth(tagOf(node), 'tag') + padding + 4;
}

/** The second word on a card; an unnamed op has said it all in its title. */
export function tagOf({ node, group, hidden }: VisibleNode): string {
  if (group) return node.name === undefined || group.outline ? `▸ ${hidden}` : `${group.label} ▸ ${hidden}`;
  if (node.role === 'parameter') return 'param';
  if (node.role === 'operation') return node.name === undefined ? '' : signOf(node.op);
  return node.role === 'constant' ? 'const' : node.role;
}

function pillText({ node }: VisibleNode, value: TensorSummary | undefined): string {
  if (node.name !== undefined) return node.name;
  const number = value?.elements?.length === 1 ? value.elements[0] : undefined;
  return number === undefined ? node.op : formatNumber(number);
}

function scalarRows({ value, gradient }: NodeValues, width: number): CardItem[] {
  const row = (mark: string, summary: TensorSummary, y: number, signed: boolean): CardItem[] => {
    const number = summary.elements?.[0] ?? summary.mean;
    const tone = !signed || number === 0 ? 'ink' : number > 0 ? 'positive' : 'negative';
    const text = summary.dtype === 'bool' ? String(number !== 0) : formatNumber(number);
    return [
      {
        kind: 'text',
        text: mark,
        font: 'small',
        tone: 'muted',
        align: 'left',
        x: padding,
        y,
        width: 20,
      },
      {
        kind: 'text',
        text,
        font: 'number',
        tone,
        align: 'right',
        x: width - padding,
        y,
        width: width - 2 * padding - 12,
      },
    ];
  };
  const first = header + scalarRow;
  return [...row('=', value, first, false), ...(gradient ? row('∂', gradient, first + scalarRow, true) : [])];
}

function pictures({ value, gradient }: NodeValues, width: number, height: number): CardItem[] {
  const both = gradient !== undefined;
  const gap = 8;
  const column = both ? (width - 2 * padding - gap) / 2 : width - 2 * padding;
  const show = (summary: TensorSummary, x: number, mark: string): CardItem[] => [
    ...(summary.picture
      ? [
          {
            kind: 'picture' as const,
            x,
            y: header + 18,
            width: column,
            height: picture.height,
            picture: summary.picture,
          },
        ]
      : []),
    {
      kind: 'text',
      text: `${mark}${formatNumber(summary.norm)}`,
      font: 'small',
      tone: 'muted',
      align: 'left',
      x,
      y: height - 6,
      width: column,
    },
  ];
  return [...show(value, padding, '‖ '), ...(gradient ? show(gradient, padding + column + gap, '∂ ') : [])];
}

/** What a branch not taken would make; for a node inside, its shape, which is all that is known of it. */
function outlineText({ node, group }: VisibleNode): string {
  return group?.outline?.names || node.shape;
}

function isScalarNode({ node }: VisibleNode): boolean {
  return node.shape === '[]';
}

function hasGradient({ node }: VisibleNode, { gradients }: CardContent): boolean {
  return gradients && node.dtype === 'float';
}

function shapeWidth({ node }: VisibleNode): number {
  return textWidth(node.shape, 'small') + 2 * padding;
}

function textWidth(text: string, font: keyof typeof characterWidth): number {
  return Array.from(text).length * characterWidth[font];
}

function clampWidth(width: number, smallest: number): number {
  return Math.round(Math.min(widest, Math.max(smallest, width)));
}
