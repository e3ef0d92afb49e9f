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

/** Above `train`: start it; while it runs, how it goes, pause and stop. */
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
    return trainPlaces(session).flatMap(({ start, summary }) => {
      const position = toPosition(session.source, start);
      const range = new vscode.Range(position, position);
      const items = training ? running(training) : [ready(summary)];
      return items.map(
        ([title, command]) => new vscode.CodeLens(range, { title, command, arguments: [document.uri] }),
      );
    });
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

/** Every `train` block of the text, with what the engine says of it when it has read the same text. */
function trainPlaces(session: Session): { start: number; summary: string | undefined }[] {
  const blocks = session.text.file.statements.filter(({ kind }) => kind === 'train');
  const known = session.analysis?.training ?? [];
  return blocks.map(({ span: { start } }) => ({
    start,
    summary: known.find(info => session.place(info.span)?.start === start)?.summary,
  }));
}
