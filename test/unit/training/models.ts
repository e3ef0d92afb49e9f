import { tmpdir } from 'node:os';
import { DataCache } from '../../../src/data/cache';
import { type AnalyzedModel, analyze } from '../../../src/language/analyze';
import { Source } from '../../../src/language/source';
import { analyzeText } from '../../../src/language/text';
import { evaluate } from '../../../src/runtime/evaluate';
import type { EpochResult, StepResult } from '../../../src/training/results';
import { Run, type RunEvent, type RunOptions } from '../../../src/training/run';

/** A model without errors; data files lie in `folder`. */
export async function modelOf(text: string, folder = tmpdir()): Promise<AnalyzedModel> {
  const source = new Source('model.nabla', text);
  const parsed = analyzeText(source);
  const analyzed = await analyze(source, parsed.file, {
    data: new DataCache(),
    evaluate,
    folder,
    trusted: true,
  });
  const errors = [...parsed.diagnostics, ...analyzed.diagnostics].filter(each => each.severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(error => error.message).join('\n'));
  return analyzed;
}

export async function runOf(text: string, options: Omit<RunOptions, 'evaluate'> = {}): Promise<Run> {
  const { model, tables } = await modelOf(text);
  return new Run(model, tables, { evaluate, ...options });
}

/** Every event to the end. */
export function eventsOf(run: Run): RunEvent[] {
  const events: RunEvent[] = [];
  for (let event = run.next(); event; event = run.next()) events.push(event);
  return events;
}

export function stepsOf(run: Run): StepResult[] {
  return eventsOf(run).filter(event => event.kind === 'step');
}

export function epochsOf(run: Run): EpochResult[] {
  return eventsOf(run).filter(event => event.kind === 'epoch');
}
