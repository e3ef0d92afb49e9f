import { convertIndexedToRgb, type DecodedPng, decode as decodePng } from 'fast-png';
import { decode as decodeJpeg } from 'jpeg-js';
import type { TensorData } from '../graph/types';

/** What the first bytes of a picture tell. */
export interface PictureHeader {
  readonly format: 'PNG' | 'JPEG';
  readonly width: number;
  readonly height: number;
  readonly grey: boolean;
}

/** Bytes of a file that hold its header, but for pictures with long texts in front. */
export const HEADER_BYTES = 64 * 1024;
/** Pixels of a picture; more would fill memory, and are a mistake. */
const MOST_PIXELS = 1e8;

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Size and kind of a PNG or JPEG picture, by its bytes and not its name; undefined for anything else. */
export function readPictureHeader(bytes: Uint8Array): PictureHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = PNG_SIGNATURE.every((byte, i) => bytes[i] === byte) ? pngHeader(view) : jpegHeader(view);
  const pixels = header ? header.width * header.height : 0;
  return pixels > 0 && pixels <= MOST_PIXELS ? header : undefined;
}

function pngHeader(view: DataView): PictureHeader | undefined {
  if (view.byteLength < 26) return undefined;
  const colour = view.getUint8(25);
  return {
    format: 'PNG',
    width: view.getUint32(16),
    height: view.getUint32(20),
    grey: colour === 0 || colour === 4,
  };
}

/** Goes from marker to marker until the one that starts the frame, which holds the size. */
function jpegHeader(view: DataView): PictureHeader | undefined {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 10 <= view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      const grey = view.getUint8(at + 9) === 1;
      return { format: 'JPEG', width: view.getUint16(at + 7), height: view.getUint16(at + 5), grey };
    }
    // A marker may be preceded by any number of fill bytes.
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/**
 * Writes a picture's values, 0 to 255, to `to[at]` and after, channel by channel: `[channels, height, width]`. Transparency
 * is left out; 16 bits a channel become 8; a grey picture fills all three channels.
 *
 * Throws an `Error` of the decoder, or a `RangeError` when the picture has another size than `width` by `height`.
 */
export function writePicture(
  bytes: Uint8Array,
  channels: 1 | 3,
  { width, height }: { readonly width: number; readonly height: number },
  to: TensorData,
  at: number,
): void {
  const header = readPictureHeader(bytes);
  if (header?.width !== width || header.height !== height)
    throw new RangeError('the size of the picture has changed');
  const picture = header.format === 'PNG' ? pngPixels(bytes) : jpegPixels(bytes);
  const pixels = width * height;
  if (picture.data.length < pixels * picture.stride) throw new RangeError('the picture is incomplete');
  const colours = picture.stride >= 3;
  if (channels === 1 && colours && !header.grey) throw new RangeError('the picture has become coloured');
  for (let channel = 0; channel < channels; channel++) {
    const offset = colours ? channel : 0;
    const start = at + channel * pixels;
    for (let i = 0; i < pixels; i++) to[start + i] = picture.data[i * picture.stride + offset]!;
  }
}

/** Values of 8 bits, `stride` of them a pixel, the colours or the grey first. */
interface Pixels {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly stride: number;
}

function pngPixels(bytes: Uint8Array): Pixels {
  const png = decodePng(bytes);
  const { data, depth, channels, palette } = png;
  if (palette) return { data: convertIndexedToRgb(png), stride: palette[0]?.length ?? 3 };
  if (depth < 8) return { data: unpacked(png), stride: 1 };
  return {
    data: data instanceof Uint16Array ? Uint8Array.from(data, value => value >> 8) : data,
    stride: channels,
  };
}

/** Grey values of 1, 2 or 4 bits, which lie side by side in the bytes of a row, spread over 0 to 255. */
function unpacked({ data, depth, width, height }: DecodedPng): Uint8Array {
  const values = new Uint8Array(width * height);
  const rowBytes = Math.ceil((width * depth) / 8);
  const most = 2 ** depth - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const byte = data[y * rowBytes + (bit >> 3)]!;
      values[y * width + x] = (((byte >> (8 - depth - (bit & 7))) & most) * 255) / most;
    }
  }
  return values;
}

function jpegPixels(bytes: Uint8Array): Pixels {
  const { data } = decodeJpeg(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: MOST_PIXELS / 1e6,
    maxMemoryUsageInMB: 2048,
  });
  return { data, stride: 3 };
}
