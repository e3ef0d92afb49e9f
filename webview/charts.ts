import { Throttle } from '../src/base/throttle';
import { formatNumber } from '../src/drawing/numbers';
import type { RunSeries } from '../src/views/protocol';
import { epochCurve, metricNames, nearestKept, runningAverage, thinned } from './chartData';
import { checkbox } from './controls';
import { element } from './dom';
import type { Palette } from './painting';
import { type Line, Plot } from './plot';
import { activeRun, type State } from './state';

export interface ChartEvents {
  logarithmic(on: boolean): void;
  toggleRun(runId: string): void;
  show(runId: string, step: number): void;
}

/** Drawing a long curve costs as much as the whole picture, so curves that grow are drawn so often, in milliseconds. */
const drawInterval = 250;

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
  private readonly loss = new Plot(this.plots, 0.37);
  private readonly metrics = new Plot(this.plots, 0.22, 'plot-metrics');
  private state: State | undefined;
  private legendShown = '';
  private readonly drawing = new Throttle(drawInterval, () => this.draw());
  /** What was drawn last: what comes in by the second while a run goes on, and what is drawn at once when it changes. */
  private growing: readonly unknown[] = [];
  private chosen: readonly unknown[] = [];

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
    this.showStep(state);
    const { snapshot, hiddenRuns, logarithmic } = state;
    const { runs } = snapshot ?? {};
    const growing = [runs, snapshot?.state];
    const chosen = [runs?.map(run => run.runId).join(), snapshot?.activeRun, hiddenRuns, logarithmic];
    if (same(chosen, this.chosen)) {
      if (same(growing, this.growing)) return;
      this.growing = growing;
      this.drawing.trigger();
      return;
    }
    this.growing = growing;
    this.chosen = chosen;
    this.draw();
  }

  recolour(palette: Palette): void {
    this.palette = palette;
    this.legendShown = '';
    this.loss.forget();
    this.metrics.forget();
    this.draw();
  }

  private draw(): void {
    const { state } = this;
    if (!state) return;
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
    this.loss.draw(lossLines, this.palette, { caption: 'loss', logarithmic: state.logarithmic, marks });
    const names = metricNames(runs);
    // a point is no curve: a run without epochs has its metrics at the end alone
    const evaluated = runs.filter(run => run.epochs.length > 1);
    const metricLines = names.flatMap(name =>
      evaluated.flatMap(run => metricCurves(run, name, `${prefix(run)}${name}`, colour(run))),
    );
    this.metrics.draw(metricLines, this.palette, {
      caption: names.join(', '),
      logarithmic: false,
      marks: { kept: [] },
    });
  }

  /** At once, since all of the panel shows one step. */
  private showStep(state: State): void {
    const active = activeRun(state);
    this.scrubBox.hidden = !active || active.kept.length < 2;
    if (active) {
      this.scrub.max = String(active.kept.length - 1);
      const shown = state.snapshot?.state?.runId === active.runId ? state.snapshot.state.step : undefined;
      // the latest step, which is followed live, is not kept yet: it stands behind the kept ones
      const index = shown === undefined ? 0 : active.kept.findLastIndex(step => step <= shown);
      const held = document.activeElement === this.scrub;
      if (!held) this.scrub.value = String(Math.max(0, index));
      const step = held || shown === undefined ? active.kept[Number(this.scrub.value)] : shown;
      this.scrubbed.textContent = formatNumber(step ?? 0);
    }
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

function same(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((each, i) => each === others[i]);
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
