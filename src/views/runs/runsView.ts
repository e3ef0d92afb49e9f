import path from 'node:path';
import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../../base/disposable';
import { Throttle } from '../../base/throttle';
import { formatNumber } from '../../drawing/numbers';
import type { Training, Trainings } from '../../editor/trainings';
import { contextKeys, itemKinds, views } from '../../ids';
import type { RunPhase } from '../protocol';
import type { TrialDocuments } from '../trials/trialDocuments';
import { runLabel } from './runName';
import type { RunRecord } from './runRecord';
import { describeRun } from './runSummary';
import type { SavedRun, SavedRuns } from './savedRuns';
import { type SearchItem, searchTreeItem, type TrialItem, trialTreeItem } from './searchItems';

const refreshInterval = 500;

/** A run in the list: of this window, on disk, or both. */
export interface RunItem {
  readonly runId: string;
  readonly training?: Training;
  readonly saved?: SavedRun;
}

/** What the list shows: searches with their trials, and runs. */
export type RunsItem = RunItem | SearchItem | TrialItem;

/** Whether a command was called on an item of the list. */
export function isRunItem(target: unknown): target is RunItem {
  return typeof target === 'object' && target !== null && 'runId' in target;
}

const icons: Readonly<Record<RunPhase, vscode.ThemeIcon>> = {
  running: new vscode.ThemeIcon('sync~spin'),
  paused: new vscode.ThemeIcon('debug-pause'),
  finished: new vscode.ThemeIcon('pass', new vscode.ThemeColor('testing.iconPassed')),
  stopped: new vscode.ThemeIcon('debug-stop'),
  failed: new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed')),
};

/** All runs: loss, metrics, duration and outcome; the newest first. Above them the searches of this window. */
export class RunsView implements vscode.TreeDataProvider<RunsItem>, Disposable {
  private readonly held = new Disposables();
  private readonly changes = this.held.add(new vscode.EventEmitter<RunsItem[] | undefined>());
  private readonly refresh = this.held.add(new Throttle(refreshInterval, () => this.changes.fire(undefined)));
  /** Progress changes rows alone: what the list holds is read from the disk. */
  private readonly advance = this.held.add(
    new Throttle(refreshInterval, () => this.changes.fire(this.active)),
  );
  private active: RunItem[] = [];

  readonly onDidChangeTreeData = this.changes.event;

  constructor(
    private readonly trainings: Trainings,
    private readonly saved: SavedRuns,
    private readonly searches: TrialDocuments,
  ) {
    const tree = this.held.add(
      vscode.window.createTreeView(views.runs, { treeDataProvider: this, canSelectMany: true }),
    );
    this.held.add(saved.onDidChange(() => this.changed()));
    this.held.add(trainings.onDidChange(() => this.changed()));
    this.held.add(searches.onDidChange(() => this.refresh.trigger()));
    this.held.add(trainings.onDidProgress(() => tree.visible && this.advance.trigger()));
  }

  async getChildren(parent?: RunsItem): Promise<RunsItem[]> {
    if (parent) {
      if (isRunItem(parent) || 'trial' in parent) return [];
      const { search } = parent;
      return search.table.trials.map(trial => ({ search, trial }));
    }
    await this.saved.list();
    const items = this.items();
    this.active = items.filter(({ training }) => training?.isActive);
    return [...this.searches.all.map(search => ({ search })), ...items];
  }

  getTreeItem(element: RunsItem): vscode.TreeItem {
    if (isRunItem(element)) return runTreeItem(element);
    return 'trial' in element ? trialTreeItem(element) : searchTreeItem(element);
  }

  dispose(): void {
    this.held.dispose();
  }

  private changed(): void {
    void vscode.commands.executeCommand('setContext', contextKeys.hasRuns, this.items().length > 0);
    this.refresh.trigger();
  }

  private items(): RunItem[] {
    const byId = new Map<string, RunItem>();
    for (const saved of this.saved.all) {
      const { runId } = saved.record;
      byId.set(`${runId} ${saved.folder.fsPath}`, { runId, saved });
    }
    for (const training of this.trainings.all) {
      const { runId, folder } = training;
      const key = `${runId} ${folder ?? ''}`;
      byId.set(key, { ...byId.get(key), runId, training });
    }
    return [...byId.values()].sort((a, b) => (a.runId < b.runId ? 1 : -1));
  }
}

function runTreeItem({ runId, training, saved }: RunItem): vscode.TreeItem {
  const model = path.basename(training?.path ?? saved?.model.path ?? '');
  const item = new vscode.TreeItem(`${runLabel(runId, new Date())}  ${model}`);
  item.id = runId + (saved?.folder.path ?? '');
  item.iconPath = icons[training?.phase ?? phaseOf(saved?.record)];
  if (training?.isActive) {
    item.description = describeActive(training);
    item.contextValue = itemKinds.activeRun;
  } else {
    const record = saved?.record ?? recordOf(training);
    item.description = record ? describeRun(record) : (training?.phase ?? '');
    item.contextValue = saved ? itemKinds.savedRun : itemKinds.unsavedRun;
  }
  const phase = training?.phase ?? phaseOf(saved?.record);
  item.tooltip = [phase, training?.error ?? saved?.record.error, item.description].filter(Boolean).join('\n');
  return item;
}

/** A record that says `running` belongs to another window, or to one that ended without a word. */
function phaseOf(record: RunRecord | undefined): RunPhase {
  return record === undefined || record.phase === 'running' ? 'stopped' : record.phase;
}

function describeActive({ phase, recorder }: Training): string {
  const { lastStep, lastLoss, series } = recorder;
  if (series.totalSteps === 0) return 'starting';
  const loss = lastLoss === undefined ? '' : ` · loss ${formatNumber(lastLoss)}`;
  return `${phase === 'paused' ? 'paused at ' : ''}step ${lastStep} of ${series.totalSteps}${loss}`;
}

/** What is known of a run without a folder. */
function recordOf(training: Training | undefined): RunRecord | undefined {
  const { outcome } = training ?? {};
  if (!training || !outcome) return undefined;
  const { phase, steps, loss, validationLoss, metrics, seconds } = outcome;
  return {
    runId: training.runId,
    model: training.path,
    started: '',
    phase,
    steps,
    metrics,
    seconds,
    ...(loss === undefined ? {} : { loss }),
    ...(validationLoss === undefined ? {} : { validationLoss }),
    ...(training.error === undefined ? {} : { error: training.error }),
  };
}
