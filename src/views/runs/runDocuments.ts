import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import { runScheme } from '../../ids';
import { summarizeRun } from './runSummary';
import type { SavedRun } from './savedRuns';

/** Runs as read-only documents, for the editor's own diff. */
export class RunDocuments implements vscode.TextDocumentContentProvider, Disposable {
  private readonly texts = new Map<string, string>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(runScheme, this);

  provideTextDocumentContent(uri: vscode.Uri): string | undefined {
    return this.texts.get(uri.path);
  }

  async open(run: SavedRun): Promise<vscode.Uri> {
    const uri = vscode.Uri.from({ scheme: runScheme, path: `${run.folder.path}.txt` });
    this.texts.set(uri.path, await summaryOf(run));
    return uri;
  }

  dispose(): void {
    this.registration.dispose();
  }
}

/** The summary with the text of the model as it was trained. */
export async function summaryOf({ folder, record }: SavedRun): Promise<string> {
  let model: string | undefined;
  try {
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, 'model.nabla'));
    model = new TextDecoder().decode(bytes);
  } catch {
    // the run was made without it, or somebody has tidied up
  }
  return summarizeRun(record, model);
}
