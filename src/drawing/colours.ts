import type { TensorPicture } from './displayGraph';

/**
 * Orange for positive and blue for negative around a neutral zero, which red-green blindness leaves apart. These two
 * are fixed: a theme's own orange and blue promise no such thing. All other colours are the theme's.
 */
export interface SignColours {
  readonly positive: string;
  readonly negative: string;
  readonly zero: string;
  /** Marks of NaN and infinities: on `zero`, and on the full colours. */
  readonly mark: string;
}

export const signColours: Readonly<Record<'light' | 'dark' | 'contrast' | 'contrastLight', SignColours>> = {
  light: { positive: '#d9650b', negative: '#1268b3', zero: '#eceef1', mark: '#1b1b1b' },
  dark: { positive: '#ff9a3c', negative: '#58abff', zero: '#303339', mark: '#ffffff' },
  contrast: { positive: '#ffa733', negative: '#66b8ff', zero: '#1c1c1c', mark: '#ffffff' },
  contrastLight: { positive: '#a84300', negative: '#004f99', zero: '#f2f2f2', mark: '#000000' },
};

/** Outliers above this share of the sizes do not stretch the scale. */
const trimmedShare = 0.98;

/** The size that gets the full colour: nearly the largest finite one, and never 0. */
export function colourScale(values: readonly number[]): number {
  const sizes = values
    .map(Math.abs)
    .filter(size => size > 0 && Number.isFinite(size))
    .sort((a, b) => a - b);
  return sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * trimmedShare))] ?? 1;
}

export type Cell =
  | { readonly kind: 'number'; readonly sign: -1 | 0 | 1; readonly strength: number }
  | { readonly kind: 'nan' }
  | { readonly kind: 'infinite'; readonly sign: -1 | 1 };

/** How each element of a picture is drawn, row by row. */
export function cellsOf(picture: TensorPicture): Cell[] {
  const scale = colourScale(picture.values);
  return picture.values.map(value => {
    if (Number.isNaN(value)) return { kind: 'nan' };
    if (!Number.isFinite(value)) return { kind: 'infinite', sign: value > 0 ? 1 : -1 };
    // a square root lets small entries be seen beside large ones
    const strength = Math.sqrt(Math.min(1, Math.abs(value) / scale));
    return { kind: 'number', sign: value > 0 ? 1 : value < 0 ? -1 : 0, strength };
  });
}
