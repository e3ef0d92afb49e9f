import type { Span } from '../../base/span';
import type { Descent } from '../../graph/descent';
import { ancestors } from '../../graph/graph';
import type { File, Statement } from '../ast';
import { modelError } from '../diagnostic';
import type { Model, ModelCheck, NamedValue, Objective, Training } from '../model';
import type { Source } from '../source';
import { eachStatement } from '../walk';
import { lowerInner } from './blocks';
import { attempt, Context, type LowerOptions, type Skip } from './context';
import { lowerImports } from './imports';
import { findObjective } from './objective';
import { type Lowering, Replay } from './replay';
import { requestedSources } from './sources';
import { lowerBind, lowerCheck, lowerInput, lowerParam, type Value } from './statements';
import { defaultTraining, lowerTrain } from './train';
import { checkTraining } from './trainChecks';
import { lowerTune, type Tuning } from './tune';

/**
 * Turns a parsed file into its graph: shapes are inferred and checked, parameters and inputs declared, derivatives that
 * the file asks for added. One wrong statement leaves the rest alive. Never throws for a mistake in the file.
 */
export function lower(source: Source, file: File, options: LowerOptions): Model {
  return lowerAfter(undefined, source, file, options).model;
}

/** The same for the next version of a file: what an edit has left as it was is copied. */
export function lowerAfter(
  before: Lowering | undefined,
  source: Source,
  file: File,
  options: LowerOptions,
): { readonly model: Model; readonly lowering: Lowering; readonly descent: Descent | undefined } {
  const context = new Context(source, options);
  const checks: ModelCheck[] = [];
  const trainings: Training[] = [];
  const skips: Skip[] = [];
  lowerTables(context, file);
  lowerImports(context, options.imported ?? []);
  declareFunctions(context, source, file);
  const replay = new Replay(context, source, file, before);
  file.statements.forEach((statement, position) => {
    replay.lower(position, () => {
      const skip = attempt(context, statement.span, () =>
        lowerStatement(context, statement, checks, trainings, replay),
      );
      if (!skip) return true;
      skips.push(skip);
      for (const name of boundNames(statement)) context.meanings.set(name, { kind: 'broken' });
      return false;
    });
  });
  const names = numberVersions(context.names);
  const objective = findObjective(context.builder.graph, trainings, names, context.parameters);
  if (trainings.length === 0 && objective) trainings.push(defaultTraining(context, objective));
  warnUnreached(context, objective, trainings);
  const tuning = lowerTuning(context, file, trainings, skips);
  let evaluation: Model | undefined;
  const model: Model = {
    builder: context.builder,
    names,
    tables: context.tables,
    inputs: context.inputs,
    parameters: context.parameters,
    buffers: context.buffers,
    mode: context.mode,
    modal: context.modal,
    inEvaluation() {
      if (!context.modal || context.mode === 'eval') return model;
      evaluation ??= lower(source, file, { ...options, mode: 'eval' });
      return evaluation;
    },
    along: path => lower(source, file, { ...options, path }),
    checks,
    trainings,
    sizes: context.sizes,
    conditions: context.conditions,
    branches: context.branches,
    diagnostics: context.diagnostics,
    skipped: skips.map(skip => skip.fallback),
    ...(tuning ? { tuning } : {}),
    ...(objective ? { objective } : {}),
    ...(context.batch ? { batch: context.batch } : {}),
  };
  return { model, lowering: replay.lowering, descent: replay.descent };
}

function lowerTables(context: Context, file: File): void {
  for (const { name, statement, spec } of requestedSources(file).sources) {
    const schema = context.options.schemas.get(name);
    if (!schema) {
      context.meanings.set(name, { kind: 'unread' });
      continue;
    }
    const { doc } = statement;
    const table = { name, span: statement.name.span, spec, schema, ...(doc === undefined ? {} : { doc }) };
    context.tables.push(table);
    context.meanings.set(name, { kind: 'table', table });
  }
}

function lowerStatement(
  context: Context,
  statement: Statement,
  checks: ModelCheck[],
  trainings: Training[],
  replay: Replay,
): void {
  const value: Value = (expression, make) => replay.value(expression, make);
  switch (statement.kind) {
    case 'data':
    case 'tune':
      break;
    case 'input':
      lowerInput(context, statement);
      break;
    case 'param':
      lowerParam(context, statement);
      break;
    case 'bind':
      lowerBind(context, statement, value);
      break;
    case 'check':
      checks.push(lowerCheck(context, statement, value));
      break;
    case 'train': {
      const training = lowerTrain(context, statement);
      trainings.push(training);
      checkTraining(context, training, statement);
      break;
    }
    case 'fn':
    case 'layer':
      context.functions.get(statement.name.name)!.closure = context.top.snapshot();
      break;
    case 'import':
      break;
    case 'optimizer':
      context.optimizers.set(statement.name.name, {
        statement,
        source: context.source,
        closure: context.top.snapshot(),
      });
      break;
    case 'instance':
    case 'for':
    case 'if':
    case 'while':
      lowerInner(context, statement);
      break;
    default:
      throw modelError('unsupported', statement.span, `\`${statement.kind}\` is not run by this version`);
  }
}

/** Functions are known in the whole file, the names they see are those above them. */
function declareFunctions(context: Context, source: Source, file: File): void {
  for (const statement of file.statements) {
    if (statement.kind !== 'fn' && statement.kind !== 'layer' && statement.kind !== 'optimizer') continue;
    const { name, span } = statement.name;
    const before = (statement.kind === 'optimizer' ? context.optimizers : context.functions).get(name);
    if (before && before.source !== source) {
      const message = `${name} is defined here and in ${before.source.file}; rename one of them`;
      context.report({ code: 'name-duplicate', severity: 'error', span, message });
    }
    if (statement.kind === 'optimizer') continue;
    context.functions.set(statement.name.name, { statement, source, imported: false });
  }
}

/** Every name that a statement would have bound, those inside its blocks included. */
function boundNames(statement: Statement): string[] {
  const names: string[] = [];
  eachStatement([statement], ({ kind, ...inner }) => {
    if ((kind === 'bind' || kind === 'param' || kind === 'input' || kind === 'instance') && 'name' in inner) {
      names.push(inner.name.name);
    }
  });
  return names;
}

/** The `tune` block varies what everything else says, so it comes last; data that is not read yet leaves it open. */
function lowerTuning(
  context: Context,
  file: File,
  trainings: readonly Training[],
  skips: Skip[],
): Tuning | undefined {
  const [statement, second] = file.statements.filter(each => each.kind === 'tune');
  if (!statement || context.tables.length < requestedSources(file).sources.length) return undefined;
  let tuning: Tuning | undefined;
  const skip = attempt(context, statement.span, () => {
    if (second)
      throw modelError('name-duplicate', second.span, 'a file has one `tune` block, and this is a second');
    tuning = lowerTune(context, file, statement, trainings, changed =>
      lower(context.source, changed, context.options),
    );
  });
  if (skip) skips.push(skip);
  return tuning;
}

/** Earlier bindings of a rebound name count 1, 2, ...; the last has no number. */
function numberVersions(names: readonly NamedValue[]): NamedValue[] {
  const totals = new Map<string, number>();
  for (const { name } of names) totals.set(name, (totals.get(name) ?? 0) + 1);
  const seen = new Map<string, number>();
  return names.map(named => {
    const version = (seen.get(named.name) ?? 0) + 1;
    seen.set(named.name, version);
    return version === totals.get(named.name) ? named : { ...named, version };
  });
}

/** Parameters that neither the objective nor the loss of a further `train` block depends on. */
function warnUnreached(
  context: Context,
  objective: Objective | undefined,
  trainings: readonly Training[],
): void {
  // A statement given up may have been what reaches a parameter.
  if (!objective || context.diagnostics.some(({ severity }) => severity === 'error')) return;
  const objectives = [objective, ...trainings.map(each => each.objective)];
  // Other values may lead through a branch that is not taken here.
  const untaken = context.branches.flatMap(({ outline }) => outline?.names ?? []);
  const reached = new Set(ancestors([...objectives, ...untaken].map(({ node }) => node)));
  // One finding a place: a layer in a loop owns parameters at every turn.
  const places = new Map<number, { span: Span; paths: string[] }>();
  for (const { path, node, span } of context.parameters) {
    if (reached.has(node)) continue;
    const place = places.get(span.start);
    if (place) place.paths.push(path);
    else places.set(span.start, { span, paths: [path] });
  }
  for (const { span, paths } of places.values()) {
    const rest = paths.length > 3 ? ` and ${paths.length - 3} more` : '';
    const which = `${paths.slice(0, 3).join(', ')}${rest}, so ${paths.length > 1 ? 'they' : 'it'}`;
    context.warn('param-unreached', span, `${objective.text} does not depend on ${which} would not train`);
  }
}
