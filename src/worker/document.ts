import { gradcheck } from '../autodiff/gradcheck';
import { describeLocal } from '../autodiff/localRule';
import { randomStream } from '../base/random';
import type { DataCache } from '../data/cache';
import type { DisplayGraph, Explanation, GraphValues, NodeValues } from '../drawing/displayGraph';
import type { Node } from '../graph/node';
import { knownShape, printShape } from '../graph/shape';
import type { Diagnostic } from '../language/diagnostic';
import type { NamedValue } from '../language/model';
import { evaluate } from '../runtime/evaluate';
import type { CheckOutcome } from '../training/evaluation';
import type { ParameterValues } from '../training/initial';
import { describeCheck } from './checks';
import { isOutlined } from './display';
import { explain, inParentheses } from './explain';
import { findingOf, LoadedModel, type ShownParameters } from './loadedModel';
import { type NodeNames, signOf } from './nodeNames';
import type {
  Analysis,
  CheckResult,
  DocumentText,
  GradcheckReport,
  Inspection,
  NameInfo,
  Shown,
  StateChoice,
  StateInfo,
} from './protocol';
import { describeTraining, describeTuning } from './trainingSummary';
import { untakenBranches } from './untaken';

/** Finds the kept parameters of a run; the latest without a step. */
export type FindParameters = (
  runId: string,
  step: number | undefined,
) => { readonly step: number; readonly values: ParameterValues } | undefined;

/** What the engine knows of one open document: its latest version and whose values are shown. */
export class Document {
  private loaded: LoadedModel | undefined;
  private choice: StateChoice = { kind: 'initial' };
  /** Name of the objective that was set by hand; survives edits. */
  private asked: string | undefined;

  constructor(
    private readonly data: DataCache,
    private readonly findParameters: FindParameters,
  ) {}

  /** The model of a version; throws when another one has come meanwhile. */
  at(version: number): LoadedModel {
    if (this.loaded?.version === version) return this.loaded;
    throw new Error('the text has changed since');
  }

  show(choice: StateChoice): void {
    this.choice = choice;
  }

  setObjective(version: number, node: number | null): void {
    const { model } = this.at(version);
    this.asked = node === null ? undefined : model.names.find(named => named.node.id === node)?.name;
  }

  async analyze(text: DocumentText, values: boolean, cancelled: () => boolean): Promise<Analysis> {
    const start = performance.now();
    const shown = () => this.shownParameters;
    const loaded = await LoadedModel.load(text, this.data, this.asked, shown, this.loaded);
    // A newer version may have been loaded while this one read its data.
    if (!this.loaded || this.loaded.version <= loaded.version) this.loaded = loaded;
    const lowered = performance.now();
    const diagnostics = [...loaded.diagnostics];
    const surveyed = values && !cancelled() ? this.survey(loaded, diagnostics) : undefined;
    const evaluated = performance.now();
    const { model, objective, obstacle } = loaded;
    const checks = surveyed?.checks.map(outcome => this.checkResult(loaded, outcome)) ?? [];
    for (const check of checks) {
      if (!check.pass) {
        diagnostics.push({
          code: 'check-failed',
          severity: 'error',
          span: check.span,
          message: check.message,
        });
      }
    }
    return {
      version: text.version,
      diagnostics,
      ...(loaded.unexplained.length > 0 ? { unexplained: loaded.unexplained } : {}),
      names: nameInfos(loaded, surveyed?.values),
      state: this.stateOf(loaded),
      checks,
      training: model.trainings.map(training => describeTraining(loaded, training)),
      ...(model.tuning ? { tuning: describeTuning(model.tuning) } : {}),
      evaluated: surveyed !== undefined,
      ...(model.conditions.length > 0 ? { conditional: true } : {}),
      ...(surveyed && model.branches.length > 0 ? { untaken: untakenBranches(model.branches) } : {}),
      milliseconds: { lower: lowered - start, evaluate: evaluated - lowered },
      ...(objective ? { objective: objective.text, objectiveNode: objective.node.id } : {}),
      ...(obstacle === undefined ? {} : { reason: obstacle }),
    };
  }

  picture(version: number): DisplayGraph {
    return this.at(version).picture.graph;
  }

  inspect(version: number, id: number, values: boolean): Inspection {
    const loaded = this.at(version);
    const node = nodeOf(loaded, id);
    const local = localRules(node, loaded.names);
    if (!values || loaded.obstacle !== undefined || isOutlined(loaded.model, node)) return { local };
    try {
      const result = loaded.inspect(node, this.parameters(loaded));
      return { local, shown: { state: this.stateOf(loaded), result } };
    } catch (error) {
      if (findingOf(error, loaded.model)) return { local }; // the analysis has said it
      throw error;
    }
  }

  /** Null when the values shown take another path through the file's conditions than the picture has. */
  values(version: number): Shown<GraphValues> | null {
    const loaded = this.at(version);
    if (loaded.isElsewhere(this.shownParameters)) return null;
    return { state: this.stateOf(loaded), result: loaded.graphValues(this.parameters(loaded)) };
  }

  explain(version: number, id: number): Explanation {
    const loaded = this.at(version);
    const node = nodeOf(loaded, id);
    if (isOutlined(loaded.model, node)) throw new Error('a branch that is not taken has no values');
    const evaluation = loaded.evaluation(this.parameters(loaded));
    const { model, source, names, adjoints, objective } = loaded;
    const objectiveText = objective?.text ?? 'L';
    const values = (nodes: readonly Node[]) => evaluation.values(nodes);
    return explain({ model, source, names, adjoints, objectiveText, values }, node);
  }

  /** Gives way with the share that is done. */
  *gradcheck(version: number): Generator<number, GradcheckReport> {
    const loaded = this.at(version);
    const { model, objective, adjoints, source } = loaded;
    if (!objective || !adjoints)
      throw new Error('the file has no objective: a scalar float value to differentiate');
    const evaluation = loaded.evaluation(this.parameters(loaded));
    const targets = model.parameters.map(({ path, node }) => ({ path, node, adjoint: adjoints.of(node) }));
    const feeds = evaluation.neededFeeds([objective.node]);
    const random = randomStream(loaded.seed, 'gradcheck');
    const options = { graph: model.builder.graph, random };
    const rows = yield* gradcheck(evaluate, objective.node, targets, feeds, evaluation.sizes, options);
    return {
      objective: objective.text,
      pass: rows.every(row => row.pass),
      rows: rows.map(row => ({
        name: row.path,
        node: row.node.id,
        entries: row.checked,
        deviation: row.deviation,
        kinks: row.kinks.length,
        pass: row.pass,
        worst: `${row.path}[${row.index.join(', ')}]: automatic ${row.automatic}, numeric ${row.numeric}`,
        ...(row.node.provenance.span ? { line: source.line(row.node.provenance.span.start) } : {}),
      })),
    };
  }

  /** The parameters of the shown state; steps of a run that are gone fall back to the seed's. */
  private parameters(loaded: LoadedModel): ParameterValues {
    return loaded.parameters(this.found?.values);
  }

  private get shownParameters(): ShownParameters {
    const { found } = this;
    const state = found ? `${found.runId} ${found.step}` : 'initial';
    return { state, values: found?.values };
  }

  private get found(): { runId: string; step: number; values: ParameterValues } | undefined {
    const { choice } = this;
    const found = choice.kind === 'run' ? this.findParameters(choice.runId, choice.step) : undefined;
    return choice.kind === 'run' && found ? { runId: choice.runId, ...found } : undefined;
  }

  private stateOf(loaded: LoadedModel): StateInfo {
    const { found } = this;
    const shown = found ? { runId: found.runId, step: found.step } : {};
    return { seed: loaded.seed, ...loaded.rowCounts, ...shown };
  }

  /** Values of names and checks; what fails while running becomes a diagnostic. */
  private survey(
    loaded: LoadedModel,
    diagnostics: Diagnostic[],
  ): { values: Map<Node, NodeValues>; checks: CheckOutcome[] } | undefined {
    if (loaded.obstacle !== undefined) return undefined;
    try {
      return loaded.survey(this.parameters(loaded));
    } catch (error) {
      const finding = findingOf(error, loaded.model, loaded.source.text);
      if (!finding) throw error;
      diagnostics.push(finding);
      return undefined;
    }
  }

  private checkResult({ source }: LoadedModel, outcome: CheckOutcome): CheckResult {
    const { check, pass, deviation } = outcome;
    return {
      line: source.line(check.span.start),
      span: check.span,
      pass,
      deviation,
      message: describeCheck(outcome),
    };
  }
}

function nodeOf({ model }: LoadedModel, id: number): Node {
  const node = model.builder.graph.nodes[id];
  if (!node) throw new Error('there is no such node in this version of the text');
  return node;
}

function nameInfos(loaded: LoadedModel, values: ReadonlyMap<Node, NodeValues> | undefined): NameInfo[] {
  const { model, source } = loaded;
  const tables = model.tables.map((table): NameInfo => {
    const { schema, span, name, doc } = table;
    const columns = schema.columns.map(
      column => `${column.name}: ${column.classes ? column.classes.join(' | ') : column.dtype}`,
    );
    return {
      node: -1,
      name,
      kind: 'data',
      span,
      line: source.line(span.start),
      dtype: 'float',
      shape: `[${schema.rows}, ${schema.columns.length}]`,
      sizes: [schema.rows, schema.columns.length],
      op: table.spec.kind,
      reached: false,
      columns,
      ...(doc === undefined ? {} : { doc }),
    };
  });
  const bound = new Set(model.names.map(({ node }) => node));
  const owned = model.parameters.filter(({ node }) => !bound.has(node));
  const all: NamedValue[] = [
    ...model.names,
    ...owned.map(({ path, node, span }) => ({
      name: path,
      kind: 'param' as const,
      node,
      span,
      statement: span,
    })),
  ];
  const infos = all.map(named => nameInfo(loaded, named, values?.get(named.node)));
  return [...tables, ...infos].sort((a, b) => a.span.start - b.span.start);
}

function nameInfo({ source }: LoadedModel, named: NamedValue, values: NodeValues | undefined): NameInfo {
  const { node, name, kind, span, version, doc } = named;
  const sizes = values?.value.shape ?? knownShape(node.shape);
  return {
    node: node.id,
    name,
    kind,
    span,
    line: source.line(span.start),
    dtype: node.dtype,
    shape: printShape(node.shape),
    op: signOf(node),
    reached: values?.reached ?? false,
    ...(version === undefined ? {} : { version }),
    ...(doc === undefined ? {} : { doc }),
    ...(sizes ? { sizes } : {}),
    ...(values ? { value: values.value } : {}),
    ...(values?.gradient ? { gradient: values.gradient } : {}),
  };
}

function localRules(node: Node, names: NodeNames): string[] {
  return node.inputs.flatMap((input, operand) => {
    const rule = input.dtype === 'float' ? describeLocal(node, operand, names.of) : undefined;
    if (!rule) return [];
    const [top, bottom] = [inParentheses(names.of(node)), inParentheses(names.of(input))];
    return rule.kind === 'factor' ? `∂${top}/∂${bottom} = ${rule.formula}` : `g → ${bottom}: ${rule.formula}`;
  });
}
