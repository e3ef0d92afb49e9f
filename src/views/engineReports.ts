import * as vscode from 'vscode';
import { type Disposable, Disposables } from '../base/disposable';
import { commands } from '../ids';
import type { EngineClient } from '../worker/engineClient';
import type { Event } from '../worker/protocol';

/** Tells what happens to the engine: everything in the log, and a person only what needs one. */
export class EngineReports implements Disposable {
  private readonly held = new Disposables();
  private stalled = false;

  constructor(
    engine: EngineClient,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.held.add(engine.onEvent(event => this.note(event)));
    this.held.add(engine.onDidCrash(reason => void this.crashed(reason)));
    this.held.add(engine.onDidStall(() => void this.stall()));
  }

  dispose(): void {
    this.held.dispose();
  }

  private note(event: Event): void {
    if (event.kind !== 'log') return;
    if (event.level === 'error') this.log.error(event.message);
    else if (event.level === 'warning') this.log.warn(event.message);
    else this.log.info(event.message);
  }

  private async crashed(reason: string): Promise<void> {
    this.log.error(`The engine stopped: ${reason}`);
    await this.offer(
      `Nabla's engine stopped unexpectedly (${reason}). It starts again when it is next needed.`,
      'Show Log',
      commands.showLog,
    );
  }

  private async stall(): Promise<void> {
    if (this.stalled) return;
    this.stalled = true;
    this.log.warn('The engine does not leave a request that was cancelled.');
    await this.offer("Nabla's engine does not respond.", 'Restart Engine', commands.restartEngine);
    this.stalled = false;
  }

  private async offer(sentence: string, action: string, command: string): Promise<void> {
    const choice = await vscode.window.showWarningMessage(sentence, action);
    if (choice === action) await vscode.commands.executeCommand(command);
  }
}
