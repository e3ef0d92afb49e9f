import fs from 'node:fs';
import path from 'node:path';
import { Source } from '../../src/language/source';
import { analyzeText } from '../../src/language/text';
import { createEngine, type Engine } from '../../src/worker/handler';
import type { Analysis } from '../../src/worker/protocol';
import { projectRoot } from '../vscode/host/paths';
import { makeScratchFolder } from '../vscode/host/scratch';
import { VSCodeWindow } from '../vscode/support/driver';
import type { Row } from './measure';

const EDITS = 25;

function readExample(name: string): { file: string; text: string } {
  const file = path.join(projectRoot, 'examples', name);
  return { file, text: fs.readFileSync(file, 'utf8') };
}

/** One version of a file, as the editor sends it: parsed here, lowered and evaluated by the engine. */
function analyze(engine: Engine, file: string, text: string, version: number): Promise<Analysis> {
  const parsed = analyzeText(new Source(file, text));
  const document = { uri: file, version, path: file, text, file: parsed.file, trusted: true };
  return engine.handle({ kind: 'analyze', document, values: true }, () => false) as Promise<Analysis>;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** From an edit to diagnostics and to values on screen, without the time the messages take. */
export async function editRows(name: string): Promise<Row[]> {
  const { file, text } = readExample(name);
  const engine = createEngine(() => {});
  const [textTimes, lowerTimes, valueTimes]: [number[], number[], number[]] = [[], [], []];
  for (let version = 1; version <= EDITS; version++) {
    // Another number on every turn, so that nothing of the version before can be kept.
    const edited = text.replace('lr = 0.01', `lr = 0.0${version}`);
    const start = performance.now();
    analyzeText(new Source(file, edited));
    textTimes.push(performance.now() - start);
    const { milliseconds, evaluated } = await analyze(engine, file, edited, version);
    if (!evaluated) throw new Error(`${name} has no values`);
    lowerTimes.push(milliseconds.lower);
    valueTimes.push(performance.now() - start);
  }
  const note = `median of ${EDITS} edits`;
  const diagnostics = median(textTimes) + median(lowerTimes);
  return [
    { name: `${name}: edit to diagnostics`, micros: diagnostics * 1000, note, goal: 30_000 },
    { name: `${name}: edit to values`, micros: median(valueTimes) * 1000, note, goal: 150_000 },
  ];
}

/** A whole training as the editor runs it, progress and slices included. */
export async function trainingRow(name: string): Promise<Row> {
  const { file, text } = readExample(name);
  const engine = createEngine(() => {});
  await analyze(engine, file, text, 1);
  const start = performance.now();
  const run = { runId: 'bench', paused: false };
  await engine.handle({ kind: 'train', uri: file, version: 1, run }, () => false);
  return {
    name: `${name}: training to the end`,
    micros: (performance.now() - start) * 1000,
    goal: 2_000_000,
  };
}

/** How long `activate` takes in a real VS Code, by the extension's own log. */
export async function activationRow(): Promise<Row> {
  const folder = path.join(makeScratchFolder(), 'examples');
  fs.cpSync(path.join(projectRoot, 'examples'), folder, { recursive: true });
  const window = await VSCodeWindow.open({ folder, file: path.join(folder, 'iris.nabla') });
  try {
    const found = (): RegExpExecArray | null => /Activated in ([\d.]+) ms/.exec(window.log('Nabla'));
    for (let waited = 0; !found() && waited < 20_000; waited += 100) await window.page.waitForTimeout(100);
    const milliseconds = Number(found()?.[1]);
    return { name: 'activation in VS Code', micros: milliseconds * 1000, goal: 50_000 };
  } finally {
    await window.close();
  }
}
