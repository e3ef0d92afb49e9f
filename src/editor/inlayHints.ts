import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../base/disposable';
import { Throttle } from '../base/throttle';
import { settings } from '../ids';
import type { NameInfo } from '../worker/protocol';
import { brief } from './brief';
import { toOffset, toPosition } from './convert';
import type { Session } from './session';
import type { Sessions } from './sessions';

/** Hints that change move the text; while a training runs they do so seldom. */
const refreshInterval = 500;

interface Wanted {
  readonly shapes: boolean;
  readonly values: boolean;
}

/** The shape behind each statement that binds a name, and if wanted its value and gradient. */
export class InlayHints implements vscode.InlayHintsProvider, Disposable {
  private readonly held = new Disposables();
  private readonly changes = this.held.add(new vscode.EventEmitter<void>());
  private readonly refresh = this.held.add(new Throttle(refreshInterval, () => this.changes.fire()));
  /** Models whose values are kept fresh because hints show them. */
  private readonly watching = new Map<Session, Disposable>();

  readonly onDidChangeInlayHints = this.changes.event;

  constructor(private readonly sessions: Sessions) {
    this.held.add(
      sessions.onDidChange(({ session, change }) => {
        if (change === 'analysis') this.changes.fire();
        if (change === 'values' && this.watching.has(session)) this.refresh.trigger();
      }),
    );
    this.held.add(sessions.onDidClose(session => this.unwatch(session)));
    this.held.add(
      vscode.workspace.onDidChangeConfiguration(event => {
        if (!event.affectsConfiguration('nabla.inlayHints')) return;
        for (const session of [...this.watching.keys()]) this.unwatch(session);
        this.changes.fire();
      }),
    );
  }

  provideInlayHints(document: vscode.TextDocument, range: vscode.Range): vscode.InlayHint[] {
    const session = this.sessions.synced(document);
    const wanted = wantedIn(document);
    if (!session?.analysis) return [];
    if (wanted.values && !this.watching.has(session)) this.watching.set(session, session.values.watch());
    const { source } = session;
    const from = toOffset(source, range.start);
    const to = toOffset(source, range.end);
    const hints: vscode.InlayHint[] = [];
    for (const [end, info] of lastByPlace(session)) {
      if (end < from || end > to) continue;
      const label = labelOf(session, info, wanted);
      if (!label) continue;
      const hint = new vscode.InlayHint(toPosition(source, end), label, vscode.InlayHintKind.Type);
      hint.paddingLeft = true;
      hints.push(hint);
    }
    return hints;
  }

  dispose(): void {
    for (const watching of this.watching.values()) watching.dispose();
    this.held.dispose();
  }

  private unwatch(session: Session): void {
    this.watching.get(session)?.dispose();
    this.watching.delete(session);
  }
}

/**
 * One hint a statement, behind it, so that equals signs stay below each other; a loop's name has the value of its
 * last turn.
 */
function lastByPlace(session: Session): Map<number, NameInfo> {
  const ends = new Map(
    session.text.symbols.definitions.map(({ name, span, statement }) => [
      `${span.start} ${name}`,
      statement.span.end,
    ]),
  );
  const byPlace = new Map<number, NameInfo>();
  for (const info of session.analysis?.names ?? []) {
    const span = session.place(info.span);
    // a parameter of a layer stands at the layer's name, which has a hint of its own
    const end = span && ends.get(`${span.start} ${info.name}`);
    if (end !== undefined) byPlace.set(end, info);
  }
  return byPlace;
}

function labelOf(session: Session, info: NameInfo, wanted: Wanted): string | undefined {
  // an input or parameter says its shape itself
  const written = info.kind === 'input' || (info.kind === 'param' && declaresShape(session, info));
  const shape =
    wanted.shapes && !written ? `: ${info.shape}${info.dtype === 'float' ? '' : ` ${info.dtype}`}` : '';
  const values = wanted.values ? session.values.of(info.node) : undefined;
  if (!values) return shape || undefined;
  const gradient = values.gradient ? `, ∇ ${brief(values.gradient)}` : '';
  return `${shape}${shape ? ' ' : ''}= ${brief(values.value)}${gradient}`;
}

function declaresShape(session: Session, info: NameInfo): boolean {
  const span = session.place(info.span);
  return span !== undefined && /^\s*:/.test(session.source.text.slice(span.end));
}

function wantedIn(document: vscode.TextDocument): Wanted {
  const configuration = vscode.workspace.getConfiguration(undefined, document);
  return {
    shapes: configuration.get(settings.shapeHints, true),
    values: configuration.get(settings.valueHints, false),
  };
}
