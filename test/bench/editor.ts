import fs from 'node:fs';
import path from 'node:path';
import { Source } from '../../src/language/source';
import { analyzeText } from '../../src/language/text';
import { EngineClient } from '../../src/worker/engineClient';
import type { Analysis } from '../../src/worker/protocol';
import { projectRoot } from '../vscode/host/paths';
import { makeScratchFolder } from '../vscode/host/scratch';
import { VSCodeWindow } from '../vscode/support/driver';
import { blocksOf, longModel } from './longModel';
import { type Row, time } from './measure';

const EDITS = 25;

/** After so long, in milliseconds, some edits fewer will do. */
const EDITING = 8_000;

function readExample(name: string): { file: string; text: string } {
  const file = path.join(projectRoot, 'examples', name);
  return { file, text: fs.readFileSync(file, 'utf8') };
}

/** The engine on its thread, as the extension has it. */
function startEngine(): EngineClient {
  return new EngineClient({ script: path.join(projectRoot, 'dist/engineWorker.js') });
}

/** One version of a file, as the editor sends it. */
function analyze(engine: EngineClient, file: string, text: string, version: number): Promise<Analysis> {
  const document = { uri: file, version, path: file, text, trusted: true };
  return engine.call({ kind: 'analyze', document, values: true });
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** A file that is edited again and again: its path, and its text after so many edits. */
interface Edited {
  readonly name: string;
  readonly file: string;
  text(version: number): string;
}

/** An example, and another number in its `train` block on every turn. */
export function editedExample(name: string): Edited {
  const { file, text } = readExample(name);
  return { name, file, text: version => text.replace('lr = 0.01', `lr = 0.0${version}`) };
}

/** A model of so many lines, and in the middle of it `edit` on every turn. */
function editedModel(lines: number, what: string, edit: (before: string, version: number) => string): Edited {
  const { file } = readExample('digits.nabla');
  const text = longModel(lines);
  const before = `leaky_relu(u${Math.ceil(blocksOf(lines) / 2)}, slope)`;
  if (!text.includes(before)) throw new Error(`the model of ${lines} lines has no ${before}`);
  const name = `${text.split('\n').length} lines, ${what}`;
  return { name, file, text: version => text.replace(before, edit(before, version)) };
}

export function editedNumber(lines: number): Edited {
  return editedModel(lines, 'another number', (before, version) => `0.${version} * ${before}`);
}

/** Every turn is another graph, which has to be compiled. */
export function editedFormula(lines: number): Edited {
  const functions = ['tanh', 'sin', 'sigmoid', 'exp'];
  return editedModel(lines, 'another formula', (before, version) => {
    const chain = Array.from({ length: version % 7 }, (_, i) => `${functions[(version + i) % 4]}(`);
    return `${chain.join('')}${before}${')'.repeat(chain.length)}`;
  });
}

/**
 * From an edit to values on screen: the model is analysed on the engine's thread and the text meanwhile here, as the
 * extension does it; the time that messages take counts. Diagnostics are those of the text and of lowering.
 */
export async function editRows({ name, file, text }: Edited): Promise<Row[]> {
  const engine = startEngine();
  const [textTimes, lowerTimes, valueTimes]: [number[], number[], number[]] = [[], [], []];
  const began = performance.now();
  for (let version = 1; version <= EDITS && performance.now() - began < EDITING; version++) {
    const edited = text(version);
    const start = performance.now();
    const analysis = analyze(engine, file, edited, version);
    const asked = performance.now();
    analyzeText(new Source(file, edited));
    textTimes.push(performance.now() - asked);
    const { milliseconds, evaluated } = await analysis;
    if (!evaluated) throw new Error(`${name} has no values`);
    lowerTimes.push(milliseconds.lower);
    valueTimes.push(performance.now() - start);
  }
  await engine.dispose();
  const note = `median of ${valueTimes.length} edits`;
  const diagnostics = median(textTimes) + median(lowerTimes);
  return [
    { name: `${name}: edit to diagnostics`, micros: diagnostics * 1000, note, goal: 30_000 },
    { name: `${name}: edit to values`, micros: median(valueTimes) * 1000, note, goal: 50_000 },
  ];
}

/** Parsing and checking the text of a long file, which happens at every keystroke. */
export function textRow(lines: number): Row {
  const source = new Source('long.nabla', longModel(lines));
  return {
    name: `${lines} lines: parse and check`,
    micros: time(() => void analyzeText(source)),
    goal: 100_000,
  };
}

/** A whole training as the editor runs it, progress and slices included. */
export async function trainingRow(name: string): Promise<Row> {
  const { file, text } = readExample(name);
  const engine = startEngine();
  await analyze(engine, file, text, 1);
  const start = performance.now();
  const run = { runId: 'bench', paused: false };
  await engine.call({ kind: 'train', uri: file, version: 1, run });
  const micros = (performance.now() - start) * 1000;
  await engine.dispose();
  return { name: `${name}: training to the end`, micros, goal: 2_000_000 };
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
