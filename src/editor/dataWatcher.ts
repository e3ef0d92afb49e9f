import path from 'node:path';
import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../base/disposable';
import { Debounce } from '../base/throttle';
import { dataPaths } from './dataFiles';
import type { Session } from './session';

/** A data file is often written in several goes. */
const quietTime = 250;

/** Looks at a model again when a file changes that it reads. */
export class DataWatcher implements Disposable {
  private readonly held = new Disposables();
  private readonly quiet: Debounce;
  private watched = '';
  private watchers = new Disposables();

  constructor(private readonly session: Session) {
    this.quiet = new Debounce(quietTime, () => session.refresh());
    this.held.add(session.onDidChange(change => change === 'text' && this.update()));
    this.update();
  }

  dispose(): void {
    this.held.dispose();
    this.quiet.dispose();
    this.watchers.dispose();
  }

  private update(): void {
    const folder = path.dirname(this.session.path);
    const files = dataPaths(this.session.text.file).map(file => path.resolve(folder, file));
    const key = files.join('\n');
    if (key === this.watched) return;
    this.watched = key;
    this.watchers.dispose();
    this.watchers = new Disposables();
    for (const file of files) this.watch(file);
  }

  private watch(file: string): void {
    const base = vscode.Uri.file(path.dirname(file));
    // the source may be a folder of files
    for (const pattern of [path.basename(file), `${path.basename(file)}/**`]) {
      const watcher = this.watchers.add(
        vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(base, literal(pattern))),
      );
      for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) {
        this.watchers.add(event(() => this.quiet.trigger()));
      }
    }
  }
}

/** Brackets and braces in a file's name are no pattern. */
function literal(name: string): string {
  return name.replace(/[[\]{}?]/g, match => `[${match}]`);
}
