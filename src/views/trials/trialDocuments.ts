import path from 'node:path';
import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../../base/disposable';
import { Throttle } from '../../base/throttle';
import { type TrialNews, TrialTable } from '../../drawing/trials';
import { trialsScheme } from '../../ids';
import { type TrialsState, trialsText } from './trialsText';

const refreshInterval = 300;

/** The trials of one model, shown beside it as a read-only document that follows the search. */
export class TrialDocument {
  readonly uri: vscode.Uri;
  state: TrialsState = { kind: 'running', progress: 0 };
  readonly table = new TrialTable();

  constructor(
    readonly model: string,
    private readonly changed: () => void,
  ) {
    const name = `Trials of ${path.basename(model)}.md`;
    this.uri = vscode.Uri.from({ scheme: trialsScheme, path: path.posix.join('/', model, name) });
  }

  get text(): string {
    return trialsText(path.basename(this.model), this.table, this.state);
  }

  hear(progress: number, news: readonly TrialNews[]): void {
    for (const each of news) this.table.hear(each);
    this.state = { kind: 'running', progress };
    this.changed();
  }

  end(state: TrialsState): void {
    this.state = state;
    this.changed();
  }
}

/** All documents of this kind, the latest search of each model. */
export class TrialDocuments implements vscode.TextDocumentContentProvider, Disposable {
  private readonly held = new Disposables();
  private readonly documents = new Map<string, TrialDocument>();
  private readonly changes = this.held.add(new vscode.EventEmitter<vscode.Uri>());
  readonly onDidChange = this.changes.event;

  constructor() {
    this.held.add(vscode.workspace.registerTextDocumentContentProvider(trialsScheme, this));
  }

  /** The latest search first. */
  get all(): readonly TrialDocument[] {
    return [...this.documents.values()].reverse();
  }

  provideTextDocumentContent(uri: vscode.Uri): string | undefined {
    return this.documents.get(uri.path)?.text;
  }

  begin(model: string): TrialDocument {
    const refresh = new Throttle(refreshInterval, () => this.changes.fire(document.uri));
    const document: TrialDocument = new TrialDocument(model, () => refresh.trigger());
    this.documents.delete(document.uri.path);
    this.documents.set(document.uri.path, document);
    this.changes.fire(document.uri);
    return document;
  }

  async show({ uri }: TrialDocument): Promise<void> {
    await vscode.window.showTextDocument(uri, {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
      preview: true,
    });
  }

  dispose(): void {
    this.held.dispose();
  }
}
