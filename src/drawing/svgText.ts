import { type SignColours, signColours } from './colours';

/** What every SVG of ours has in common: escaping, and a style sheet for light and dark. */

export type SvgTheme = 'light' | 'dark' | 'auto';

export function escapeXml(text: string): string {
  // control characters other than tab and line ends are not allowed in XML at all
  const allowed = Array.from(text, each =>
    (each < ' ' && !'\t\n\r'.includes(each)) || each === '\u007f' ? '\ufffd' : each,
  ).join('');
  return allowed
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

interface Paper {
  readonly paper: string;
  readonly card: string;
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly input: string;
  readonly parameter: string;
  readonly operation: string;
  readonly signs: SignColours;
}

const papers: Readonly<Record<'light' | 'dark', Paper>> = {
  light: {
    paper: '#ffffff',
    card: '#ffffff',
    ink: '#1f2328',
    muted: '#656d76',
    line: '#8c959f',
    input: '#1a7f37',
    parameter: '#7a3fc1',
    operation: '#57606a',
    signs: signColours.light,
  },
  dark: {
    paper: '#1e1e1e',
    card: '#252629',
    ink: '#e6e6e6',
    muted: '#9da5b0',
    line: '#7d8590',
    input: '#6cc784',
    parameter: '#c297ff',
    operation: '#9da5b0',
    signs: signColours.dark,
  },
};

/** Colours by class, so that one drawing serves both and `auto` follows the reader's system. */
export function svgStyle(theme: SvgTheme): string {
  const rules =
    theme === 'auto'
      ? `${classes(papers.light)}@media (prefers-color-scheme: dark){${classes(papers.dark)}}`
      : classes(papers[theme]);
  const fonts =
    'text{font:12px system-ui,sans-serif}.number,.small{font-family:ui-monospace,Menlo,Consolas,monospace}' +
    '.title{font-weight:600}.small,.tag{font-size:10px}.number{font-size:11.5px}';
  return `<style>${fonts}${rules}</style>`;
}

function classes({ paper, card, ink, muted, line, input, parameter, operation, signs }: Paper): string {
  const fills = { paper, card, ink, muted, input, parameter, operation, data: input, constant: muted };
  const strokes = { line, 'line-input': input, 'line-data': input, 'line-parameter': parameter };
  return [
    ...Object.entries(fills).map(([name, colour]) => `.${name}{fill:${colour}}`),
    ...Object.entries(strokes).map(([name, colour]) => `.${name}{stroke:${colour}}`),
    `.positive{fill:${signs.positive}}.negative{fill:${signs.negative}}.zero{fill:${signs.zero}}`,
    `.band-positive{stroke:${signs.positive}}.band-negative{stroke:${signs.negative}}`,
    `.mark{stroke:${signs.mark};stroke-width:1;fill:none}.arrow{fill:${signs.mark};fill-opacity:.85}`,
  ].join('');
}
