import { cellsOf } from '../src/drawing/colours';
import type { TensorPicture } from '../src/drawing/displayGraph';
import { pictureFrame } from '../src/drawing/picture';
import { mix, type Palette } from './painting';

/** Tensor pictures on canvases. One pixel an element, made once and enlarged when drawn; marks come on top. */

const bitmaps = new WeakMap<
  TensorPicture,
  { readonly palette: Palette; readonly bitmap: HTMLCanvasElement }
>();
/** Marks of NaN and infinities need this much room; below it only their colours are left. */
const smallestMark = 3;

export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Draws it into the frame, to the left and vertically centred. */
export function drawPicture(
  context: CanvasRenderingContext2D,
  picture: TensorPicture,
  frame: Frame,
  palette: Palette,
): void {
  const size = pictureFrame(picture, frame);
  const y = frame.y + (frame.height - size.height) / 2;
  const scale = context.getTransform().a;
  const thin = thinned(picture, size.height * scale, size.width * scale);
  context.imageSmoothingEnabled = false;
  context.drawImage(bitmapOf(thin, palette), frame.x, y, size.width, size.height);
  drawMarks(context, picture, { x: frame.x, y, ...size }, palette);
}

const thinner = new WeakMap<TensorPicture, Map<string, TensorPicture>>();

/** Elements that would be smaller than a pixel are averaged in pairs; drawn as they are, some would go missing. */
function thinned(picture: TensorPicture, height: number, width: number): TensorPicture {
  const byRows = stride(picture.rows, height);
  const byColumns = stride(picture.columns, width);
  if (byRows === 1 && byColumns === 1) return picture;
  const id = `${byRows} ${byColumns}`;
  let known = thinner.get(picture);
  if (!known) thinner.set(picture, (known = new Map()));
  let thin = known.get(id);
  if (!thin) known.set(id, (thin = average(picture, byRows, byColumns)));
  return thin;
}

function stride(count: number, pixels: number): number {
  let size = 1;
  while (count / size > Math.max(1, pixels)) size *= 2;
  return size;
}

function average(picture: TensorPicture, byRows: number, byColumns: number): TensorPicture {
  const rows = Math.ceil(picture.rows / byRows);
  const columns = Math.ceil(picture.columns / byColumns);
  const sums = new Float64Array(rows * columns);
  const counts = new Float64Array(rows * columns);
  picture.values.forEach((value, i) => {
    const row = Math.floor(Math.floor(i / picture.columns) / byRows);
    const place = row * columns + Math.floor((i % picture.columns) / byColumns);
    sums[place]! += value;
    counts[place]!++;
  });
  return { rows, columns, values: Array.from(sums, (sum, i) => sum / counts[i]!) };
}

/** A canvas of its own for the inspector, described for those who cannot see it. */
export function pictureCanvas(
  picture: TensorPicture,
  room: { readonly width: number; readonly height: number },
  palette: Palette,
  description: string,
): HTMLCanvasElement {
  const size = pictureFrame(picture, room);
  const canvas = document.createElement('canvas');
  const density = window.devicePixelRatio;
  canvas.width = Math.ceil(size.width * density);
  canvas.height = Math.ceil(size.height * density);
  canvas.style.width = `${size.width}px`;
  canvas.style.height = `${size.height}px`;
  canvas.className = 'picture';
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', description);
  const context = canvas.getContext('2d')!;
  context.scale(density, density);
  drawPicture(context, picture, { x: 0, y: 0, ...size }, palette);
  return canvas;
}

function bitmapOf(picture: TensorPicture, palette: Palette): HTMLCanvasElement {
  const known = bitmaps.get(picture);
  if (known?.palette === palette) return known.bitmap;
  const bitmap = document.createElement('canvas');
  bitmap.width = picture.columns;
  bitmap.height = picture.rows;
  const context = bitmap.getContext('2d')!;
  const ramp = rampOf(palette);
  const pixels = context.createImageData(picture.columns, picture.rows);
  cellsOf(picture).forEach((cell, i) => {
    const step =
      cell.kind === 'number'
        ? Math.round(cell.sign * cell.strength * rampSteps)
        : cell.kind === 'infinite'
          ? cell.sign * rampSteps
          : 0;
    const [r, g, b] = ramp[step + rampSteps]!;
    pixels.data.set([r, g, b, 255], i * 4);
  });
  context.putImageData(pixels, 0, 0);
  bitmaps.set(picture, { palette, bitmap });
  return bitmap;
}

const rampSteps = 32;
const ramps = new WeakMap<Palette, readonly (readonly [number, number, number])[]>();

/** From full negative over zero to full positive. */
function rampOf(palette: Palette): readonly (readonly [number, number, number])[] {
  let ramp = ramps.get(palette);
  if (ramp) return ramp;
  const { zero, positive, negative } = palette.signs;
  ramp = Array.from({ length: 2 * rampSteps + 1 }, (_, i) => {
    const share = (i - rampSteps) / rampSteps;
    const colour = mix(zero, share < 0 ? negative : positive, Math.abs(share));
    const [r = 0, g = 0, b = 0] = colour.match(/\d+/g)!.map(Number);
    return [r, g, b] as const;
  });
  ramps.set(palette, ramp);
  return ramp;
}

function drawMarks(
  context: CanvasRenderingContext2D,
  picture: TensorPicture,
  frame: Frame,
  palette: Palette,
): void {
  const width = frame.width / picture.columns;
  const height = frame.height / picture.rows;
  if (Math.min(width, height) < smallestMark || picture.values.every(Number.isFinite)) return;
  context.strokeStyle = palette.signs.mark;
  context.fillStyle = palette.signs.mark;
  context.lineWidth = 1;
  picture.values.forEach((value, i) => {
    if (Number.isFinite(value)) return;
    const x = frame.x + (i % picture.columns) * width;
    const y = frame.y + Math.floor(i / picture.columns) * height;
    context.beginPath();
    if (Number.isNaN(value)) {
      context.moveTo(x, y);
      context.lineTo(x + width, y + height);
      context.moveTo(x + width, y);
      context.lineTo(x, y + height);
      context.stroke();
      return;
    }
    const [tip, base] = value > 0 ? [y, y + height] : [y + height, y];
    context.moveTo(x, base);
    context.lineTo(x + width / 2, tip);
    context.lineTo(x + width, base);
    context.fill();
  });
}
