import { formatNumber } from './numbers';

/** Loss and metrics of one training. */
export interface TrialScore {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** One setting, as far as it has been trained. */
export interface TrialEntry {
  readonly trial: number;
  readonly settings: Readonly<Record<string, number | boolean>>;
  /** Of the whole training. */
  readonly share: number;
  readonly folds: readonly TrialScore[];
  readonly score?: TrialScore;
  readonly failure?: string;
}

export interface TrialTest {
  readonly trial: number;
  readonly trainingRows: number;
  readonly rows: number;
  readonly result: TrialScore;
}

/** What a search tells on its way. */
export type TrialNews =
  | { readonly kind: 'start'; readonly trial: number }
  | ({ readonly kind: 'trial' } & TrialEntry)
  | { readonly kind: 'best'; readonly trial: number }
  | ({ readonly kind: 'test' } & TrialTest);

/** What a search has found so far, as rows of cells. */
export class TrialTable {
  private readonly entries = new Map<number, TrialEntry>();
  private bestTrial: number | undefined;
  private test: TrialTest | undefined;

  /** A setting that is trained for longer takes the place of its earlier row. */
  hear(news: TrialNews): void {
    if (news.kind === 'trial') this.entries.set(news.trial, news);
    else if (news.kind === 'best') this.bestTrial = news.trial;
    else if (news.kind === 'test') this.test = news;
  }

  get tested(): TrialTest | undefined {
    return this.test;
  }

  get size(): number {
    return this.entries.size;
  }

  /** In their order. */
  get trials(): readonly TrialEntry[] {
    return [...this.entries.values()];
  }

  get best(): TrialEntry | undefined {
    return this.bestTrial === undefined ? undefined : this.entries.get(this.bestTrial);
  }

  get head(): string[] {
    const { names, metrics, halved } = this.columns();
    return ['', 'trial', ...names, ...(halved ? ['training'] : []), 'loss', ...metrics];
  }

  /** In the order of the trials; a failed one says why after its cells. */
  rows(): { readonly cells: string[]; readonly best: boolean; readonly failure?: string }[] {
    const { names, metrics, halved } = this.columns();
    return [...this.entries.values()].map(({ trial, settings, share, score, failure }) => {
      const best = trial === this.bestTrial;
      const cells = [
        best ? '★' : '',
        String(trial),
        ...names.map(name => settingText(settings[name])),
        ...(halved ? [share === 1 ? 'full' : `1/${Math.round(1 / share)}`] : []),
        score ? formatNumber(score.loss) : 'failed',
        ...metrics.map(name => (score ? formatNumber(score.metrics[name] ?? Number.NaN) : '–')),
      ];
      return { cells, best, ...(failure === undefined ? {} : { failure }) };
    });
  }

  private columns(): { names: string[]; metrics: string[]; halved: boolean } {
    const all = [...this.entries.values()];
    return {
      names: [...new Set(all.flatMap(({ settings }) => Object.keys(settings)))],
      metrics: [...new Set(all.flatMap(({ score }) => Object.keys(score?.metrics ?? {})))],
      halved: all.some(({ share }) => share < 1),
    };
  }
}

/** More folds than anybody reads; leaving out one row at a time makes hundreds. */
const FOLDS_SHOWN = 20;

/** The best setting with what each fold, their mean and the test rows say: rows of two cells. */
export function describeBest({ best, tested }: TrialTable): string[][] {
  if (!best) return [];
  const { trial, settings, folds, score } = best;
  const lines = [[`best: trial ${trial}`, describeSettings(settings)]];
  if (folds.length > 1 && folds.length <= FOLDS_SHOWN) {
    folds.forEach((fold, i) => {
      lines.push([`fold ${i + 1}`, describeScore(fold)]);
    });
  }
  if (score) lines.push([folds.length > 1 ? 'mean' : 'score', describeScore(score)]);
  if (tested) {
    const { rows, trainingRows, result } = tested;
    lines.push(['test', `${describeScore(result)}  (${rows} rows, trained on the other ${trainingRows})`]);
  }
  return lines;
}

/** `lr = 0.01, units = 8` */
export function describeSettings(settings: TrialEntry['settings']): string {
  const parts = Object.entries(settings).map(([name, value]) => `${name} = ${settingText(value)}`);
  return parts.length === 0 ? 'the file as it is' : parts.join(', ');
}

/** `loss 0.1768  accuracy 0.925` */
function describeScore({ loss, metrics }: TrialScore): string {
  const values = Object.entries(metrics).map(([name, value]) => `  ${name} ${formatNumber(value)}`);
  return `loss ${formatNumber(loss)}${values.join('')}`;
}

/** As it would be written in a file. */
function settingText(value: number | boolean | undefined): string {
  return value === undefined ? '' : String(value);
}
