import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../base/disposable';
import { Emitter } from '../base/emitter';
import { languageId, settings } from '../ids';
import type { Engine } from '../worker/engineClient';
import { DataWatcher } from './dataWatcher';
import { type ModelText, type Policy, Session, type SessionChange } from './session';

/** Documents that are models to work on; not those of a diff's other side. */
export const modelDocuments: vscode.DocumentSelector = [
  { language: languageId, scheme: 'file' },
  { language: languageId, scheme: 'untitled' },
];

export interface SessionEvent {
  readonly session: Session;
  readonly change: SessionChange;
}

interface Open {
  readonly session: Session;
  readonly document: vscode.TextDocument;
  readonly held: Disposables;
}

/** One session for each open model. */
export class Sessions implements Disposable {
  private readonly byUri = new Map<string, Open>();
  private readonly held = new Disposables();
  private readonly changes = this.held.add(new Emitter<SessionEvent>());
  private readonly closings = this.held.add(new Emitter<Session>());
  private readonly actives = this.held.add(new Emitter<Session | undefined>());
  private last: string | undefined;

  readonly onDidChange = this.changes.listen;
  readonly onDidClose = this.closings.listen;
  /** Another model is the one that views show. */
  readonly onDidChangeActive = this.actives.listen;

  constructor(private readonly engine: Engine) {
    const { workspace, window } = vscode;
    this.held.add(workspace.onDidOpenTextDocument(document => this.open(document)));
    this.held.add(workspace.onDidCloseTextDocument(document => this.close(document)));
    this.held.add(workspace.onDidChangeTextDocument(event => this.edit(event)));
    this.held.add(workspace.onDidGrantWorkspaceTrust(() => this.configure()));
    this.held.add(
      workspace.onDidChangeConfiguration(
        event =>
          [settings.live, settings.memoryLimit, settings.backend, settings.threads].some(setting =>
            event.affectsConfiguration(setting),
          ) && this.configure(),
      ),
    );
    this.held.add(window.onDidChangeActiveTextEditor(editor => this.activate(editor)));
    for (const document of workspace.textDocuments) this.open(document);
    this.activate(window.activeTextEditor);
  }

  /** The model that views show: of the active editor, else the one that was active last. */
  get active(): Session | undefined {
    return this.last === undefined ? undefined : this.byUri.get(this.last)?.session;
  }

  get all(): Session[] {
    return [...this.byUri.values()].map(({ session }) => session);
  }

  get(uri: vscode.Uri | string): Session | undefined {
    return this.byUri.get(uri.toString())?.session;
  }

  of(document: vscode.TextDocument): Session | undefined {
    return this.get(document.uri);
  }

  /** The session with the syntax of exactly this text, for a provider that is asked right after an edit. */
  synced(document: vscode.TextDocument): Session | undefined {
    const session = this.of(document);
    session?.catchUp();
    return session?.source.text === document.getText() ? session : undefined;
  }

  document(session: Session): vscode.TextDocument | undefined {
    return this.byUri.get(session.uri)?.document;
  }

  /** Opens the document when it is not. */
  async require(uri: vscode.Uri): Promise<Session> {
    await vscode.workspace.openTextDocument(uri);
    const session = this.get(uri);
    if (!session) throw new Error(`${uri.fsPath} is not a Nabla model.`);
    return session;
  }

  dispose(): void {
    for (const { session, held } of this.byUri.values()) {
      held.dispose();
      session.close();
    }
    this.byUri.clear();
    this.held.dispose();
  }

  private open(document: vscode.TextDocument): void {
    const uri = document.uri.toString();
    if (vscode.languages.match(modelDocuments, document) === 0 || this.byUri.has(uri)) return;
    const session = new Session(this.engine, textOf(document), policyOf(document));
    const held = new Disposables();
    held.add(session.onDidChange(change => this.changes.fire({ session, change })));
    held.add(new DataWatcher(session));
    this.byUri.set(uri, { session, document, held });
    if (vscode.window.activeTextEditor?.document === document) this.activate(vscode.window.activeTextEditor);
  }

  private close(document: vscode.TextDocument): void {
    const uri = document.uri.toString();
    const open = this.byUri.get(uri);
    if (!open) return;
    this.byUri.delete(uri);
    open.held.dispose();
    open.session.close();
    this.closings.fire(open.session);
    if (this.last !== uri) return;
    this.last = undefined;
    this.actives.fire(undefined);
  }

  private edit(event: vscode.TextDocumentChangeEvent): void {
    if (event.contentChanges.length === 0) return; // only the dirty flag
    const edits = event.contentChanges.map(change => ({
      start: change.rangeOffset,
      removed: change.rangeLength,
      inserted: change.text.length,
    }));
    this.of(event.document)?.edit(textOf(event.document), edits);
  }

  private configure(): void {
    for (const { session, document } of this.byUri.values()) session.configure(policyOf(document));
  }

  private activate(editor: vscode.TextEditor | undefined): void {
    const uri = editor?.document.uri.toString();
    if (uri === undefined || uri === this.last || !this.byUri.has(uri)) return;
    this.last = uri;
    this.actives.fire(this.active);
  }
}

function textOf(document: vscode.TextDocument): ModelText {
  return {
    uri: document.uri.toString(),
    version: document.version,
    path: pathOf(document),
    text: document.getText(),
  };
}

/** An untitled file reads its data as if it lay in the workspace's folder. */
function pathOf({ uri }: vscode.TextDocument): string {
  if (uri.scheme === 'file' || path.isAbsolute(uri.path)) return uri.fsPath;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? os.homedir();
  return path.join(folder, path.basename(uri.path));
}

type Executor = NonNullable<Policy['executor']>;

function policyOf(document: vscode.TextDocument): Policy {
  const configuration = vscode.workspace.getConfiguration(undefined, document);
  const megabytes = configuration.get<number>(settings.memoryLimit, 0);
  const threads = configuration.get<number>(settings.threads, 0);
  return {
    live: configuration.get<Policy['live']>(settings.live, 'on'),
    trusted: vscode.workspace.isTrusted,
    ...(megabytes > 0 ? { memoryLimit: megabytes * 1024 * 1024 } : {}),
    executor: {
      backend: configuration.get<Executor['backend']>(settings.backend, 'auto'),
      ...(threads > 0 ? { threads } : {}),
    },
  };
}
