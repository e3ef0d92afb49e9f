// Records what the webview is sent about examples into `recorded/`:  tsx test/browser/record.ts [example ...]
import fs from 'node:fs';
import path from 'node:path';
import type { Explanation } from '../../src/drawing/displayGraph';
import { Session } from '../../src/editor/session';
import { Trainings } from '../../src/editor/trainings';
import type { Snapshot, ToWebview } from '../../src/views/protocol';
import { snapshotOf } from '../../src/views/snapshot';
import type { Engine } from '../../src/worker/engineClient';
import { createEngine } from '../../src/worker/handler';
import type { Event } from '../../src/worker/protocol';
import { projectRoot } from '../vscode/host/paths';
import type { RecordedRun } from './recorded/read';

/** What is recorded: the engine and the adapters of the editor in one thread, without a VS Code. */
interface Recording {
  readonly example: string;
  /** The node that is selected and explained. */
  readonly node: string;
  /** A run that is finished, and one that stands half-way. */
  readonly runs: boolean;
}

const recordings: readonly Recording[] = [
  { example: 'sigmoid', node: 'w0', runs: false },
  { example: 'iris', node: 'W', runs: true },
];

export async function record({ example, node, runs }: Recording): Promise<Partial<RecordedRun>> {
  const file = path.join(projectRoot, 'examples', `${example}.nabla`);
  const uri = `file:///models/${example}.nabla`;
  const heard: (event: Event) => void = event => hear(event);
  const inner = createEngine(heard);
  const engine: Engine = {
    call: request => inner.handle(request, () => false) as ReturnType<Engine['call']> as never,
  };
  const text = fs.readFileSync(file, 'utf8');
  const session = new Session(engine, { uri, version: 1, path: file, text }, { live: 'on', trusted: true });
  const trainings = new Trainings(engine, path.join, () => {});
  const messages: Extract<ToWebview, { kind: 'progress' }>[] = [];
  trainings.onDidProgress(({ training, points }) => {
    const { runId, phase } = training;
    const { learningRate, seconds, kept } = training.recorder.series;
    const { from, steps, losses, epochs } = points;
    messages.push({
      ...{ kind: 'progress', runId, from, steps, losses, epochs, kept, phase, learningRate, seconds },
    });
  });
  const hear = (event: Event): void => trainings.hear(event);

  const look = async (): Promise<Snapshot> => {
    const watching = session.values.watch();
    await session.upToDate();
    while (!session.values.shown?.complete) await pause(20);
    watching.dispose();
    const at = session.analysis!.names.find(({ name }) => name === node)!.node;
    const explanation = await engine.call({ kind: 'explain', uri, version: 1, node: at });
    chosen = { node: at, explanation };
    return snapshotOf(session, trainings.all, { node: undefined, explanation: undefined });
  };
  let chosen: { readonly node: number; readonly explanation: Explanation } | undefined;

  if (!runs) return { snapshot: await look(), explanation: chosen!.explanation };
  await session.upToDate();
  await trainings.start(session, {}).ended;
  await pause(1100); // a run is named by its second
  const { training, ended } = trainings.start(session, { paused: true });
  const { recorder } = training;
  while (recorder.lastStep === 0 || recorder.lastStep < recorder.series.totalSteps / 2) {
    const before = recorder.lastStep;
    await trainings.steer(training, { kind: 'step' });
    while (recorder.lastStep === before || training.phase !== 'paused') await pause(1);
  }
  await session.show({ kind: 'run', runId: training.runId });
  const snapshot = asIfRunning(structuredClone(await look()));
  const { explanation } = chosen!;
  const before = messages.length;
  await trainings.steer(training, { kind: 'resume' });
  await ended;
  session.refresh();
  const { values: trained } = await look();
  return { snapshot, explanation, trained: trained!, progress: joined(messages.slice(before)) };
}

/** It had to pause to be looked at. */
function asIfRunning(snapshot: Snapshot): Snapshot {
  const phase = (runId: string) => (runId === snapshot.activeRun ? { phase: 'running' as const } : {});
  return { ...snapshot, runs: snapshot.runs.map(run => ({ ...run, ...phase(run.runId) })) };
}

/** Several progress messages as one. */
function joined(parts: readonly Extract<ToWebview, { kind: 'progress' }>[]): RecordedRun['progress'] {
  const [first, last] = [parts[0]!, parts.at(-1)!];
  return {
    ...last,
    phase: 'finished',
    from: first.from,
    steps: parts.flatMap(part => part.steps),
    losses: parts.flatMap(part => part.losses),
    epochs: parts.flatMap(part => part.epochs),
  };
}

const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

/** Fewer digits: nobody reads them, and the files stay small. */
const brief = (_: string, value: unknown) => {
  if (typeof value !== 'number') return value;
  return Number.isFinite(value) ? Number(value.toPrecision(7)) : null;
};

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  for (const recording of recordings) {
    if (wanted.length > 0 && !wanted.includes(recording.example)) continue;
    const file = path.join(__dirname, 'recorded', `${recording.example}.json`);
    fs.writeFileSync(file, `${JSON.stringify(await record(recording), brief)}\n`);
    console.log(`${path.relative(projectRoot, file)} ${(fs.statSync(file).size / 1024).toFixed(0)} KB`);
  }
  process.exit(0);
}

if (require.main === module) void main();
