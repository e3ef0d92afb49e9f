import { resolve } from 'node:path';
import { describeFailure } from '../../../src/cli/findings';
import { DataCache } from '../../../src/data/cache';
import type { Table } from '../../../src/data/table';
import { analyze, unexplained } from '../../../src/language/analyze';
import type { File } from '../../../src/language/ast';
import type { Diagnostic } from '../../../src/language/diagnostic';
import { mergeFindings } from '../../../src/language/mergeFindings';
import type { Model } from '../../../src/language/model';
import { Source } from '../../../src/language/source';
import { analyzeText } from '../../../src/language/text';
import { evaluate } from '../../../src/runtime/evaluate';
import { Dataset } from '../../../src/training/dataset';
import { Evaluation } from '../../../src/training/evaluation';
import { initialParameters, type ParameterValues } from '../../../src/training/initial';
import { followPath } from '../../../src/training/paths';
import { Run } from '../../../src/training/run';

/** Examples of the pages name their files as from here, and so can be tried out in a file of that folder. */
export const exampleFolder = resolve(__dirname, '../../../examples');

/** An example, read and checked as `nabla check` does it. */
export interface Program {
  readonly source: Source;
  readonly file: File;
  readonly model: Model;
  readonly tables: ReadonlyMap<string, Table>;
  /** `line:column: severity[code]: message`; hints are not said on the command line either. */
  readonly findings: readonly string[];
}

export async function read(text: string): Promise<Program> {
  const source = new Source('example.nabla', text);
  const { file, diagnostics: said } = analyzeText(source);
  const options = { data: new DataCache(), evaluate, folder: exampleFolder, trusted: true };
  const { model, tables, diagnostics } = await analyze(source, file, options);
  const found = mergeFindings(said, diagnostics);
  const findings = [...found, ...unexplained(model, found)]
    .filter(({ severity }) => severity !== 'hint')
    .map(each => described(source, each));
  return { source, file, model, tables, findings };
}

function described(source: Source, { span, severity, code, message }: Diagnostic): string {
  const { line, column } = source.position(span.start);
  return `${line}:${column}: ${severity}[${code}]: ${message}`;
}

/** What is wrong with the checks of a program, one sentence each. */
export function failedChecks({ model, tables, source }: Program, given?: ParameterValues): string[] {
  const [training] = model.trainings;
  const seed = training?.seed ?? 0;
  const { model: taken, evaluation } = followPath(model, path => {
    const dataset = Dataset.build(path, tables, { split: training?.split ?? 1, seed }, evaluate);
    return new Evaluation(path, dataset, given ?? initialParameters(path, seed, evaluate), evaluate);
  });
  return taken.checks.flatMap(check => {
    const { pass, deviation } = evaluation.check(check);
    const { start, end } = check.span;
    return pass ? [] : [`\`${source.text.slice(start, end)}\` deviates by ${deviation}`];
  });
}

/** What goes wrong when a program without findings is evaluated and trained. */
export function failure(program: Program): string {
  const { source, model, tables } = program;
  try {
    const [failed] = failedChecks(program);
    if (failed !== undefined) return `error[check-failed]: ${failed}`;
    const run = new Run(model, tables, { evaluate });
    while (run.next());
    return 'nothing goes wrong';
  } catch (error) {
    const finding = describeFailure(error, program);
    if (!finding) throw error;
    return described(source, finding);
  }
}
