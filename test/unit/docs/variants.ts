import type { Entry, TrainStatement, TuneStatement } from '../../../src/language/ast';
import { parse } from '../../../src/language/parser';
import { Source } from '../../../src/language/source';
import { evaluate } from '../../../src/runtime/evaluate';
import { Run } from '../../../src/training/run';
import type { Program } from './program';

/** A program whose `train` or `tune` block has other entries: one replaces that of its name, or comes last. */
export function withEntries(text: string, block: 'train' | 'tune', entries: string): string {
  const own = blockOf(text, block).entries;
  const words = block === 'train' ? 'train 0' : 'tune';
  const inner = `${words} { ${entries} }`;
  const merged = new Map(own.map(entry => [entry.key.name, written(text, entry)]));
  for (const entry of blockOf(inner, block).entries) merged.set(entry.key.name, written(inner, entry));
  const [first, last] = [own[0]!, own.at(-1)!];
  return text.slice(0, first.span.start) + [...merged.values()].join('; ') + text.slice(last.span.end);
}

/** The keys of the entries in the cell of a table. */
export function keysOf(block: 'train' | 'tune', entries: string): string[] {
  const text = `${block === 'train' ? 'train 0' : 'tune'} { ${entries} }`;
  return blockOf(text, block).entries.map(({ key }) => key.name);
}

function written(text: string, { span }: Entry): string {
  return text.slice(span.start, span.end);
}

function blockOf(text: string, block: 'train' | 'tune'): TrainStatement | TuneStatement {
  const { statements } = parse(new Source('example.nabla', text)).file;
  const found = statements.find(
    (each): each is TrainStatement | TuneStatement => each.kind === block && each.entries.length > 0,
  );
  if (!found) throw new Error(`no ${block} block with entries in: ${text}`);
  return found;
}

export interface Trained {
  readonly updates: number;
  /** Over all training rows, after the last update. */
  readonly loss: number;
  /** Of each step, the schedule applied. */
  readonly rates: readonly number[];
  readonly parameters: ReadonlyMap<string, Float64Array>;
}

/** Trains a program to its end. */
export function trained({ model, tables }: Program): Trained {
  const run = new Run(model, tables, { evaluate });
  const rates: number[] = [];
  for (let rate = run.learningRate, event = run.next(); event; rate = run.learningRate, event = run.next()) {
    if (event.kind === 'step') rates.push(rate);
  }
  return {
    updates: run.stepsDone,
    loss: run.finish().training.loss,
    rates,
    parameters: run.parameters(),
  };
}
