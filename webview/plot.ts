import './beforeLibraries';
import uPlot from 'uplot';
import { formatNumber } from '../src/drawing/numbers';
import { type Curve, joined } from './chartData';
import { element } from './dom';
import type { Palette } from './painting';

export interface Line extends Curve {
  readonly label: string;
  readonly colour: string;
  readonly width: number;
  readonly opacity?: number;
  readonly dash?: number[];
}

export interface PlotOptions {
  readonly caption: string;
  readonly logarithmic: boolean;
  readonly marks: { readonly kept: readonly number[]; readonly shown?: number | undefined };
}

/** One uPlot, made anew only when its lines change in kind. */
export class Plot {
  onClick: (step: number) => void = () => {};
  onHover: (text: string) => void = () => {};
  private plot: uPlot | undefined;
  private kind = '';
  private marks: PlotOptions['marks'] = { kept: [] };
  private readonly root = element('div');
  private readonly caption = element('div', { class: 'caption' });

  constructor(
    private readonly parent: HTMLElement,
    /** Height by width, within bounds and within its share of the page. */
    private readonly proportion: number,
    kind = '',
  ) {
    this.caption.hidden = true;
    this.root.className = kind;
    this.root.append(this.caption);
    parent.append(this.root);
  }

  draw(lines: readonly Line[], palette: Palette, { caption, logarithmic, marks }: PlotOptions): void {
    this.caption.textContent = caption;
    this.marks = marks;
    const data = joined(lines) as uPlot.AlignedData;
    const kind = JSON.stringify([logarithmic, lines.map(({ label, colour, dash }) => [label, colour, dash])]);
    if (this.plot && kind === this.kind) {
      this.plot.setData(data);
      return;
    }
    this.forget();
    this.kind = kind;
    if (lines.length === 0) return;
    const width = this.parent.clientWidth || 280;
    this.caption.hidden = false;
    this.plot = new uPlot(this.options(lines, palette, logarithmic, width), data);
    this.root.append(this.plot.root);
  }

  resize(width: number): void {
    this.plot?.setSize({ width, height: this.heightAt(width) });
  }

  private heightAt(width: number): number {
    const share = (window.innerHeight * this.proportion) / 2.5;
    return Math.round(Math.max(72, Math.min(170, share, width * this.proportion)));
  }

  forget(): void {
    this.caption.hidden = true;
    this.plot?.destroy();
    this.plot = undefined;
    this.kind = '';
  }

  private options(
    lines: readonly Line[],
    palette: Palette,
    logarithmic: boolean,
    width: number,
  ): uPlot.Options {
    const axis: uPlot.Axis = {
      stroke: palette.muted,
      font: `10px ${palette.fonts.text}`,
      grid: { stroke: palette.grid, width: 1 },
      ticks: { show: false },
    };
    return {
      width,
      height: this.heightAt(width),
      padding: [8, 10, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 5 } },
      scales: { x: { time: false }, y: logarithmic ? { distr: 3 } : {} },
      axes: [
        { ...axis, size: 18, gap: 1 },
        {
          ...axis,
          size: 46,
          gap: 4,
          values: (_, ticks) => ticks.map(tick => (tick === null ? '' : formatNumber(tick))),
        },
      ],
      series: [
        {},
        ...lines.map(({ label, colour, width: lineWidth, opacity, dash }) => ({
          label,
          stroke: colour,
          width: lineWidth,
          points: { show: false },
          ...(opacity === undefined ? {} : { alpha: opacity }),
          ...(dash ? { dash } : {}),
        })),
      ],
      hooks: {
        ready: [plot => plot.over.addEventListener('click', () => this.clicked(plot))],
        setCursor: [plot => this.onHover(readoutOf(plot))],
        draw: [plot => drawMarks(plot, this.marks, palette)],
      },
    };
  }

  private clicked(plot: uPlot): void {
    const { left } = plot.cursor;
    if (left !== undefined && left !== null && left >= 0) this.onClick(plot.posToVal(left, 'x'));
  }
}

/** The numbers under the mouse; lines that have no point there give their last one before. */
function readoutOf(plot: uPlot): string {
  const { idx } = plot.cursor;
  if (idx === null || idx === undefined) return '';
  const parts = plot.series.flatMap((series, i) => {
    if (i === 0 || !series.label) return [];
    const column = plot.data[i]!;
    let at = idx;
    while (at > 0 && column[at] === undefined) at--;
    const value = column[at];
    return typeof value === 'number' ? [`${String(series.label)} ${formatNumber(value)}`] : [];
  });
  return [`step ${plot.data[0][idx]}`, ...parts].join(' · ');
}

/** Kept steps as ticks on the axis, and a line at the one that is shown. */
function drawMarks(plot: uPlot, { kept, shown }: PlotOptions['marks'], palette: Palette): void {
  const { ctx, bbox } = plot;
  const density = window.devicePixelRatio;
  const bottom = bbox.top + bbox.height;
  ctx.save();
  ctx.fillStyle = palette.muted;
  for (const step of kept) {
    const x = plot.valToPos(step, 'x', true);
    if (x < bbox.left - 1 || x > bbox.left + bbox.width + 1) continue;
    const size = (kept.length > 40 ? 2 : 3.5) * density;
    ctx.beginPath();
    ctx.moveTo(x, bottom - size * 1.6);
    ctx.lineTo(x + size, bottom);
    ctx.lineTo(x - size, bottom);
    ctx.fill();
  }
  if (shown !== undefined) {
    const x = plot.valToPos(shown, 'x', true);
    ctx.strokeStyle = palette.focus;
    ctx.lineWidth = density;
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bottom);
    ctx.stroke();
  }
  ctx.restore();
}
