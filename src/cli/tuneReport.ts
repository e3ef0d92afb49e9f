import { formatSeconds } from '../drawing/numbers';
import { describeBest, TrialTable } from '../drawing/trials';
import type { TuningEvent } from '../training/tuning/events';
import { toJson } from './json';
import { alignColumns } from './table';
import type { Terminal } from './terminal';

/** Where the events of a search go, as JSON lines or for people. */
export interface TuneReport {
  event(event: TuningEvent): void;
  /** At the end, however it came. */
  done(seconds: number, ended: boolean): void;
}

/** An object a line. */
export class JsonTuneReport implements TuneReport {
  private readonly table = new TrialTable();

  constructor(private readonly terminal: Terminal) {}

  event(event: TuningEvent): void {
    if (event.kind === 'step') return;
    this.table.hear(event);
    this.terminal.out(`${toJson(lineOf(event))}\n`);
  }

  done(seconds: number, ended: boolean): void {
    if (!ended) return;
    const { size: trials, best } = this.table;
    const { settings, score } = best!;
    this.terminal.out(
      `${toJson({ event: 'done', trials, best: best!.trial, settings, loss: score?.loss, seconds })}\n`,
    );
  }
}

function lineOf(event: Exclude<TuningEvent, { kind: 'step' }>): object {
  const { kind, trial, settings } = event;
  const head = { event: kind, trial, settings };
  switch (event.kind) {
    case 'start':
      return { ...head, share: event.share };
    case 'trial': {
      const { share, score, folds, failure } = event;
      return { ...head, share, loss: score?.loss, metrics: score?.metrics, folds, failure };
    }
    case 'best':
      return { ...head, loss: event.score.loss, metrics: event.score.metrics };
    case 'test': {
      const { rows, trainingRows, result } = event;
      return { ...head, rows, training_rows: trainingRows, loss: result.loss, metrics: result.metrics };
    }
  }
}

/** A table of the trials and what the best one makes of the test rows. */
export class TextTuneReport implements TuneReport {
  private readonly table = new TrialTable();

  constructor(private readonly terminal: Terminal) {}

  event(event: TuningEvent): void {
    if (event.kind !== 'step') this.table.hear(event);
  }

  done(seconds: number): void {
    const { table, terminal } = this;
    const { out, outStyle } = terminal;
    if (table.size === 0) return;
    const rows = table.rows();
    const cells = [table.head, ...rows.map(row => row.cells)];
    const numbers = new Set(table.head.map((_, column) => column).slice(1));
    alignColumns(cells, numbers).forEach((line, i) => {
      const row = rows[i - 1];
      const why = row?.failure === undefined ? '' : `  ${outStyle.dim(row.failure)}`;
      out(`${!row || row.best ? outStyle.bold(line) : line}${why}\n`);
    });
    const best = describeBest(table);
    if (best.length > 0) out(`\n${alignColumns(best).join('\n')}\n`);
    const count = `${table.size} trial${table.size === 1 ? '' : 's'}`;
    out(outStyle.dim(`${count} in ${formatSeconds(seconds)}\n`));
  }
}
