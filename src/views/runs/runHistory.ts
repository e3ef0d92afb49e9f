import * as vscode from 'vscode';
import type { Session } from '../../editor/session';
import type { RunSeries } from '../protocol';
import type { SavedRun, SavedRuns } from './savedRuns';
import { savedSeries } from './savedSeries';

/** A larger file of events is left unread. */
const mostBytes = 64 * 1024 * 1024;

/** The last run of a model that this window has not trained itself: what its chart showed before a reload. */
export class RunHistory {
  private readonly byRun = new Map<string, Promise<RunSeries | undefined>>();

  constructor(private readonly saved: SavedRuns) {}

  async last(session: Session): Promise<RunSeries | undefined> {
    const runs = await this.saved.list();
    const run = runs.find(({ model }) => model.fsPath === session.path);
    if (!run) return undefined;
    const key = run.folder.toString();
    const reading = this.byRun.get(key) ?? this.read(run);
    this.byRun.set(key, reading);
    return reading;
  }

  private async read({ folder, record }: SavedRun): Promise<RunSeries | undefined> {
    const file = vscode.Uri.joinPath(folder, 'events.jsonl');
    try {
      if ((await vscode.workspace.fs.stat(file)).size > mostBytes) return undefined;
      const events = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
      return savedSeries(record, events, new Date());
    } catch {
      return undefined; // the run was stopped before its first event, or deleted
    }
  }
}
