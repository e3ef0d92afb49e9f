import path from 'node:path';
import * as vscode from 'vscode';
import { registerCourse } from './commands/course';
import { registerModelCommands } from './commands/model';
import { registerNewModel } from './commands/newModel';
import { registerRunCommands } from './commands/runs';
import { registerStateCommands } from './commands/states';
import { registerTrainingCommands } from './commands/training';
import { registerTuningCommands } from './commands/tuning';
import { CodeLenses } from './editor/codeLenses';
import { Completions } from './editor/completions';
import { Diagnostics } from './editor/diagnostics';
import { Formatting } from './editor/formatting';
import { Hovers } from './editor/hovers';
import { InlayHints } from './editor/inlayHints';
import { Names } from './editor/names';
import { Outline } from './editor/outline';
import { Selection } from './editor/selection';
import { modelDocuments, Sessions } from './editor/sessions';
import { offerCommandLine } from './editor/terminals';
import { Trainings } from './editor/trainings';
import { graphPanelType, views } from './ids';
import { EngineReports } from './views/engineReports';
import { GraphPanels } from './views/graphPanels';
import { GraphView } from './views/graphView';
import { ParametersView } from './views/parametersView';
import { RunDocuments } from './views/runs/runDocuments';
import { RunHistory } from './views/runs/runHistory';
import { RunsView } from './views/runs/runsView';
import { SavedRuns } from './views/runs/savedRuns';
import { StatusItem } from './views/statusItem';
import { TrialDocuments } from './views/trials/trialDocuments';
import { EngineClient } from './worker/engineClient';

/** What our own tests reach for. */
export interface Nabla {
  readonly engine: EngineClient;
  readonly sessions: Sessions;
  readonly trainings: Trainings;
  readonly runs: RunsView;
}

let running: EngineClient | undefined;

export function activate(context: vscode.ExtensionContext): Nabla {
  const started = performance.now();
  try {
    const log = vscode.window.createOutputChannel('Nabla', { log: true });
    context.subscriptions.push(log);
    const nabla = build(context, log);
    offerCommandLine(context);
    log.info(`Activated in ${(performance.now() - started).toFixed(1)} ms.`);
    return nabla;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(`Nabla could not start: ${message}`);
    throw error;
  }
}

/** Lets the engine come to rest, so that a run ends with what it has. */
export async function deactivate(): Promise<void> {
  await running?.dispose();
}

/** Makes the objects and wires them. Nothing here reads a file or starts the engine's thread. */
function build(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Nabla {
  const { subscriptions, extensionUri: extension } = context;
  const hold = <T extends vscode.Disposable>(disposable: T): T => {
    subscriptions.push(disposable);
    return disposable;
  };

  const engine = new EngineClient({ script: context.asAbsolutePath('dist/engineWorker.js') });
  running = engine;
  hold(new EngineReports(engine, log));

  const sessions = hold(new Sessions(engine));
  const trainings = new Trainings(engine, path.join, message => log.warn(message));
  hold(engine.onEvent(event => trainings.hear(event)));
  hold(trainings.onDidProgress(({ training }) => sessions.get(training.uri)?.values.moved(training.runId)));
  hold(
    vscode.workspace.onDidRenameFiles(({ files }) => {
      for (const { oldUri, newUri } of files) trainings.renamed(oldUri.toString(), newUri.toString());
    }),
  );
  const selection = hold(new Selection(sessions));

  hold(
    sessions.onDidChange(({ session, change }) => {
      const times = session.analysis?.milliseconds;
      if (change === 'analysis' && times) {
        log.debug(`${session.path}: lowered in ${times.lower} ms, evaluated in ${times.evaluate} ms`);
      }
    }),
  );

  const { languages, window } = vscode;
  const diagnostics = hold(new Diagnostics(sessions, trainings));
  hold(languages.registerCodeActionsProvider(modelDocuments, diagnostics, Diagnostics.metadata));
  hold(languages.registerHoverProvider(modelDocuments, new Hovers(sessions)));
  hold(languages.registerDocumentSymbolProvider(modelDocuments, new Outline(sessions)));
  hold(languages.registerCompletionItemProvider(modelDocuments, new Completions(sessions)));
  const names = new Names(sessions);
  hold(languages.registerDefinitionProvider(modelDocuments, names));
  hold(languages.registerReferenceProvider(modelDocuments, names));
  hold(languages.registerDocumentHighlightProvider(modelDocuments, names));
  hold(languages.registerRenameProvider(modelDocuments, names));
  const formatting = new Formatting();
  hold(languages.registerDocumentFormattingEditProvider(modelDocuments, formatting));
  hold(languages.registerDocumentRangeFormattingEditProvider(modelDocuments, formatting));
  hold(languages.registerInlayHintsProvider(modelDocuments, hold(new InlayHints(sessions))));
  hold(languages.registerCodeLensProvider(modelDocuments, hold(new CodeLenses(sessions, trainings))));

  const savedRuns = hold(new SavedRuns());
  const history = new RunHistory(savedRuns);
  const services = { engine, sessions, trainings, selection, history };
  const panels = hold(new GraphPanels(extension, services));
  hold(window.registerWebviewPanelSerializer(graphPanelType, panels));
  hold(window.registerWebviewViewProvider(views.graph, new GraphView(extension, services)));
  const runDocuments = hold(new RunDocuments());
  const trialDocuments = hold(new TrialDocuments());
  hold(new ParametersView(sessions));
  const runs = hold(new RunsView(trainings, savedRuns, trialDocuments));
  hold(new StatusItem(sessions, trainings));

  const commands = { ...services, extension, log, panels, savedRuns, runDocuments, trialDocuments };
  for (const register of [
    registerTrainingCommands,
    registerTuningCommands,
    registerModelCommands,
    registerStateCommands,
    registerRunCommands,
    registerNewModel,
    registerCourse,
  ]) {
    subscriptions.push(...register(commands));
  }
  return { engine, sessions, trainings, runs };
}
