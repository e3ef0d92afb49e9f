import { type SignColours, signColours } from '../src/drawing/colours';
import type { DisplayRole } from '../src/drawing/displayGraph';

/** The theme's colours and fonts as canvases need them: opaque, resolved, and read again when the theme changes. */
export interface Palette {
  readonly background: string;
  readonly card: string;
  readonly ink: string;
  readonly muted: string;
  /** Lines of edges and cards. */
  readonly line: string;
  readonly grid: string;
  readonly focus: string;
  readonly error: string;
  readonly roles: Readonly<Record<DisplayRole, string>>;
  /** Of runs in the chart, the active one first. */
  readonly runs: readonly string[];
  readonly signs: SignColours;
  readonly contrast: boolean;
  readonly fonts: { readonly text: string; readonly number: string };
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.body);
  const variable = (...names: string[]) => {
    for (const name of names) {
      const value = style.getPropertyValue(`--vscode-${name}`).trim();
      if (value) return value;
    }
    return style.color;
  };
  const kinds = document.body.classList;
  const contrast = kinds.contains('vscode-high-contrast') || kinds.contains('vscode-high-contrast-light');
  const lightContrast = kinds.contains('vscode-high-contrast-light');
  const light = kinds.contains('vscode-light') || lightContrast;
  const background = opaque(variable('editor-background'), light ? '#ffffff' : '#000000');
  const ink = opaque(variable('editor-foreground', 'foreground'), background);
  const on = (colour: string) => opaque(colour, background);
  const neutral = contrast ? ink : mix(background, ink, 0.62);
  const card = contrast ? background : mix(background, ink, light ? 0.015 : 0.045);
  return {
    background,
    card,
    ink,
    muted: on(contrast ? variable('foreground') : mix(background, ink, 0.68)),
    line: contrast ? on(variable('contrastBorder', 'foreground')) : mix(background, ink, 0.45),
    grid: mix(background, ink, contrast ? 0.3 : 0.12),
    focus: on(variable('focusBorder')),
    error: on(variable('errorForeground')),
    roles: {
      input: on(variable('charts-green')),
      data: on(variable('charts-green')),
      parameter: on(variable('charts-purple')),
      constant: neutral,
      operation: neutral,
      gradient: on(variable('charts-yellow')),
    },
    runs: ['textLink-foreground', 'charts-purple', 'charts-green', 'charts-yellow', 'charts-red'].map(name =>
      on(variable(name)),
    ),
    signs: signColours[lightContrast ? 'contrastLight' : contrast ? 'contrast' : light ? 'light' : 'dark'],
    contrast,
    fonts: {
      text: variable('font-family') || 'sans-serif',
      number: variable('editor-font-family') || 'monospace',
    },
  };
}

/** Calls back when the user changes the colour theme. */
export function onThemeChange(changed: () => void): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
}

type Rgba = readonly [number, number, number, number];

const pixel = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;

/** Any colour that CSS knows. */
function parse(colour: string): Rgba {
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = colour;
  pixel.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0, a = 0] = pixel.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
}

function opaque(colour: string, background: string): string {
  const [r, g, b, a] = parse(colour);
  return mix(background, `rgb(${r}, ${g}, ${b})`, a);
}

/** `share` of the second colour over the first. */
export function mix(first: string, second: string, share: number): string {
  const [a, b] = [parse(first), parse(second)];
  const part = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * share);
  return `rgb(${part(0)}, ${part(1)}, ${part(2)})`;
}

export function signColour(sign: number, palette: Palette): string {
  return sign > 0 ? palette.signs.positive : sign < 0 ? palette.signs.negative : palette.muted;
}
