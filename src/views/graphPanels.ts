import path from 'node:path';
import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../base/disposable';
import type { Session } from '../editor/session';
import { graphPanelType } from '../ids';
import { GraphChannel, type GraphServices } from './graphChannel';
import { webviewHtml, webviewRoot } from './webviewHtml';

interface Open {
  readonly panel: vscode.WebviewPanel;
  readonly held: Disposables;
}

/** Graphs beside the editor: one panel for each model. They survive a reload of the window. */
export class GraphPanels implements vscode.WebviewPanelSerializer, Disposable {
  private readonly open = new Map<string, Open>();

  constructor(
    private readonly extension: vscode.Uri,
    private readonly services: GraphServices,
  ) {}

  show(session: Session): void {
    if (this.reveal(session)) return;
    const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    this.adopt(vscode.window.createWebviewPanel(graphPanelType, '', column), session);
  }

  /** Brings the model's panel to the front, if there is one. */
  reveal(session: Session): boolean {
    const open = this.open.get(session.uri);
    open?.panel.reveal(undefined, true);
    return open !== undefined;
  }

  /** After a reload: `state` is what the webview kept for itself. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const uri = uriOf(state);
    try {
      const session = uri ? await this.services.sessions.require(uri) : this.services.sessions.active;
      if (session && !this.open.has(session.uri)) this.adopt(panel, session);
      else panel.dispose();
    } catch {
      panel.dispose(); // the file is gone
    }
  }

  dispose(): void {
    for (const { panel } of this.open.values()) panel.dispose();
  }

  private adopt(panel: vscode.WebviewPanel, session: Session): void {
    const { sessions } = this.services;
    const { uri } = session;
    const held = new Disposables();
    const channel = held.add(new GraphChannel(panel.webview, this.services, () => panel.visible));
    this.open.set(uri, { panel, held });
    held.add(panel.onDidChangeViewState(() => channel.visibilityChanged()));
    held.add(sessions.onDidClose(closed => closed.uri === uri && void this.outlive(uri, panel, channel)));
    held.add(sessions.onDidChange(({ session: changed }) => changed.uri === uri && channel.show(changed)));
    panel.onDidDispose(() => {
      this.open.delete(uri);
      held.dispose();
    });
    panel.title = `Graph of ${path.basename(session.path)}`;
    const icon = (theme: string) => vscode.Uri.joinPath(this.extension, 'media', `nabla-${theme}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    panel.webview.options = { enableScripts: true, localResourceRoots: [webviewRoot(this.extension)] };
    channel.show(session);
    panel.webview.html = webviewHtml(panel.webview, this.extension);
  }

  /** VS Code closes documents that no editor shows; a panel keeps its model, as long as the file exists. */
  private async outlive(uri: string, panel: vscode.WebviewPanel, channel: GraphChannel): Promise<void> {
    const parsed = vscode.Uri.parse(uri, true);
    if (parsed.scheme === 'untitled') {
      panel.dispose();
      return;
    }
    try {
      const session = await this.services.sessions.require(parsed);
      if (this.open.get(uri)?.panel === panel) channel.show(session);
    } catch {
      if (this.open.get(uri)?.panel === panel) channel.show(undefined);
    }
  }
}

function uriOf(state: unknown): vscode.Uri | undefined {
  if (typeof state !== 'object' || state === null || !('uri' in state)) return undefined;
  return typeof state.uri === 'string' ? vscode.Uri.parse(state.uri, true) : undefined;
}
