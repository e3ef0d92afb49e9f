import './beforeLibraries';
import uPlot from 'uplot';
import { formatNumber } from '../src/drawing/numbers';
import type { RunSeries } from '../src/views/protocol';
import {
  type Curve,
  epochCurve,
  joined,
  metricNames,
  nearestKept,
  runningAverage,
  thinned,
} from './chartData';
import { checkbox } from './controls';
import { element } from './dom';
import type { Palette } from './painting';
import { activeRun, type State } from './state';

export interface ChartEvents {
  logarithmic(on: boolean): void;
  toggleRun(runId: string): void;
  show(runId: string, step: number): void;
}

interface Line extends Curve {
  readonly label: string;
  readonly colour: string;
  readonly width: number;
  readonly opacity?: number;
  readonly dash?: number[];
}

/** Loss and metrics of the runs, live. */
export class Charts {
  readonly root = element('div', { class: 'charts' });
  private readonly legend = element('div', { class: 'legend' });
  private readonly plots = element('div', { class: 'plots' });
  private readonly readout = element('div', { class: 'readout' });
  private readonly scrub = element('input', {
    attributes: { type: 'range', min: '0', step: '1', 'aria-label': 'Kept step whose values are shown' },
  });
  private readonly scrubbed = element('output', {});
  private readonly scrubBox = element('label', { class: 'scrub' }, 'Show step', this.scrub, this.scrubbed);
  private readonly loss = new Plot(this.plots, 0.42, 'loss');
  private readonly metrics = new Plot(this.plots, 0.28, 'metrics');
  private state: State | undefined;
  private legendShown = '';

  constructor(
    private palette: Palette,
    private readonly events: ChartEvents,
  ) {
    this.root.append(this.legend, this.plots, this.readout, this.scrubBox);
    const choose = (step: number) => {
      const run = this.state && activeRun(this.state);
      const kept = run && nearestKept(run.kept, step);
      if (run && kept !== undefined) this.events.show(run.runId, kept);
    };
    this.loss.onClick = choose;
    this.metrics.onClick = choose;
    this.loss.onHover = text => this.describe(text);
    this.metrics.onHover = text => this.describe(text);
    this.scrub.addEventListener('input', () => {
      const run = this.state && activeRun(this.state);
      const step = run?.kept[Number(this.scrub.value)];
      if (run && step !== undefined) this.events.show(run.runId, step);
    });
    new ResizeObserver(() => this.resize()).observe(this.plots);
  }

  update(state: State): void {
    this.state = state;
    const all = state.snapshot?.runs ?? [];
    if (all.length === 0) return;
    const active = activeRun(state);
    const colours = new Map(
      [...all]
        .sort((a, b) => Number(b === active) - Number(a === active))
        .map((run, i) => [run.runId, this.palette.runs[i % this.palette.runs.length]!]),
    );
    this.drawLegend(all, state, colours);
    const runs = all.filter(run => !state.hiddenRuns.has(run.runId));
    const colour = (run: RunSeries) => colours.get(run.runId)!;
    const prefix = (run: RunSeries) => (runs.length > 1 ? `${run.label} ` : '');
    const lossLines = runs.flatMap(run => lossCurves(run, prefix(run), colour(run)));
    const marks = { kept: active?.kept ?? [], shown: state.snapshot?.state?.step };
    this.loss.draw(lossLines, this.palette, { logarithmic: state.logarithmic, marks });
    const metricLines = metricNames(runs).flatMap(name =>
      runs.flatMap(run => metricCurves(run, name, `${prefix(run)}${name}`, colour(run))),
    );
    this.metrics.draw(metricLines, this.palette, { logarithmic: false, marks: { kept: [] } });
    this.scrubBox.hidden = !active || active.kept.length < 2;
    if (active) {
      this.scrub.max = String(active.kept.length - 1);
      const shown = state.snapshot?.state?.runId === active.runId ? state.snapshot.state.step : undefined;
      const index = Math.max(0, active.kept.indexOf(shown ?? active.kept[0]!));
      if (document.activeElement !== this.scrub) this.scrub.value = String(index);
      this.scrubbed.textContent = formatNumber(active.kept[Number(this.scrub.value)] ?? 0);
    }
  }

  recolour(palette: Palette): void {
    this.palette = palette;
    this.legendShown = '';
    this.loss.forget();
    this.metrics.forget();
    if (this.state) this.update(this.state);
  }

  private resize(): void {
    const width = this.plots.clientWidth;
    if (width === 0) return;
    this.loss.resize(width);
    this.metrics.resize(width);
  }

  private describe(text: string): void {
    this.readout.textContent = text;
  }

  private drawLegend(runs: readonly RunSeries[], state: State, colours: ReadonlyMap<string, string>): void {
    const id = JSON.stringify([runs.map(run => run.label), [...state.hiddenRuns], state.logarithmic]);
    if (id === this.legendShown) return;
    this.legendShown = id;
    const entries = runs.map(run => {
      const swatch = element('span', { class: 'swatch' });
      swatch.style.background = colours.get(run.runId)!;
      const check = checkbox({
        label: run.label,
        checked: !state.hiddenRuns.has(run.runId),
        change: () => this.events.toggleRun(run.runId),
      });
      return element('span', { class: 'entry' }, swatch, check);
    });
    const logarithmic = checkbox({
      label: 'log',
      checked: state.logarithmic,
      change: on => this.events.logarithmic(on),
    });
    logarithmic.classList.add('log');
    this.legend.replaceChildren(...entries, logarithmic);
  }
}

function lossCurves(run: RunSeries, prefix: string, colour: string): Line[] {
  const average = runningAverage(run.losses);
  const lines: Line[] = [
    { label: '', colour, width: 1, opacity: 0.3, ...thinned(run.steps, run.losses) },
    { label: `${prefix}loss`, colour, width: 1.8, ...thinned(run.steps, average) },
  ];
  if (run.epochs.some(epoch => epoch.validationLoss !== undefined)) {
    const label = `${prefix}validation`;
    lines.push({
      label,
      colour,
      width: 1.6,
      dash: [5, 4],
      ...epochCurve(run, epoch => epoch.validationLoss),
    });
  }
  return lines;
}

function metricCurves(run: RunSeries, name: string, label: string, colour: string): Line[] {
  const lines: Line[] = [{ label, colour, width: 1.6, ...epochCurve(run, epoch => epoch.metrics[name]) }];
  if (run.epochs.some(epoch => epoch.validationMetrics?.[name] !== undefined)) {
    const curve = epochCurve(run, epoch => epoch.validationMetrics?.[name]);
    lines.push({ label: `${label} (validation)`, colour, width: 1.4, dash: [5, 4], ...curve });
  }
  return lines;
}

interface PlotOptions {
  readonly logarithmic: boolean;
  readonly marks: { readonly kept: readonly number[]; readonly shown?: number | undefined };
}

/** One uPlot, made anew only when its lines change in kind. */
class Plot {
  onClick: (step: number) => void = () => {};
  onHover: (text: string) => void = () => {};
  private plot: uPlot | undefined;
  private kind = '';
  private marks: PlotOptions['marks'] = { kept: [] };
  private readonly caption: HTMLElement;

  constructor(
    private readonly parent: HTMLElement,
    /** Height by width, within bounds. */
    private readonly proportion: number,
    name: string,
  ) {
    this.caption = element('div', { class: 'caption' }, name);
    this.caption.hidden = true;
    parent.append(this.caption);
  }

  draw(lines: readonly Line[], palette: Palette, { logarithmic, marks }: PlotOptions): void {
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
    this.caption.after(this.plot.root);
  }

  resize(width: number): void {
    this.plot?.setSize({ width, height: this.heightAt(width) });
  }

  private heightAt(width: number): number {
    return Math.round(Math.max(76, Math.min(170, width * this.proportion)));
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
        { ...axis, size: 22, gap: 2 },
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
    const size = 3.5 * density;
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
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bottom);
    ctx.stroke();
  }
  ctx.restore();
}
