import { tmpdir } from 'node:os';
import { DataCache } from '../../../../src/data/cache';
import type { Tensor } from '../../../../src/graph/types';
import { type AnalyzedModel, analyze } from '../../../../src/language/analyze';
import type { Diagnostic } from '../../../../src/language/diagnostic';
import { mergeFindings } from '../../../../src/language/mergeFindings';
import { Source } from '../../../../src/language/source';
import { analyzeText } from '../../../../src/language/text';
import { evaluate } from '../../../../src/runtime/evaluate';
import { Dataset } from '../../../../src/training/dataset';
import { allAdjoints, type CheckOutcome, Evaluation } from '../../../../src/training/evaluation';
import { initialParameters } from '../../../../src/training/initial';

export interface Lowered extends AnalyzedModel {
  readonly source: Source;
  /** Of the text and of lowering. */
  readonly findings: readonly Diagnostic[];
}

export async function lowered(text: string, folder = tmpdir()): Promise<Lowered> {
  const source = new Source('model.nabla', text);
  const parsed = analyzeText(source);
  const analyzed = await analyze(source, parsed.file, {
    data: new DataCache(),
    evaluate,
    folder,
    trusted: true,
  });
  return { ...analyzed, source, findings: mergeFindings(parsed.diagnostics, analyzed.diagnostics) };
}

/** `line:column severity[code] message` of every finding but hints. */
export async function findingsOf(text: string, folder?: string): Promise<string[]> {
  const { source, findings } = await lowered(text, folder);
  return findings
    .filter(({ severity }) => severity !== 'hint')
    .map(({ severity, code, span, message }) => {
      const { line, column } = source.position(span.start);
      return `${line}:${column} ${severity}[${code}] ${message}`;
    });
}

/** The model under the parameters of seed 0, on all rows. Throws the first error of the file. */
export class Evaluated {
  private constructor(
    readonly lowered: Lowered,
    private readonly evaluation: Evaluation,
  ) {}

  static async of(text: string, folder?: string): Promise<Evaluated> {
    const file = await lowered(text, folder);
    const error = file.findings.find(({ severity }) => severity === 'error');
    if (error) throw new Error(error.message);
    const { model, tables } = file;
    const dataset = Dataset.build(model, tables, model.trainings[0] ?? { split: 1, seed: 0 }, evaluate);
    return new Evaluated(
      file,
      new Evaluation(model, dataset, initialParameters(model, 0, evaluate), evaluate),
    );
  }

  value(name: string): Tensor {
    const { model } = this.lowered;
    const node =
      model.names.findLast(named => named.name === name)?.node ??
      model.parameters.find(parameter => parameter.path === name)?.node;
    if (!node) throw new Error(`no ${name}`);
    return this.evaluation.values([node])[0]!;
  }

  /** Of the objective, with respect to the last version of a name. */
  gradient(name: string): Tensor | undefined {
    const { model } = this.lowered;
    const node = model.names.findLast(named => named.name === name)!.node;
    const adjoint = allAdjoints(model, model.objective!.node).of(node);
    return adjoint && this.evaluation.values([adjoint])[0]!;
  }

  checks(): CheckOutcome[] {
    return this.lowered.model.checks.map(check => this.evaluation.check(check));
  }
}
