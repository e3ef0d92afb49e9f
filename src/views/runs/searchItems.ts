import path from 'node:path';
import * as vscode from 'vscode';
import { formatNumber } from '../../drawing/numbers';
import { describeSettings, type TrialEntry } from '../../drawing/trials';
import type { TrialDocument } from '../trials/trialDocuments';
import type { TrialsState } from '../trials/trialsText';

/** A search for better numbers in the list of runs, with its trials below. */
export interface SearchItem {
  readonly search: TrialDocument;
}

/** One setting that was tried. */
export interface TrialItem {
  readonly search: TrialDocument;
  readonly trial: TrialEntry;
}

const icons: Readonly<Record<TrialsState['kind'], vscode.ThemeIcon>> = {
  running: new vscode.ThemeIcon('sync~spin'),
  finished: new vscode.ThemeIcon('beaker', new vscode.ThemeColor('testing.iconPassed')),
  stopped: new vscode.ThemeIcon('debug-stop'),
  failed: new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed')),
};

export function searchTreeItem({ search }: SearchItem): vscode.TreeItem {
  const { model, table, state } = search;
  const label = `Tuning  ${path.basename(model)}`;
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `search ${search.uri.path}`;
  item.iconPath = icons[state.kind];
  const running = state.kind === 'running' ? [`${Math.floor(100 * state.progress)} %`] : [];
  const best = table.best?.score ? [`best loss ${formatNumber(table.best.score.loss)}`] : [];
  const count = `${table.size} trial${table.size === 1 ? '' : 's'}`;
  item.description = [...running, count, ...best].join(' · ');
  item.tooltip = state.kind === 'failed' ? state.message : `${state.kind}\n${item.description}`;
  item.command = opening(search);
  return item;
}

export function trialTreeItem({ search, trial }: TrialItem): vscode.TreeItem {
  const { settings, share, score, failure } = trial;
  const item = new vscode.TreeItem(`Trial ${trial.trial}  ${describeSettings(settings)}`);
  item.id = `trial ${trial.trial} ${search.uri.path}`;
  const best = search.table.best?.trial === trial.trial;
  item.iconPath = failure
    ? icons.failed
    : best
      ? new vscode.ThemeIcon('star-full')
      : new vscode.ThemeIcon('pass');
  // Halving trains most settings for a part of the way.
  const part = share < 1 ? [`1/${Math.round(1 / share)} of the training`] : [];
  item.description = [...(score ? [`loss ${formatNumber(score.loss)}`] : []), ...part].join(' · ');
  item.tooltip = failure ?? item.description;
  item.command = opening(search);
  return item;
}

function opening({ uri }: TrialDocument): vscode.Command {
  return { command: 'vscode.open', title: 'Show Trials', arguments: [uri] };
}
