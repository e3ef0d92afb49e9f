import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../base/disposable';
import { Emitter } from '../base/emitter';
import { Debounce } from '../base/throttle';
import type { Span } from '../language/source';
import type { NameInfo } from '../worker/protocol';
import { toOffset, toRange } from './convert';
import { nameAt } from './nodeAt';
import type { Session } from './session';
import type { Sessions } from './sessions';

/** A cursor that runs through the text does not select on its way. */
const quietTime = 60;

interface Selected {
  readonly node: number;
  /** Finds the node again in the graph of a later text. */
  readonly name: string | undefined;
}

/** One selected node for each model: the cursor chooses it in the text, a click in the picture. */
export class Selection implements Disposable {
  private readonly held = new Disposables();
  private readonly byUri = new Map<string, Selected>();
  private readonly changes = this.held.add(new Emitter<Session>());
  private readonly quiet = this.held.add(new Debounce(quietTime, () => this.followCursor()));
  /** A selection in the text that we made; it must not choose a node in turn. */
  private made: { readonly uri: string; readonly range: vscode.Range } | undefined;

  readonly onDidChange = this.changes.listen;

  constructor(private readonly sessions: Sessions) {
    this.held.add(
      vscode.window.onDidChangeTextEditorSelection(event => {
        if (sessions.of(event.textEditor.document)) this.quiet.trigger();
      }),
    );
    this.held.add(
      sessions.onDidChange(({ session, change }) => change === 'analysis' && this.follow(session)),
    );
    this.held.add(sessions.onDidClose(session => this.byUri.delete(session.uri)));
  }

  of(session: Session): number | undefined {
    return this.byUri.get(session.uri)?.node;
  }

  select(session: Session, node: number | undefined): void {
    if (node === this.of(session)) return;
    if (node === undefined) this.byUri.delete(session.uri);
    else this.byUri.set(session.uri, { node, name: nameOf(session, node) });
    this.changes.fire(session);
  }

  /** Selects the text of a node of the analysis, without taking the focus. */
  async reveal(session: Session, span: Span): Promise<void> {
    const placed = session.place(span);
    const document = this.sessions.document(session);
    if (!placed || !document) return;
    const range = toRange(session.source, placed);
    this.made = { uri: session.uri, range };
    const visible = vscode.window.visibleTextEditors.find(editor => editor.document === document);
    if (visible) {
      visible.selection = new vscode.Selection(range.start, range.end);
      visible.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    } else {
      const viewColumn = vscode.ViewColumn.One;
      await vscode.window.showTextDocument(document, { selection: range, preserveFocus: true, viewColumn });
    }
  }

  dispose(): void {
    this.held.dispose();
  }

  private followCursor(): void {
    const editor = vscode.window.activeTextEditor;
    const session = editor && this.sessions.of(editor.document);
    if (!session) return;
    const { made } = this;
    this.made = undefined;
    if (made?.uri === session.uri && made.range.isEqual(editor.selection)) return;
    const name = nameAt(session, toOffset(session.source, editor.selection.active));
    if (name && isNode(name)) this.select(session, name.node);
  }

  /** Nodes have other numbers after an edit: the name stays selected. */
  private follow(session: Session): void {
    const selected = this.byUri.get(session.uri);
    if (!selected) {
      this.quiet.trigger(); // the cursor may stand on a name since before the graph was known
      return;
    }
    if (nameOf(session, selected.node) === selected.name && selected.name === undefined) return;
    const again = session.analysis?.names.find(info => isNode(info) && fullName(info) === selected.name);
    this.select(session, again?.node);
  }
}

/** Tables of data are names too, and no nodes. */
function isNode({ kind }: NameInfo): boolean {
  return kind !== 'data';
}

/** A name with its version, where it is bound more than once. */
function fullName({ name, version }: NameInfo): string {
  return version === undefined ? name : `${name} ${version}`;
}

function nameOf({ analysis }: Session, node: number): string | undefined {
  const info = analysis?.names.find(each => each.node === node);
  return info && fullName(info);
}
