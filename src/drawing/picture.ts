import { type Cell, cellsOf } from './colours';
import type { TensorPicture } from './displayGraph';
import { type SvgTheme, svgStyle } from './svgText';

/** A tensor as a small picture: a heat map whose NaN and infinities carry marks besides their colours. */

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Square cells where they fit; a narrow tensor is stretched, since its cells would be hairlines. */
export function pictureFrame(picture: TensorPicture, { width, height }: PictureSize): PictureSize {
  const cell = Math.min(width / picture.columns, height / picture.rows);
  return {
    width: Math.min(width, Math.max(cell * picture.columns, width * 0.6)),
    height: Math.min(height, Math.max(cell * picture.rows, height * 0.4)),
  };
}

/** A self-contained SVG. */
export function pictureSvg(picture: TensorPicture, size: PictureSize, theme: SvgTheme = 'auto'): string {
  const frame = pictureFrame(picture, size);
  const body = pictureCells(picture, { x: 0, y: 0, ...frame });
  const box = `width="${round(frame.width)}" height="${round(frame.height)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box} viewBox="0 0 ${round(frame.width)} ${round(frame.height)}">${svgStyle(theme)}${body}</svg>`;
}

/** The cells in a frame, for a picture inside another SVG whose style defines the classes. */
export function pictureCells(
  picture: TensorPicture,
  frame: PictureSize & { readonly x: number; readonly y: number },
): string {
  const width = frame.width / picture.columns;
  const height = frame.height / picture.rows;
  const background = `<rect class="zero" ${place(frame.x, frame.y, frame.width, frame.height)}/>`;
  const cells = cellsOf(picture);
  const marks = cells.map((cell, i) => {
    const x = frame.x + (i % picture.columns) * width;
    const y = frame.y + Math.floor(i / picture.columns) * height;
    return markSvg(cell, x, y, width, height);
  });
  const grid = `transform="translate(${round(frame.x)} ${round(frame.y)}) scale(${fine(width)} ${fine(height)})"`;
  return `${background}<g ${grid} shape-rendering="crispEdges">${numbersSvg(cells, picture.columns)}</g>${marks.join('')}`;
}

/** So many shades of a colour are told apart. */
const shades = 40;

/** One path a shade, in units of cells: a hover that holds two pictures must stay short. */
function numbersSvg(cells: readonly Cell[], columns: number): string {
  const paths = new Map<number, string>();
  const shadeOf = (cell: Cell | undefined) =>
    cell?.kind === 'number' ? cell.sign * Math.ceil(cell.strength * shades) : 0;
  for (let i = 0; i < cells.length; ) {
    const shade = shadeOf(cells[i]);
    const [x, y] = [i % columns, Math.floor(i / columns)];
    let run = 1;
    while (x + run < columns && shadeOf(cells[i + run]) === shade) run++;
    if (shade !== 0) paths.set(shade, `${paths.get(shade) ?? ''}M${x} ${y}h${run}v1h-${run}z`);
    i += run;
  }
  return [...paths]
    .map(([shade, d]) => {
      const tone = shade > 0 ? 'positive' : 'negative';
      return `<path class="${tone}" fill-opacity="${fine(Math.abs(shade) / shades)}" d="${d}"/>`;
    })
    .join('');
}

function markSvg(cell: Cell, x: number, y: number, width: number, height: number): string {
  const box = place(x, y, width, height);
  switch (cell.kind) {
    case 'number':
      return '';
    case 'nan': {
      const [right, bottom] = [round(x + width), round(y + height)];
      const cross = `M${round(x)} ${round(y)}L${right} ${bottom}M${right} ${round(y)}L${round(x)} ${bottom}`;
      return `<path class="mark" d="${cross}"/>`;
    }
    case 'infinite': {
      const [tip, base] = cell.sign > 0 ? [y, y + height] : [y + height, y];
      const triangle = `M${round(x)} ${round(base)}L${round(x + width / 2)} ${round(tip)}L${round(x + width)} ${round(base)}Z`;
      const fill = `<rect class="${cell.sign > 0 ? 'positive' : 'negative'}" ${box}/>`;
      return `${fill}<path class="arrow" d="${triangle}"/>`;
    }
  }
}

function place(x: number, y: number, width: number, height: number): string {
  return `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** For factors, which are multiplied by up to 32. */
function fine(value: number): string {
  return String(Math.round(value * 1e4) / 1e4);
}
