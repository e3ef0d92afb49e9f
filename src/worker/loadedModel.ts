import { dirname } from 'node:path';
import type { Adjoints, ReverseOptions } from '../autodiff/reverse';
import type { DataCache } from '../data/cache';
import { DataError } from '../data/error';
import type { Table } from '../data/table';
import type { GraphValues, NodeValues, TensorSummary } from '../drawing/displayGraph';
import type { Descent } from '../graph/descent';
import { type Evaluate, RunError } from '../graph/evaluate';
import type { Node } from '../graph/node';
import type { Tensor } from '../graph/types';
import { analyze, unexplained } from '../language/analyze';
import type { Diagnostic } from '../language/diagnostic';
import type { Lowering } from '../language/lower/replay';
import type { Model } from '../language/model';
import { parse } from '../language/parser';
import { Source } from '../language/source';
import { evaluate, evaluateInPlace } from '../runtime/evaluate';
import { LimitError } from '../runtime/limit';
import { OnnxFailure } from '../runtime/onnx/failure';
import { SizeError } from '../runtime/sizes';
import { Dataset, UnfedInput } from '../training/dataset';
import { allAdjoints, type CheckOutcome, compare, Evaluation } from '../training/evaluation';
import { initialParameters, type ParameterValues } from '../training/initial';
import { correctedPath, followPath } from '../training/paths';
import { contributionOf, contributionsOf, drawModel, type Picture } from './display';
import { NodeNames } from './nodeNames';
import { peekRows } from './peek';
import type { DocumentText } from './protocol';
import { statistics, summarize } from './summary';

/** Parameters to look at the model with, and the state that they are of: equal states have equal parameters. */
export interface ShownParameters {
  readonly state: string;
  readonly values: ParameterValues | undefined;
}

/** One version of a model file, read, lowered and ready to be evaluated under any parameters. */
export class LoadedModel {
  private drawn: Picture | undefined;
  private derived: Adjoints | undefined;

  private constructor(
    readonly version: number,
    readonly path: string,
    readonly source: Source,
    readonly model: Model,
    readonly tables: ReadonlyMap<string, Table>,
    readonly diagnostics: readonly Diagnostic[],
    /** What more to say when the text alone has no errors, which would explain it. */
    readonly unexplained: readonly Diagnostic[],
    /** The node whose derivatives are shown; the file's own objective unless another is asked about. */
    readonly objective: { readonly node: Node; readonly text: string } | undefined,
    readonly names: NodeNames,
    private readonly dataset: Dataset | undefined,
    /** Why values cannot be computed, in one sentence. */
    readonly obstacle: string | undefined,
    private readonly rows: Int32Array | undefined,
    /** The state whose values decided the conditions. */
    private readonly followed: string,
    private readonly lowering: Lowering,
    /** How the version before was derived, until this one is. */
    private inherited: ReverseOptions['before'],
  ) {}

  /**
   * Conditions come out as `shown` has it when the data has been read. `asked` is the name of the objective that was set
   * by hand. What an edit of the version `before` has left alone is taken from there. Never throws for a mistake in the file.
   */
  static async load(
    text: DocumentText,
    data: DataCache,
    asked: string | undefined,
    shown: () => ShownParameters,
    before: LoadedModel | undefined,
  ): Promise<LoadedModel> {
    const source = new Source(text.path, text.text);
    const folder = dirname(text.path);
    // Parsing again takes less time than sending what was parsed.
    const { file } = parse(source);
    const own = before ? { before: before.lowering } : {};
    const analyzed = await analyze(source, file, { data, evaluate, folder, trusted: text.trusted, ...own });
    const { tables } = analyzed;
    const { state, values } = shown();
    const model = alongValues(analyzed.model, tables, asked, values);
    const diagnostics = [
      ...analyzed.diagnostics.filter(found => !analyzed.model.diagnostics.includes(found)),
      ...model.diagnostics,
    ];
    const objective = objectiveOf(model, asked);
    const more = unexplained(model, diagnostics);
    const fed = feed(model, tables, objective, text, diagnostics);
    const rows = fed.dataset && rowsOf(model, fed.dataset, objective);
    const names = new NodeNames(model, source.text);
    return new LoadedModel(
      text.version,
      text.path,
      source,
      model,
      tables,
      diagnostics,
      more,
      objective,
      names,
      fed.dataset,
      fed.obstacle,
      rows,
      state,
      analyzed.lowering,
      before?.handDown(analyzed.descent, objective?.node),
    );
  }

  get picture(): Picture {
    this.drawn ??= drawModel(this.model, this.source, this.names, this.objective?.node);
    return this.drawn;
  }

  get seed(): number {
    return this.model.trainings[0]?.seed ?? 0;
  }

  /** Rows of the peek batch, and of all the data; none for a model without data. */
  get rowCounts(): { readonly rows: number; readonly totalRows: number } {
    if (!this.model.batch) return { rows: 0, totalRows: 0 };
    const totalRows = this.dataset?.rows ?? this.model.batch.rows;
    return { rows: this.rows?.length ?? totalRows, totalRows };
  }

  get adjoints(): Adjoints | undefined {
    if (!this.objective) return undefined;
    this.derived ??= allAdjoints(this.model, this.objective.node, this.inherited);
    this.inherited = undefined;
    return this.derived;
  }

  /** What the version after this one is derived after, if this one has been derived, of the same objective. */
  private handDown(descent: Descent | undefined, objective: Node | undefined): ReverseOptions['before'] {
    const { derived } = this;
    if (!derived || !descent || descent.after[derived.objective.id] !== objective) return undefined;
    return { record: derived.record, descent };
  }

  /** See `parametersOf`. */
  parameters(trained: ParameterValues | undefined): ParameterValues {
    return parametersOf(this.model, this.seed, trained);
  }

  /** Whether some condition comes out otherwise than it is drawn, so that the picture would be another one. */
  isElsewhere({ state, values }: ShownParameters): boolean {
    const { conditions } = this.model;
    if (conditions.length === 0 || state === this.followed || !this.dataset) return false;
    try {
      const evaluation = this.evaluation(this.parameters(values));
      return correctedPath(conditions, evaluation.outcomes(conditions)) !== undefined;
    } catch (error) {
      if (findingOf(error, this.model)) return false; // whoever asks for values is told
      throw error;
    }
  }

  evaluation(parameters: ParameterValues, evaluateWith: Evaluate = evaluate): Evaluation {
    if (!this.dataset) throw new Error(this.obstacle ?? 'the model cannot be evaluated');
    return new Evaluation(this.model, this.dataset, parameters, evaluateWith, this.rows);
  }

  /** Value and gradient of one node, with pictures. */
  inspect(node: Node, parameters: ParameterValues): NodeValues {
    const { named, sides } = this.surveyed;
    // The pass over all names is compiled already.
    const tensors = named.includes(node)
      ? this.pass(named, sides, parameters)
      : this.pass([node], [], parameters);
    return this.valuesOf(node, tensors, summarize);
  }

  /** Everything in the picture, with the gradient along every edge. */
  graphValues(parameters: ParameterValues): GraphValues {
    const { adjoints, picture } = this;
    const contributions = adjoints ? contributionsOf(picture, adjoints) : new Map<string, Node>();
    const nodes = [...picture.nodes.values()];
    const tensors = this.pass(nodes, [...contributions.values()], parameters);
    const edges = [...contributions].map(([id, node]) => contributionOf(id, tensors.get(node)!.data));
    return { nodes: nodes.map(node => this.valuesOf(node, tensors, summarize)), edges };
  }

  /** The names and the checks together, so that one pass serves both; the names without pictures. */
  survey(parameters: ParameterValues): { values: Map<Node, NodeValues>; checks: CheckOutcome[] } {
    const { named, sides } = this.surveyed;
    const tensors = this.pass(named, sides, parameters);
    const checks = this.model.checks.map(check => {
      const outcome = compare(tensors.get(check.left)!, tensors.get(check.right)!, check.tolerance);
      return { check, ...outcome };
    });
    return {
      values: new Map(named.map(node => [node, this.valuesOf(node, tensors, statisticsOf)])),
      checks,
    };
  }

  private get surveyed(): { readonly named: readonly Node[]; readonly sides: readonly Node[] } {
    const { names, parameters, checks } = this.model;
    return {
      named: [...names, ...parameters].map(({ node }) => node),
      sides: checks.flatMap(check => [check.left, check.right]),
    };
  }

  /** Values of nodes and of their gradients, and of `more`; they hold until the next evaluation. */
  private pass(
    nodes: readonly Node[],
    more: readonly Node[],
    parameters: ParameterValues,
  ): ReadonlyMap<Node, Tensor> {
    const { adjoints } = this;
    const gradients = nodes.flatMap(node => adjoints?.of(node) ?? []);
    const unique = [...new Set([...nodes, ...gradients, ...more])];
    const tensors = this.evaluation(parameters, evaluateInPlace).values(unique);
    return new Map(unique.map((node, i) => [node, tensors[i]!]));
  }

  private valuesOf(
    node: Node,
    tensors: ReadonlyMap<Node, Tensor>,
    summaryOf: (tensor: Tensor) => TensorSummary,
  ): NodeValues {
    const { adjoints } = this;
    const adjoint = adjoints?.of(node);
    const value = tensors.get(node)!;
    const zero = adjoints && node.dtype === 'float' ? zeroGradient(value) : undefined;
    const gradient = adjoint ? summaryOf(tensors.get(adjoint)!) : zero;
    return {
      id: node.id,
      value: summaryOf(value),
      reached: adjoint !== undefined,
      ...(gradient ? { gradient } : {}),
    };
  }
}

const known = new WeakMap<Tensor, TensorSummary>();

/** Once for a tensor, since an edit leaves many as they were. */
function statisticsOf(tensor: Tensor): TensorSummary {
  let summary = known.get(tensor);
  if (!summary) known.set(tensor, (summary = statistics(tensor)));
  return summary;
}

/** Summaries of zeros by shape; a model has few shapes. */
const zeros = new Map<string, NodeValues['value']>();
const ZEROS_KEPT = 256;

function zeroGradient({ shape, data }: Tensor): NodeValues['value'] {
  const key = String(shape);
  let summary = zeros.get(key);
  if (!summary) {
    if (zeros.size >= ZEROS_KEPT) zeros.clear();
    zeros.set(key, (summary = summarize({ dtype: 'float', shape, data: new Float64Array(data.length) })));
  }
  return summary;
}

function roots(model: Model, objective: { readonly node: Node } | undefined): Node[] {
  return [...model.names.map(named => named.node), ...(objective ? [objective.node] : [])];
}

/** The objective asked for by name, where it still is one, else the file's own. */
function objectiveOf(model: Model, asked: string | undefined): { node: Node; text: string } | undefined {
  const named = asked === undefined ? undefined : model.names.findLast(value => value.name === asked);
  const own = named && named.node.dtype === 'float' && named.node.shape.length === 0 ? named : undefined;
  return own ? { node: own.node, text: own.name } : model.objective;
}

/** The seed's parameters, with those of `trained` in place of every one whose path and size survive. */
function parametersOf(model: Model, seed: number, trained: ParameterValues | undefined): ParameterValues {
  const values = initialParameters(model, seed, evaluate);
  for (const [path, start] of values) {
    const known = trained?.get(path);
    if (known && known.length === start.length) values.set(path, known);
  }
  return values;
}

function rowsOf(model: Model, dataset: Dataset, objective: { readonly node: Node } | undefined) {
  return peekRows(dataset, roots(model, objective), model.trainings[0]?.batch ?? 32);
}

/** The model along the path that the values shown take; as it is where they cannot be computed. */
function alongValues(
  model: Model,
  tables: ReadonlyMap<string, Table>,
  asked: string | undefined,
  trained: ParameterValues | undefined,
): Model {
  if (model.conditions.length === 0) return model;
  const cut = model.trainings[0] ?? { split: 1, seed: 0 };
  try {
    return followPath(model, each => {
      const dataset = Dataset.build(each, tables, cut, evaluate);
      const rows = rowsOf(each, dataset, objectiveOf(each, asked));
      return new Evaluation(each, dataset, parametersOf(each, cut.seed, trained), evaluate, rows);
    }).model;
  } catch (error) {
    if (error instanceof UnfedInput || findingOf(error, model)) return model;
    throw error;
  }
}

/** Feeds the inputs; a mistake in the data becomes a diagnostic and the reason why there are no values. */
function feed(
  model: Model,
  tables: ReadonlyMap<string, Table>,
  objective: { readonly node: Node } | undefined,
  { text, trusted }: DocumentText,
  diagnostics: Diagnostic[],
): { dataset?: Dataset; obstacle?: string } {
  const cut = model.trainings[0] ?? { split: 1, seed: 0 };
  try {
    const dataset = Dataset.build(model, tables, cut, evaluate);
    dataset.requireFed(roots(model, objective));
    return { dataset };
  } catch (error) {
    if (error instanceof UnfedInput) {
      const obstacle = trusted ? error.message : 'Data is not read until you trust this workspace.';
      return { obstacle };
    }
    const finding = findingOf(error, model, text);
    if (!finding) throw error;
    diagnostics.push(finding);
    return { obstacle: finding.message };
  }
}

/** What an error of running says about the model of a text; undefined for a fault of the engine. */
export function findingOf(error: unknown, model: Model, text = ''): Diagnostic | undefined {
  const nowhere = { start: 0, end: 0 };
  const finding = (code: Diagnostic['code'], span: Diagnostic['span'], message: string): Diagnostic => ({
    code,
    severity: 'error',
    span,
    message,
  });
  if (error instanceof DataError) return finding(error.code, model.inputs[0]?.span ?? nowhere, error.message);
  if (error instanceof RunError) {
    return finding('run-error', error.node.provenance.span ?? nowhere, error.message);
  }
  if (error instanceof SizeError) return finding('shape-mismatch', error.span ?? nowhere, error.message);
  if (error instanceof LimitError) {
    const { node, message, remedy } = error;
    const name = new NodeNames(model, text).of(node);
    const sentence = `the model ${message} (${name}). Use ${remedy}`;
    return finding('memory', node.provenance.span ?? nowhere, sentence);
  }
  if (error instanceof OnnxFailure) {
    const remedy = 'the js backend trains without it';
    return finding('run-error', model.trainings[0]?.span ?? nowhere, `${error.message} (${remedy})`);
  }
  return undefined;
}
