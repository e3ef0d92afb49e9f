import path from 'node:path';
import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../../base/disposable';
import { Debounce } from '../../base/throttle';
import { parseRunRecord, type RunRecord } from './runRecord';

const pattern = '**/.nabla/runs/*/run.json';
/** Beyond, old runs are not listed. */
const mostRuns = 500;
const quietTime = 200;

export interface SavedRun {
  readonly folder: vscode.Uri;
  /** The model's file; it may have been renamed or deleted since. */
  readonly model: vscode.Uri;
  readonly record: RunRecord;
}

/** The folder that holds the folders of a model's runs. */
export function runsFolder(modelPath: string): string {
  return path.join(path.dirname(modelPath), '.nabla', 'runs');
}

/** The runs that lie in the workspace's folders, the newest first. */
export class SavedRuns implements Disposable {
  private readonly held = new Disposables();
  private readonly changes = this.held.add(new vscode.EventEmitter<void>());
  private readonly quiet = this.held.add(new Debounce(quietTime, () => void this.read()));
  private reading: Promise<readonly SavedRun[]> | undefined;
  private runs: readonly SavedRun[] = [];
  private watching = false;

  readonly onDidChange = this.changes.event;

  get all(): readonly SavedRun[] {
    return this.runs;
  }

  /** Begins to look; not before somebody wants to see runs. */
  async list(): Promise<readonly SavedRun[]> {
    this.watch();
    if (!this.reading) await this.read();
    return this.runs;
  }

  /** Looks again. */
  async read(): Promise<void> {
    const reading = readRuns();
    this.reading = reading;
    const runs = await reading;
    if (reading !== this.reading) return; // a later look is under way
    this.runs = runs;
    this.changes.fire();
  }

  async delete(run: SavedRun): Promise<void> {
    try {
      await vscode.workspace.fs.delete(run.folder, { recursive: true, useTrash: true });
    } catch {
      await vscode.workspace.fs.delete(run.folder, { recursive: true }); // no trash there
    }
    await this.read();
  }

  dispose(): void {
    this.held.dispose();
  }

  private watch(): void {
    if (this.watching) return;
    this.watching = true;
    const watcher = this.held.add(vscode.workspace.createFileSystemWatcher(pattern));
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) {
      this.held.add(event(() => this.quiet.trigger()));
    }
  }
}

async function readRuns(): Promise<readonly SavedRun[]> {
  // no excludes: a folder that starts with a point is hidden in many workspaces
  const files = await vscode.workspace.findFiles(pattern, null, mostRuns);
  const runs = await Promise.all(files.map(readRun));
  return runs.filter(run => run !== undefined).sort((a, b) => (a.record.runId < b.record.runId ? 1 : -1));
}

async function readRun(file: vscode.Uri): Promise<SavedRun | undefined> {
  const folder = vscode.Uri.joinPath(file, '..');
  try {
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
    const record = parseRunRecord(text, path.posix.basename(folder.path));
    // by its name and not by its path: the whole folder may have been moved
    const name = record && path.basename(record.model.replaceAll('\\', '/'));
    return record && name
      ? { folder, model: vscode.Uri.joinPath(folder, '../../..', name), record }
      : undefined;
  } catch {
    return undefined; // deleted meanwhile
  }
}
