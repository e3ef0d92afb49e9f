import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../base/disposable';
import { Throttle } from '../base/throttle';
import { formatNumber } from '../drawing/numbers';
import type { Session } from '../editor/session';
import { modelDocuments, type Sessions } from '../editor/sessions';
import type { Training, Trainings } from '../editor/trainings';
import { contextKeys, internalCommands } from '../ids';
import { describeState } from './stateLabel';

const refreshInterval = 250;

interface Status {
  readonly text: string;
  readonly tooltip: string;
  readonly warning?: boolean;
}

/** The one item in the status bar: whose values are shown, and how a training goes. */
export class StatusItem implements Disposable {
  private readonly held = new Disposables();
  private readonly refresh = this.held.add(new Throttle(refreshInterval, () => this.update()));
  private readonly item = this.held.add(
    vscode.window.createStatusBarItem('nabla.status', vscode.StatusBarAlignment.Left, 50),
  );

  constructor(
    private readonly sessions: Sessions,
    private readonly trainings: Trainings,
  ) {
    this.item.name = 'Nabla';
    this.item.command = internalCommands.actions;
    this.held.add(sessions.onDidChange(() => this.refresh.trigger()));
    this.held.add(sessions.onDidChangeActive(() => this.refresh.trigger()));
    this.held.add(sessions.onDidClose(() => this.refresh.trigger()));
    this.held.add(trainings.onDidChange(() => this.update()));
    this.held.add(trainings.onDidProgress(() => this.refresh.trigger()));
    this.held.add(vscode.window.onDidChangeActiveTextEditor(() => this.refresh.trigger()));
    this.update();
  }

  dispose(): void {
    this.held.dispose();
  }

  private update(): void {
    const session = this.sessions.active;
    const own = session && this.trainings.active(session.uri);
    const training = own ?? this.trainings.all.find(each => each.isActive);
    void vscode.commands.executeCommand('setContext', contextKeys.training, own !== undefined);
    void vscode.commands.executeCommand('setContext', contextKeys.paused, own?.phase === 'paused');
    const status = training ? statusOfTraining(training) : session && statusOfSession(session);
    const editor = vscode.window.activeTextEditor;
    const isModel = editor && vscode.languages.match(modelDocuments, editor.document) > 0;
    if (!status || !(isModel || training)) {
      this.item.hide();
      return;
    }
    this.item.text = status.text;
    this.item.tooltip = status.tooltip;
    this.item.backgroundColor = status.warning
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    this.item.show();
  }
}

function statusOfTraining({ phase, recorder, label, executor }: Training): Status {
  const { lastStep, lastLoss, series } = recorder;
  const icon = phase === 'paused' ? '$(debug-pause)' : '$(sync~spin)';
  const total = series.totalSteps > 0 ? ` of ${series.totalSteps}` : '';
  const loss = lastLoss === undefined ? '' : ` · loss ${formatNumber(lastLoss)}`;
  // our own code is the usual case and needs no word
  const by = executor === '' || executor === 'js' ? '' : ` · ${executor}`;
  const tooltip = `Training run ${label}: ${phase}${executor === '' ? '' : ` on ${executor}`}`;
  return { text: `${icon} ∇ step ${lastStep}${total}${loss}${by}`, tooltip };
}

function statusOfSession(session: Session): Status {
  const { analysis, failure } = session;
  if (failure !== undefined) return { text: '$(warning) ∇ engine', tooltip: failure, warning: true };
  if (!session.isTrusted) {
    return { text: '$(shield) ∇ restricted', tooltip: 'Data is read when the workspace is trusted.' };
  }
  if (session.isPaused) {
    return {
      text: '$(debug-pause) ∇ values paused',
      tooltip: 'The last evaluation took over two seconds. Run Model evaluates again.',
    };
  }
  if (!analysis) return { text: '∇ Nabla', tooltip: 'Not evaluated yet.' };
  const { label, rows } = describeState(session.values.shown?.state ?? analysis.state);
  if (!analysis.evaluated) return { text: '∇ shapes', tooltip: analysis.reason ?? 'No values.' };
  return { text: `∇ ${label}`, tooltip: `Shown everywhere: ${label}${rows ? `, ${rows}` : ''}` };
}
