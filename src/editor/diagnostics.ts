import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../base/disposable';
import { languageId } from '../ids';
import type { Diagnostic, Fix } from '../language/diagnostic';
import { toDiagnostic, toRange } from './convert';
import type { Session } from './session';
import type { Sessions } from './sessions';
import type { Trainings } from './trainings';

/** Findings of both sides in the Problems panel, and the fixes that they bring. */
export class Diagnostics implements vscode.CodeActionProvider, Disposable {
  static readonly metadata: vscode.CodeActionProviderMetadata = {
    providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
  };

  private readonly held = new Disposables();
  private readonly collection = this.held.add(vscode.languages.createDiagnosticCollection(languageId));

  constructor(
    private readonly sessions: Sessions,
    private readonly trainings: Trainings,
  ) {
    this.held.add(
      sessions.onDidChange(({ session, change }) => {
        if (change !== 'values') this.publish(session);
      }),
    );
    this.held.add(
      trainings.onDidChange(({ uri }) => {
        const session = sessions.get(uri);
        if (session) this.publish(session);
      }),
    );
    this.held.add(sessions.onDidClose(session => this.collection.delete(vscode.Uri.parse(session.uri))));
  }

  provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const session = this.sessions.synced(document);
    if (!session) return [];
    return session.diagnostics.flatMap(diagnostic => {
      if (!toRange(session.source, diagnostic.span).intersection(range)) return [];
      const shown = context.diagnostics.filter(
        each => each.code === diagnostic.code && each.message === diagnostic.message,
      );
      const fixes = diagnostic.fixes ?? [];
      return fixes.map(fix => action(session, document.uri, fix, shown, fixes.length === 1));
    });
  }

  dispose(): void {
    this.held.dispose();
  }

  private publish(session: Session): void {
    const uri = vscode.Uri.parse(session.uri);
    const found = [...session.diagnostics, ...this.findingsOfTraining(session)];
    this.collection.set(
      uri,
      found.map(diagnostic => toDiagnostic(session.source, uri, diagnostic)),
    );
  }

  /** What ended the last training of this very text. */
  private findingsOfTraining(session: Session): Diagnostic[] {
    const last = this.trainings.of(session.uri).at(-1);
    const error = last?.outcome?.error;
    return error && last.text === session.source.text ? [error] : [];
  }
}

function action(
  session: Session,
  uri: vscode.Uri,
  fix: Fix,
  shown: vscode.Diagnostic[],
  isOnly: boolean,
): vscode.CodeAction {
  const made = new vscode.CodeAction(fix.title, vscode.CodeActionKind.QuickFix);
  made.edit = new vscode.WorkspaceEdit();
  made.edit.replace(uri, toRange(session.source, fix.span), fix.text);
  made.diagnostics = shown;
  made.isPreferred = isOnly;
  return made;
}
