import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../base/disposable';
import { Throttle } from '../base/throttle';
import type { NodeValues } from '../drawing/displayGraph';
import { formatTensor } from '../drawing/numbers';
import { brief } from '../editor/brief';
import type { Session } from '../editor/session';
import type { Sessions } from '../editor/sessions';
import { internalCommands, itemKinds, views } from '../ids';
import type { NameInfo } from '../worker/protocol';
import { describeState } from './stateLabel';

const refreshInterval = 250;

export interface ParameterItem {
  readonly session: Session;
  readonly info: NameInfo;
}

/** The parameters of the active model: path, shape, norms of value and gradient under the shown state. */
export class ParametersView implements vscode.TreeDataProvider<ParameterItem>, Disposable {
  private readonly held = new Disposables();
  private readonly changes = this.held.add(new vscode.EventEmitter<void>());
  private readonly refresh = this.held.add(new Throttle(refreshInterval, () => this.update()));
  private readonly tree: vscode.TreeView<ParameterItem>;
  private watching: Disposable | undefined;
  private watched: Session | undefined;

  readonly onDidChangeTreeData = this.changes.event;

  constructor(private readonly sessions: Sessions) {
    this.tree = this.held.add(vscode.window.createTreeView(views.parameters, { treeDataProvider: this }));
    this.held.add(this.tree.onDidChangeVisibility(() => this.refresh.trigger()));
    this.held.add(sessions.onDidChangeActive(() => this.refresh.trigger()));
    this.held.add(
      sessions.onDidChange(({ session, change }) => {
        if (session === sessions.active && change !== 'text') this.refresh.trigger();
      }),
    );
    this.update();
  }

  getChildren(parent?: ParameterItem): ParameterItem[] {
    const session = this.sessions.active;
    if (parent || !session?.analysis) return [];
    const parameters = session.analysis.names.filter(({ kind }) => kind === 'param');
    return parameters.map(info => ({ session, info }));
  }

  getTreeItem({ session, info }: ParameterItem): vscode.TreeItem {
    const item = new vscode.TreeItem(info.name);
    const values = session.values.of(info.node);
    const numbers = values
      ? [`= ${brief(values.value)}`, ...(values.gradient ? [`∇ ${brief(values.gradient)}`] : [])]
      : [];
    item.id = `${session.uri} ${info.node} ${info.name}`;
    item.description = [info.shape, ...numbers].join(' · ');
    item.contextValue = itemKinds.parameter;
    item.iconPath = new vscode.ThemeIcon(values?.reached === false ? 'circle-slash' : 'symbol-parameter');
    item.tooltip = tooltip(info, values);
    item.command = {
      command: internalCommands.reveal,
      title: 'Reveal',
      arguments: [session.uri, info.span],
    };
    return item;
  }

  dispose(): void {
    this.watching?.dispose();
    this.held.dispose();
  }

  private update(): void {
    const session = this.sessions.active;
    this.watch(this.tree.visible ? session : undefined);
    if (!this.tree.visible) return;
    const state = session?.values.shown?.state ?? session?.analysis?.state;
    this.tree.description = state ? describeState(state).label : '';
    this.changes.fire();
  }

  /** Values are fetched only for eyes. */
  private watch(session: Session | undefined): void {
    if (session === this.watched) return;
    this.watching?.dispose();
    this.watched = session;
    this.watching = session?.values.watch();
  }
}

function tooltip({ name, shape }: NameInfo, values: NodeValues | undefined): string {
  const lines = [`${name} : ${shape}`];
  if (values) lines.push(`value ${formatTensor(values.value)}`);
  if (values?.gradient) lines.push(`gradient ${formatTensor(values.gradient)}`);
  if (values?.reached === false) lines.push('The objective does not depend on it.');
  return lines.join('\n');
}
