import { formatNumber, formatSeconds } from '../src/drawing/numbers';
import type { ControlAction, RunPhase } from '../src/views/protocol';
import { type ButtonOptions, button, icons, numberField } from './controls';
import { element } from './dom';
import { activeRun, type State } from './state';

export interface TrainingEvents {
  control(action: ControlAction): void;
  learningRate(runId: string, value: number): void;
}

const words: Readonly<Record<RunPhase, string>> = {
  running: 'Training',
  paused: 'Paused',
  finished: 'Finished',
  stopped: 'Stopped',
  failed: 'Failed',
};

/** The row of buttons above the picture, and one line that says whose values are shown. */
export class TrainingBar {
  readonly root = element('header', { class: 'bar' });
  private readonly buttons = element('div', {
    class: 'buttons',
    attributes: { role: 'toolbar', 'aria-label': 'Training' },
  });
  private readonly phase = element('span', { class: 'phase', attributes: { role: 'status' } });
  private readonly figures = element('span', { class: 'figures' });
  private readonly shown = element('div', { class: 'shown' });
  private readonly rate = numberField({
    label: 'Learning rate',
    enter: value => {
      if (this.runId !== undefined) this.events.learningRate(this.runId, value);
    },
  });
  private readonly rateBox = element('label', { class: 'rate' }, 'lr ', this.rate.root);
  private runId: string | undefined;
  private drawn = '';

  constructor(private readonly events: TrainingEvents) {
    const status = element('div', { class: 'status' }, this.phase, this.figures);
    this.root.append(element('div', { class: 'row' }, this.buttons, this.rateBox), status, this.shown);
  }

  update(state: State): void {
    const run = activeRun(state);
    const phase = run?.phase;
    this.runId = run?.runId;
    // a run goes on while the file is broken by an edit
    const usable = state.snapshot?.graph !== undefined || phase === 'running' || phase === 'paused';
    this.root.hidden = !usable;
    const id = `${usable} ${phase ?? ''}`;
    if (id !== this.drawn) this.drawButtons(usable, phase);
    this.drawn = id;
    this.rateBox.hidden = run === undefined;
    if (run) this.rate.set(run.learningRate);
    const word = phase ? words[phase] : '';
    if (this.phase.textContent !== word) this.phase.textContent = word;
    this.phase.className = `phase phase-${phase ?? 'none'}`;
    this.figures.textContent = run
      ? `step ${formatNumber(run.steps.at(-1) ?? 0)} of ${formatNumber(run.totalSteps)} · loss ${formatNumber(run.losses.at(-1) ?? Number.NaN)} · ${formatSeconds(run.seconds)}`
      : '';
    this.figures.hidden = !run || run.steps.length === 0;
    const { state: shown } = state.snapshot ?? {};
    this.shown.textContent = shown ? `Showing ${[shown.label, shown.rows].filter(Boolean).join(' · ')}` : '';
    this.shown.hidden = !shown;
    if (run?.phase === 'failed' && run.error) this.figures.textContent = run.error;
  }

  private drawButtons(usable: boolean, phase: RunPhase | undefined): void {
    const act = (label: string, action: ControlAction, icon: string): ButtonOptions => ({
      label,
      icon,
      press: () => this.events.control(action),
    });
    const focused = (document.activeElement as HTMLElement | null)?.title;
    const train = act(phase === 'paused' ? 'Resume' : 'Train', 'train', icons.play);
    const list = !usable
      ? []
      : phase === 'running'
        ? [
            { ...act('Pause', 'pause', icons.pause), text: true, primary: true },
            act('Stop training', 'stop', icons.stop),
          ]
        : [
            { ...train, text: true, primary: true },
            act('One step', 'step', icons.step),
            act('One epoch', 'epoch', icons.epoch),
            ...(phase === 'paused' ? [act('Stop training', 'stop', icons.stop)] : []),
            act('Reset to the same start', 'reset', icons.reset),
          ];
    const aside = act('Open the graph beside the editor', 'openGraph', icons.aside);
    const made = [...list, ...(usable ? [aside] : [])].map(button);
    made.at(-1)?.classList.add('only-narrow');
    this.buttons.replaceChildren(...made);
    // the button under the keyboard may be gone; its place in the row is not
    if (focused && !made.some(each => each === document.activeElement)) {
      if (list.length > 0 && this.root.contains(document.activeElement)) made[0]?.focus();
    }
  }
}
