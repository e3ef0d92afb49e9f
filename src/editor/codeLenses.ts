import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../base/disposable';
import { Throttle } from '../base/throttle';
import { formatNumber } from '../drawing/numbers';
import { commands } from '../ids';
import { toPosition } from './convert';
import type { Session } from './session';
import type { Sessions } from './sessions';
import type { Training, Trainings } from './trainings';

const refreshInterval = 1_000;

/** Above `train`: start it; while it runs, how it goes, pause and stop. Above `tune`: search. */
export class CodeLenses implements vscode.CodeLensProvider, Disposable {
  private readonly held = new Disposables();
  private readonly changes = this.held.add(new vscode.EventEmitter<void>());
  private readonly refresh = this.held.add(new Throttle(refreshInterval, () => this.changes.fire()));

  readonly onDidChangeCodeLenses = this.changes.event;

  constructor(
    private readonly sessions: Sessions,
    private readonly trainings: Trainings,
  ) {
    this.held.add(sessions.onDidChange(({ change }) => change === 'analysis' && this.changes.fire()));
    this.held.add(trainings.onDidChange(() => this.changes.fire()));
    this.held.add(trainings.onDidProgress(() => this.refresh.trigger()));
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const session = this.sessions.synced(document);
    if (!session) return [];
    const training = this.trainings.active(session.uri);
    const lenses = (start: number, items: readonly Lens[]): vscode.CodeLens[] => {
      const position = toPosition(session.source, start);
      const range = new vscode.Range(position, position);
      return items.map(
        ([title, command]) => new vscode.CodeLens(range, { title, command, arguments: [document.uri] }),
      );
    };
    return [
      ...trainPlaces(session).flatMap(({ start, summary }) =>
        lenses(start, training ? running(training) : [ready(summary)]),
      ),
      ...tunePlaces(session).flatMap(({ start, summary }) => lenses(start, [tunable(summary)])),
    ];
  }

  dispose(): void {
    this.held.dispose();
  }
}

type Lens = readonly [title: string, command: string];

function ready(summary: string | undefined): Lens {
  return [summary ? `$(play) Train Model · ${summary}` : '$(play) Train Model', commands.train];
}

function running({ phase, recorder }: Training): Lens[] {
  const { lastStep, lastLoss, series } = recorder;
  const loss = lastLoss === undefined ? '' : ` · loss ${formatNumber(lastLoss)}`;
  const total = series.totalSteps > 0 ? ` of ${series.totalSteps}` : '';
  const paused = phase === 'paused';
  return [
    [paused ? '$(play) Resume' : '$(debug-pause) Pause', commands.pause],
    ['$(debug-stop) Stop', commands.stop],
    [`${paused ? 'paused at ' : ''}step ${lastStep}${total}${loss}`, commands.showState],
  ];
}

function tunable(summary: string | undefined): Lens {
  return [summary ? `$(beaker) Tune · ${summary}` : '$(beaker) Tune', commands.tune];
}

/** The `tune` block of the text, with what the engine says of it when it has read the same text. */
function tunePlaces(session: Session): { start: number; summary: string | undefined }[] {
  const known = session.analysis?.tuning;
  const at = known && session.place(known.span)?.start;
  const blocks = session.text.file.statements.filter(({ kind }) => kind === 'tune');
  return blocks.map(({ span: { start } }) => ({ start, summary: start === at ? known?.summary : undefined }));
}

/** Every `train` block of the text, with what the engine says of it when it has read the same text. */
function trainPlaces(session: Session): { start: number; summary: string | undefined }[] {
  const blocks = session.text.file.statements.filter(({ kind }) => kind === 'train');
  const known = session.analysis?.training ?? [];
  return blocks.map(({ span: { start } }) => ({
    start,
    summary: known.find(info => session.place(info.span)?.start === start)?.summary,
  }));
}
