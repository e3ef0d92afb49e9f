import { formatNumber, formatSeconds } from '../drawing/numbers';
import { type Model, savedTensors } from '../language/model';
import { eventJson } from '../training/eventJson';
import { executorName } from '../training/executor';
import type { Run, RunEvent } from '../training/run';
import type { Evaluation } from '../training/stepMethod';
import { jsonTensor, type RawJson, toJson } from './json';
import { alignColumns } from './table';
import type { Terminal } from './terminal';

/** How a training that went to its end, or was interrupted, is summed up. */
export interface Figures {
  readonly steps: number;
  readonly seconds: number;
  readonly training: Evaluation;
  readonly validation?: Evaluation;
}

/** Where the events of a training go, as JSON lines or for people. */
export interface TrainReport {
  event(event: RunEvent, run: Run): void;
  /** After a slice of steps. */
  flush(): void;
  done(figures: Figures, run: Run): void;
}

/** An object a line; `params` adds the parameters to steps and to the last line. */
export class JsonReport implements TrainReport {
  private lines: string[] = [];

  constructor(
    private readonly model: Model,
    private readonly every: number,
    private readonly params: boolean,
    private readonly terminal: Terminal,
  ) {}

  event(event: RunEvent, run: Run): void {
    if (event.kind === 'step' && event.step % this.every !== 0) return;
    const params = event.kind === 'step' ? this.parameters(run) : undefined;
    this.lines.push(`${toJson({ ...eventJson(event), params })}\n`);
  }

  flush(): void {
    if (this.lines.length > 0) this.terminal.out(this.lines.join(''));
    this.lines = [];
  }

  done({ steps, seconds, training }: Figures, run: Run): void {
    const { loss, metrics } = training;
    this.lines.push(
      `${toJson({ event: 'done', steps, loss, metrics, seconds, params: this.parameters(run) })}\n`,
    );
    this.flush();
  }

  private parameters(run: Run): Record<string, RawJson> | undefined {
    if (!this.params) return undefined;
    const values = run.parameters();
    return Object.fromEntries(
      savedTensors(this.model).map(({ path, sizes }) => [
        path,
        jsonTensor(values.get(path)!, sizes, 'float'),
      ]),
    );
  }
}

/** Steps where they are asked for, and what came of it all. */
export class TextReport implements TrainReport {
  private firstLoss: number | undefined;

  constructor(
    /** Every so many steps a line; none when absent. */
    private readonly every: number | undefined,
    private readonly terminal: Terminal,
    /** Called before a line, to take the progress bar out of its way. */
    private readonly beforeLine: () => void,
  ) {}

  event(event: RunEvent): void {
    if (event.kind !== 'step') return;
    this.firstLoss ??= event.loss;
    if (this.every === undefined || event.step % this.every !== 0) return;
    this.beforeLine();
    this.terminal.out(`step ${event.step}  loss ${formatNumber(event.loss)}${metricsText(event.metrics)}\n`);
  }

  flush(): void {}

  done({ steps, seconds, training, validation }: Figures, { executor }: Run): void {
    const { out, outStyle } = this.terminal;
    const first = this.firstLoss === undefined ? '' : `${formatNumber(this.firstLoss)} → `;
    const rows = [
      ['training', `loss ${first}${formatNumber(training.loss)}${metricsText(training.metrics)}`],
    ];
    if (validation) {
      rows.push(['held out', `loss ${formatNumber(validation.loss)}${metricsText(validation.metrics)}`]);
    }
    const by = executor.backend === 'js' ? '' : ` on ${executorName(executor)}`;
    const title = `${steps} step${steps === 1 ? '' : 's'} in ${formatSeconds(seconds)}${by}`;
    out(`${outStyle.bold(title)}\n${alignColumns(rows).join('\n')}\n`);
  }
}

function metricsText(metrics: Readonly<Record<string, number>>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `  ${name} ${formatNumber(value)}`)
    .join('');
}
