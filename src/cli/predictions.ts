import { formatNumber } from '../drawing/numbers';
import type { Tensor } from '../graph/types';
import { unravel } from '../training/evaluation';
import type { Prediction } from '../training/prediction';
import { alignColumns, displayWidth } from './table';
import type { Terminal } from './terminal';

/** Two blanks between columns, and room for `…`. */
const GAP = 2;

/** A tensor as rows: its first axis down, all others across, and with scores a class, the class of the largest. */
export class Predictions {
  private readonly rows: number;
  private readonly width: number;
  private readonly heads: readonly string[];
  private readonly classes: Prediction['classes'];

  constructor(
    name: string,
    private readonly tensor: Tensor,
    classes: Prediction['classes'],
  ) {
    const { shape, data } = tensor;
    this.classes = shape.length === 1 || shape.length === 2 ? classes : undefined;
    // The scores of one example are one row.
    const across = shape.slice(shape.length === 1 && this.classes ? 0 : 1);
    this.width = across.reduce((product, size) => product * size, 1);
    this.rows = this.width === 0 ? 0 : data.length / this.width;
    const { names } = this.classes ?? {};
    this.heads = Array.from({ length: this.width }, (_, i) => {
      if (across.length === 0) return name;
      return (
        (names?.length === this.width ? names[i] : undefined) ?? `${name}[${unravel(i, across).join(', ')}]`
      );
    });
  }

  csv(): string {
    const heads = this.classes ? [...this.heads, 'class'] : this.heads;
    const lines = [heads.map(quoted).join()];
    for (let row = 0; row < this.rows; row++) {
      const cells = this.row(row).map(value => this.plain(value));
      lines.push((this.classes ? [...cells, quoted(this.classOf(row))] : cells).join());
    }
    return lines.map(line => `${line}\n`).join('');
  }

  /** As many columns as the terminal is wide, the class first. */
  table({ columns, outStyle }: Terminal): string {
    const first = Array.from({ length: this.rows }, (_, row) => [
      String(row + 1),
      ...(this.classes ? [this.classOf(row)] : []),
    ]);
    const lines = [['row', ...(this.classes ? ['class'] : [])], ...first];
    let room = columns - widest(lines.map(cells => cells.join(' '.repeat(GAP)))) - GAP - 1;
    let shown = 0;
    for (; shown < this.width; shown++) {
      const cells = [this.heads[shown]!];
      for (let row = 0; row < this.rows; row++) {
        cells.push(this.short(this.tensor.data[row * this.width + shown]!));
      }
      room -= widest(cells) + GAP;
      if (room < 0 && shown > 0) break;
      cells.forEach((cell, i) => void lines[i]!.push(cell));
    }
    if (shown < this.width) for (const line of lines) line.push('…');
    const numbers = new Set(lines[0]!.map((_, i) => i));
    if (this.classes) numbers.delete(1);
    return alignColumns(lines, numbers)
      .map((line, i) => `${i === 0 ? outStyle.bold(line) : line}\n`)
      .join('');
  }

  private row(row: number): number[] {
    return [...this.tensor.data.subarray(row * this.width, (row + 1) * this.width)];
  }

  private classOf(row: number): string {
    const scores = this.row(row);
    const best = scores.reduce((at, score, i) => (score > scores[at]! ? i : at), 0);
    const { names } = this.classes ?? {};
    return names?.[best] ?? String(best);
  }

  private plain(value: number): string {
    return this.tensor.dtype === 'bool' ? String(value !== 0) : String(value);
  }

  private short(value: number): string {
    return this.tensor.dtype === 'bool' ? String(value !== 0) : formatNumber(value);
  }
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, displayWidth(text)), 0);
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
