import path from 'node:path';
import type { Explanation } from '../drawing/displayGraph';
import type { Session } from '../editor/session';
import type { Training } from '../editor/trainings';
import type { RunSeries, Snapshot } from './protocol';
import { describeState } from './stateLabel';

/** Everything a webview needs to draw the model from nothing. */
export function snapshotOf(
  session: Session | undefined,
  trainings: readonly Training[],
  selection: { readonly node: number | undefined; readonly explanation: Explanation | undefined },
  /** A run from before this window, shown until the model is trained. */
  earlier?: RunSeries,
): Snapshot {
  if (!session) return { version: 0, empty: 'Open a .nabla file to see its graph.', runs: [] };
  const { analysis } = session;
  const shown = session.values.shown;
  const values = analysis && shown?.version === analysis.version ? shown : undefined;
  const empty = emptiness(session);
  const active = trainings.findLast(training => training.isActive) ?? trainings.at(-1);
  const runs = trainings.map(training => seriesOf(training, session));
  if (runs.length === 0 && earlier) runs.push(earlier);
  return {
    file: path.basename(session.path),
    uri: session.uri,
    version: analysis?.version ?? session.version,
    runs,
    ...(empty === undefined ? {} : { empty }),
    ...(session.picture && empty === undefined ? { graph: session.picture } : {}),
    ...(analysis ? { state: describeState(values?.state ?? analysis.state) } : {}),
    ...(values ? { values: values.graph } : {}),
    ...(analysis?.objective === undefined ? {} : { objective: analysis.objective }),
    ...(selection.node === undefined ? {} : { selected: selection.node }),
    ...(selection.explanation === undefined ? {} : { explanation: selection.explanation }),
    ...(active ? { activeRun: active.runId } : {}),
  };
}

/** The curve, with a word when the text has been edited since it began. */
function seriesOf(training: Training, session: Session): RunSeries {
  const { series } = training.recorder;
  const edited = session.source.text !== training.text;
  return edited ? { ...series, label: `${series.label}, earlier text` } : series;
}

/** Why there is no graph, in one sentence; nothing when there is one. */
export function emptiness(session: Session): string | undefined {
  const { analysis, failure } = session;
  if (analysis?.names.some(({ kind }) => kind !== 'data')) return undefined;
  if (failure !== undefined) return failure;
  if (!analysis) return session.isBusy ? 'Reading the model …' : 'Choose Run Model to see the graph.';
  if (session.diagnostics.some(({ severity }) => severity === 'error')) {
    return 'The model has errors; the Problems panel lists them.';
  }
  return analysis.reason ?? 'The model has no values yet: bind a name, such as w = 2.';
}
