import type { TensorSummary } from './displayGraph';

/** Numbers as people read them: four significant digits, a true minus sign, no trailing zeros. */

const minus = '\u2212';
const digits = 4;

/** `0.7311`, `−3`, `1.5e−7`, `NaN`, `−∞`. Whole numbers below a million are written out. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${minus}∞`;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return withMinus(String(value));
  if (size >= 1e5 || size < 1e-4) return exponential(value);
  return withMinus(trimZeros(value.toPrecision(digits)));
}

/** With a sign in front whatever it is, since a contribution is told by its sign first: `+0.39`, `−0.2`, `0`. */
export function formatSigned(value: number): string {
  return value > 0 ? `+${formatNumber(value)}` : formatNumber(value);
}

export function formatShare(share: number): string {
  if (share > 0 && share < 0.01) return '<1\u2009%';
  if (share < 1 && share > 0.99) return '>99\u2009%';
  return `${Math.round(share * 100)}\u2009%`;
}

/** `850 ms`, `12.3 s`, `2 min 05 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

export function isScalar(summary: TensorSummary): boolean {
  return summary.shape.length === 0;
}

/** The tensor itself when it fits into `limit` characters, else its statistics. */
export function formatTensor(summary: TensorSummary, limit = 120): string {
  const { elements, shape } = summary;
  if (elements) {
    const texts = elements.map(value => formatElement(value, summary.dtype));
    const text = nest(texts, shape);
    if (text.length <= limit) return text;
  }
  return formatStatistics(summary);
}

/** `mean 3.46 ± 1.97, 0.1 … 7.9, 12 % zeros, 3 NaN`, of the finite elements. */
export function formatStatistics(summary: TensorSummary): string {
  const { min, max, std, zeros, nans, infinities } = summary;
  // what the rounding of a sum leaves over is no mean
  const mean = Math.abs(summary.mean) < std * 1e-12 ? 0 : summary.mean;
  const parts = [
    `mean ${formatNumber(mean)} ± ${formatNumber(std)}`,
    `${formatNumber(min)} … ${formatNumber(max)}`,
  ];
  if (zeros > 0) parts.push(`${formatShare(zeros)} zeros`);
  if (nans > 0) parts.push(`${nans} NaN`);
  if (infinities > 0) parts.push(`${infinities} infinite`);
  return parts.join(', ');
}

/** `[150, 4]`; a scalar has the empty shape. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

function formatElement(value: number, dtype: TensorSummary['dtype']): string {
  return dtype === 'bool' ? String(value !== 0) : formatNumber(value);
}

function nest(texts: readonly string[], shape: readonly number[]): string {
  const [size, ...rest] = shape;
  if (size === undefined) return texts[0] ?? '';
  const stride = rest.reduce((product, each) => product * each, 1);
  const parts = Array.from({ length: size }, (_, i) => nest(texts.slice(i * stride, (i + 1) * stride), rest));
  return `[${parts.join(', ')}]`;
}

function exponential(value: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential(digits - 1).split('e');
  return withMinus(`${trimZeros(mantissa)}e${exponent.replace('+', '')}`);
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function withMinus(text: string): string {
  return text.replaceAll('-', minus);
}
