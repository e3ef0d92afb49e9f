import type { FreshResult } from './fresh';
import type { Outcome } from './interleave';
import { printTime } from './measure';
import type { Overhead } from './overhead';
import type { SpeedResult, SpeedResults } from './speed';

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Training steps of every model in every engine, the best round of each. */
export function speedTable({ engines, models }: SpeedResults): Table {
  const names = Object.keys(engines);
  return {
    head: ['model', ...names, 'ratio', 'by median', 'goal', ''],
    rows: models.map(result => [
      result.model,
      ...names.map(name => outcomeText(result.outcomes[name])),
      ...verdict(result),
    ]),
  };
}

/** What a reader of the README wants to know: ours against PyTorch and the fastest of tfjs. */
export function readmeTable({ engines, models }: SpeedResults): Table {
  const [ours = ''] = Object.keys(engines);
  const fastest = (result: SpeedResult, family: string): string => {
    const times = Object.entries(result.outcomes)
      .filter(([name]) => name.startsWith(family))
      .flatMap(([, outcome]) => ('error' in outcome ? [] : [outcome.best]));
    return times.length > 0 ? printTime(Math.min(...times)) : '-';
  };
  return {
    head: ['training step', 'Nabla', 'PyTorch', 'Nabla / PyTorch', 'tfjs'],
    rows: models.map(result => [
      `${result.model}: ${result.title}`,
      outcomeText(result.outcomes[ours]),
      fastest(result, 'PyTorch'),
      result.ratio === undefined ? '-' : result.ratio.toPrecision(2),
      fastest(result, 'tfjs'),
    ]),
  };
}

function outcomeText(outcome: Outcome | undefined): string {
  if (!outcome) return '-';
  return 'error' in outcome ? 'does not run' : printTime(outcome.best);
}

function verdict({ ratio, medianRatio, goal }: SpeedResult): string[] {
  if (ratio === undefined || medianRatio === undefined) return ['-', '-', goal.toFixed(2), ''];
  return [ratio.toFixed(3), medianRatio.toFixed(3), goal.toFixed(2), ratio <= goal ? 'met' : 'MISSED'];
}

/** What our engines make of the machine: FLOP/s of the products of a step, and their share of the peak. */
export function workTable({ ours, models, peak }: SpeedResults): Table {
  return {
    head: ['GFLOP/s', ...ours],
    rows: models.map(({ model, outcomes, flops }) => [
      model,
      ...ours.map(name => {
        const outcome = outcomes[name];
        if (!outcome || 'error' in outcome) return '-';
        const speed = (flops / outcome.best) * 1e6;
        const share = peak ? ` (${((100 * speed) / peak.flops).toFixed(0)} %)` : '';
        return `${(speed / 1e9).toFixed(1)}${share}`;
      }),
    ]),
  };
}

/** What the table does not say: who chose what, what does not run and why, and where others were busy. */
export function speedNotes({ ours, models, peak }: SpeedResults): string[] {
  const notes = new Map<string, string[]>();
  const note = (text: string, model: string): void => {
    notes.set(text, [...(notes.get(text) ?? []), model]);
  };
  for (const { model, outcomes } of models) {
    for (const [name, outcome] of Object.entries(outcomes)) {
      if ('error' in outcome) note(`${name} does not run: ${outcome.error}`, model);
      else if (name === ours[0] && outcome.by !== undefined) note(`${name} chose ${outcome.by}`, model);
    }
    if (Object.values(outcomes).some(outcome => !('error' in outcome) && outcome.disturbed > 0)) {
      note('others were busy in some rounds', model);
    }
  }
  const reached = peak ? [`peak: ${(peak.flops / 1e9).toFixed(0)} GFLOP/s, a product by ${peak.engine}`] : [];
  return [...reached, ...[...notes].map(([text, of]) => `${text}: ${of.join(', ')}`)];
}

export function overheadTable(results: readonly Overhead[]): Table {
  return {
    head: ['chain of', 'nodes', 'a step', 'a node', 'text to first step'],
    rows: results.map(({ links, nodes, micros, compileMilliseconds }) => [
      `${links} links`,
      String(nodes),
      printTime(micros),
      `${((micros / nodes) * 1000).toFixed(1)} ns`,
      printTime(compileMilliseconds * 1000),
    ]),
  };
}

/** The largest memory of training against the least that it must hold. */
const MEMORY_GOAL = 1.5;

export function freshTable(results: readonly FreshResult[]): Table {
  return {
    head: [
      ...['model', 'text to step', 'again', 'ran', 'least', 'own buffers', 'ratio'],
      ...['compiling', 'training', 'settled', 'ratio', ''],
    ],
    rows: results.map(result => {
      const { own, bufferBytes, compilePeakBytes, peakBytes, settledBytes, leastBytes } = result;
      // Native buffers show in the resident memory alone, with the rest of the process beside them.
      const ratio = (own ? bufferBytes : peakBytes) / leastBytes;
      return [
        result.model,
        printTime(result.firstMilliseconds * 1000),
        printTime(result.againMilliseconds * 1000),
        result.by,
        printBytes(leastBytes),
        printBytes(bufferBytes),
        (bufferBytes / leastBytes).toFixed(2),
        `+${printBytes(compilePeakBytes)}`,
        `+${printBytes(peakBytes)}`,
        `+${printBytes(settledBytes)}`,
        ratio.toFixed(2),
        ratio <= MEMORY_GOAL ? 'met' : 'MISSED',
      ];
    }),
  };
}

function printBytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** The first column from the left, the others from the right. */
export function printColumns({ head, rows }: Table): string {
  const widths = head.map((word, i) => Math.max(word.length, ...rows.map(row => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((word, i) => (i === 0 ? word.padEnd(widths[i]!) : word.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map(line).join('\n');
}

export function printMarkdown({ head, rows }: Table): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
