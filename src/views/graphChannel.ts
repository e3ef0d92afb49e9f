import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../base/disposable';
import { encodeNonFinite } from '../base/nonFinite';
import { OneInFlight } from '../base/throttle';
import type { Explanation } from '../drawing/displayGraph';
import type { Selection } from '../editor/selection';
import type { Session } from '../editor/session';
import type { Sessions } from '../editor/sessions';
import type { TrainingProgress, Trainings } from '../editor/trainings';
import { commands } from '../ids';
import type { Engine } from '../worker/engineClient';
import { parseFromWebview } from './messages';
import type { ControlAction, FromWebview, RunSeries, ToWebview } from './protocol';
import type { RunHistory } from './runs/runHistory';
import { emptiness, snapshotOf } from './snapshot';
import { describeState } from './stateLabel';

export interface GraphServices {
  readonly engine: Engine;
  readonly sessions: Sessions;
  readonly trainings: Trainings;
  readonly selection: Selection;
  readonly history: RunHistory;
}

const controls: Readonly<Record<Exclude<ControlAction, 'epoch'>, string>> = {
  train: commands.train,
  pause: commands.pause,
  step: commands.step,
  stop: commands.stop,
  reset: commands.reset,
  run: commands.run,
  openGraph: commands.openGraph,
};

/**
 * The host's end of one webview. The webview asks with `ready` and gets one snapshot; while it is visible it gets
 * what changes after that. A hidden one costs nothing, and asks again when it comes back.
 */
export class GraphChannel implements Disposable {
  private readonly held = new Disposables();
  private session: Session | undefined;
  private watching: Disposable | undefined;
  private ready = false;
  private explanation: Explanation | undefined;
  /** The model's last run from before this window. */
  private earlier: RunSeries | undefined;
  private readonly explaining = new OneInFlight(() => this.explainSelected());
  /** Values are large and come often: the next ones leave when the last have arrived. */
  private readonly delivering = new OneInFlight(() => this.deliverValues());

  constructor(
    private readonly webview: vscode.Webview,
    private readonly services: GraphServices,
    private readonly isVisible: () => boolean,
  ) {
    const { sessions, trainings, selection } = services;
    this.held.add(webview.onDidReceiveMessage(message => this.receive(message)));
    this.held.add(
      sessions.onDidChange(({ session, change }) => {
        if (session !== this.session) return;
        if (change === 'analysis' || change === 'picture') this.sendSnapshot();
        if (change === 'values') void this.delivering.trigger();
      }),
    );
    this.held.add(trainings.onDidProgress(progress => this.sendProgress(progress)));
    this.held.add(
      trainings.onDidChange(training => {
        if (training.uri === this.session?.uri) this.sendSnapshot();
      }),
    );
    this.held.add(selection.onDidChange(session => session === this.session && this.sendSelection()));
  }

  /** Shows another model. */
  show(session: Session | undefined): void {
    if (session === this.session) return;
    this.session = session;
    this.explanation = undefined;
    this.earlier = undefined;
    this.watch();
    this.sendSnapshot();
    void this.explaining.trigger();
    void this.recall();
  }

  /** The webview became visible or was hidden. */
  visibilityChanged(): void {
    if (!this.isVisible()) this.ready = false;
    this.watch();
  }

  dispose(): void {
    this.ready = false;
    this.watching?.dispose();
    this.held.dispose();
  }

  private get isListening(): boolean {
    return this.ready && this.isVisible();
  }

  /** Values are fetched only for eyes. */
  private watch(): void {
    this.watching?.dispose();
    this.watching = this.isListening ? this.session?.values.watch() : undefined;
  }

  private receive(message: unknown): void {
    const parsed = parseFromWebview(message);
    if (parsed) this.handle(parsed);
  }

  private handle(message: FromWebview): void {
    const { session } = this;
    switch (message.kind) {
      case 'ready':
        this.ready = true;
        this.watch();
        this.sendSnapshot();
        void this.explaining.trigger();
        void this.recall();
        return;
      case 'select':
        if (session && message.version === session.analysis?.version) this.selectNode(session, message.node);
        return;
      case 'reveal':
        if (session && message.version === session.analysis?.version) {
          void this.services.selection.reveal(session, message.span);
        }
        return;
      case 'control':
        this.control(message.action);
        return;
      case 'learningRate': {
        const training = this.services.trainings.get(message.runId);
        const action = { kind: 'learningRate', value: message.value } as const;
        if (training) this.services.trainings.steer(training, action).catch(reportError);
        return;
      }
      case 'show':
        session?.show({ kind: 'run', runId: message.runId, step: message.step }).catch(reportError);
        return;
      case 'copy':
        void vscode.env.clipboard.writeText(message.text);
        return;
      default:
        message satisfies never;
    }
  }

  private control(action: ControlAction): void {
    if (action !== 'epoch') {
      void vscode.commands.executeCommand(controls[action], this.session?.uri);
      return;
    }
    if (this.session) this.epoch(this.session).catch(reportError);
  }

  /** To the end of the epoch; a training that is not there yet begins with a step. */
  private async epoch({ uri }: Session): Promise<void> {
    const { trainings } = this.services;
    if (!trainings.active(uri)) await vscode.commands.executeCommand(commands.step, vscode.Uri.parse(uri));
    const training = trainings.active(uri);
    if (training) await trainings.steer(training, { kind: 'epoch' });
  }

  private selectNode(session: Session, node: number | null): void {
    this.services.selection.select(session, node ?? undefined);
    const span = session.picture?.nodes.find(({ id }) => id === node)?.span;
    if (span) void this.services.selection.reveal(session, span);
  }

  private sendSnapshot(): void {
    if (!this.isListening) return;
    const { session, explanation } = this;
    if (session?.analysis && !session.picture && emptiness(session) === undefined) return; // it comes by itself
    const trainings = session ? this.services.trainings.of(session.uri) : [];
    const node = session && this.services.selection.of(session);
    const current = explanation?.node === node ? explanation : undefined;
    void this.send({
      kind: 'snapshot',
      snapshot: snapshotOf(session, trainings, { node, explanation: current }, this.earlier),
    });
  }

  /** Brings back the chart that a reload of the window has emptied. */
  private async recall(): Promise<void> {
    const { session } = this;
    if (!this.isListening || !session || this.earlier) return;
    const earlier = await this.services.history.last(session);
    if (!earlier || session !== this.session || this.services.trainings.of(session.uri).length > 0) return;
    this.earlier = earlier;
    this.sendSnapshot();
  }

  private async deliverValues(): Promise<void> {
    const shown = this.session?.values.shown;
    if (!this.isListening || !shown || !this.session?.picture) return;
    const { version, state, graph } = shown;
    void this.explaining.trigger();
    await this.send({ kind: 'values', version, state: describeState(state), values: graph });
  }

  private sendProgress({ training, points }: TrainingProgress): void {
    if (!this.isListening || training.uri !== this.session?.uri) return;
    if (points.whole) {
      this.sendSnapshot();
      return;
    }
    const { runId, phase } = training;
    const { learningRate, seconds, kept } = training.recorder.series;
    const { from, steps, losses, epochs } = points;
    void this.send({
      kind: 'progress',
      runId,
      from,
      steps,
      losses,
      epochs,
      kept,
      phase,
      learningRate,
      seconds,
    });
  }

  private sendSelection(): void {
    const { session } = this;
    const version = session?.analysis?.version;
    if (!this.isListening || !session || version === undefined) return;
    void this.send({ kind: 'select', version, node: this.services.selection.of(session) ?? null });
    void this.explaining.trigger();
  }

  /** How the gradient of the selected node comes about, under the values shown now. */
  private async explainSelected(): Promise<void> {
    const { session } = this;
    if (!this.isListening || !session?.isCurrent) return;
    const { analysis } = session;
    const node = this.services.selection.of(session);
    if (node === undefined || !analysis?.evaluated) return;
    const { version } = analysis;
    try {
      const request = { kind: 'explain', uri: session.uri, version, node } as const;
      const explanation = await this.services.engine.call(request);
      const asked = session === this.session && session.analysis === analysis;
      if (!asked || this.services.selection.of(session) !== node) return;
      this.explanation = explanation;
      if (this.isListening) void this.send({ kind: 'explanation', version, explanation });
    } catch {
      this.explanation = undefined; // an int or data node has no gradient to explain
    }
  }

  private async send(message: ToWebview): Promise<void> {
    try {
      await this.webview.postMessage(encodeNonFinite(message));
    } catch {
      // disposed meanwhile
    }
  }
}

function reportError(error: unknown): void {
  void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
}
