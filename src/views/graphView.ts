import type * as vscode from 'vscode';
import { Disposables } from '../base/disposable';
import { GraphChannel, type GraphServices } from './graphChannel';
import { webviewHtml, webviewRoot } from './webviewHtml';

/** The graph in the side bar: of the model in the active editor. */
export class GraphView implements vscode.WebviewViewProvider {
  constructor(
    private readonly extension: vscode.Uri,
    private readonly services: GraphServices,
  ) {}

  resolveWebviewView(view: vscode.WebviewView): void {
    const { sessions } = this.services;
    const held = new Disposables();
    const channel = held.add(new GraphChannel(view.webview, this.services, () => view.visible));
    held.add(view.onDidChangeVisibility(() => channel.visibilityChanged()));
    held.add(sessions.onDidChangeActive(session => channel.show(session)));
    view.onDidDispose(() => held.dispose());
    channel.show(sessions.active);
    view.webview.options = { enableScripts: true, localResourceRoots: [webviewRoot(this.extension)] };
    view.webview.html = webviewHtml(view.webview, this.extension);
  }
}
