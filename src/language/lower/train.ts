import type { Node } from '../../graph/node';
import { printShape } from '../../graph/shape';
import { type OptimizerSetting, optimizers } from '../../library/optimizers';
import type { SignatureParameter } from '../../library/signature';
import { signature } from '../../library/signatures';
import type { Entry, Expression, TrainStatement } from '../ast';
import { modelError } from '../diagnostic';
import type { ModelParameter, Objective, Training } from '../model';
import { bindArguments, parameterOf, requireWord, wordOf } from './arguments';
import { type Context, Skip } from './context';
import { lowerExpression } from './expressions';
import { LayerNames } from './layers';
import { lowerSchedule } from './schedule';
import { knownNumber } from './sizes';
import { lowerUserOptimizer } from './userOptimizer';

/** `train LOSS { key = value ... }` */
export function lowerTrain(context: Context, statement: TrainStatement): Training {
  const objective = lowerObjective(context, statement.objective);
  const entries = new Map(statement.entries.map(entry => [entry.key.name, entry]));
  const keys = new Keys(context, entries);
  const optimizer = lowerOptimizer(context, entries.get('optimizer'));
  const schedule = entries.get('schedule');
  const full = keys.word('batch') === 'full' || (optimizer.definition.fullBatch && !entries.has('batch'));
  const shared = {
    objective,
    span: statement.span,
    optimizer,
    batch: full ? ('full' as const) : keys.whole('batch', 32),
    split: keys.shares('split'),
    shuffle: keys.flag('shuffle', true),
    seed: keys.whole('seed', 0, 0),
    dropLast: keys.flag('drop_last', false),
    metrics: lowerMetrics(context, entries.get('metrics')),
    parameters: chosenParameters(context, entries.get('params')),
    precision: keys.precision(),
  };
  return {
    ...shared,
    ...(entries.has('epochs') ? { epochs: keys.whole('epochs', 10) } : {}),
    ...(entries.has('steps') ? { steps: keys.whole('steps', 100) } : {}),
    ...(schedule ? { schedule: lowerSchedule(context, schedule, optimizer) } : {}),
    ...(entries.has('early_stop') ? { earlyStop: keys.whole('early_stop', 1) } : {}),
    ...(entries.has('checkpoint') ? { checkpoint: keys.whole('checkpoint', 1) } : {}),
    ...(entries.has('clip_norm') ? { clipNorm: keys.positive('clip_norm') } : {}),
    ...(entries.has('clip_value') ? { clipValue: keys.positive('clip_value') } : {}),
  };
}

/** What a file without a `train` block does: every key at its default. */
export function defaultTraining(context: Context, objective: Objective): Training {
  return {
    objective,
    span: objective.node.provenance.span ?? { start: 0, end: 0 },
    optimizer: lowerOptimizer(context, undefined),
    batch: 32,
    split: 1,
    shuffle: true,
    seed: 0,
    dropLast: false,
    metrics: [],
    parameters: context.parameters,
    precision: 32,
  };
}

function lowerObjective(context: Context, expression: Expression): Objective {
  context.layers = new LayerNames('train', expression, context.frame, context.isLayer);
  const node = lowerExpression(context, expression);
  context.layers = undefined;
  const text = context.snippet(expression.span);
  if (node.dtype !== 'float') {
    throw modelError('loss-not-scalar', expression.span, `\`${text}\` is ${node.dtype}; a loss is a float`);
  }
  if (node.shape.length > 0) {
    throw modelError(
      'loss-not-scalar',
      expression.span,
      `\`${text}\` has shape ${printShape(node.shape)}; a loss is a scalar, such as mean(${text})`,
    );
  }
  return { node, text };
}

/** Reads settled values of one block, each error at its own value. */
class Keys {
  constructor(
    private readonly context: Context,
    private readonly entries: ReadonlyMap<string, Entry>,
  ) {}

  word(key: string): string | undefined {
    const entry = this.entries.get(key);
    return entry && wordOf(entry.value);
  }

  whole(key: string, otherwise: number, least = 1): number {
    const entry = this.entries.get(key);
    if (!entry) return otherwise;
    const value = knownNumber(this.context, entry.value);
    if (value !== undefined && Number.isSafeInteger(value) && value >= least) return value;
    throw modelError('argument-value', entry.value.span, `${key} is a whole number from ${least}`);
  }

  positive(key: string): number {
    const { value: expression } = this.entries.get(key)!;
    const value = knownNumber(this.context, expression);
    if (value !== undefined && value > 0) return value;
    throw modelError('argument-value', expression.span, `${key} is a number above 0`);
  }

  flag(key: string, otherwise: boolean): boolean {
    const entry = this.entries.get(key);
    return entry ? requireWord(this.context, entry.value, ['true', 'false']) === 'true' : otherwise;
  }

  precision(): 32 | 64 {
    const bits = this.whole('precision', 32);
    if (bits === 32 || bits === 64) return bits;
    throw modelError('argument-value', this.entries.get('precision')!.value.span, 'precision is 32 or 64');
  }

  shares(key: string): number | readonly number[] {
    const entry = this.entries.get(key);
    if (!entry) return 1;
    const items = entry.value.kind === 'list' ? entry.value.items : [entry.value];
    const shares = items.map(item => {
      const value = knownNumber(this.context, item);
      if (value !== undefined && value >= 0 && value <= 1) return value;
      throw modelError('argument-value', item.span, 'a share of the rows is a number from 0 to 1');
    });
    return entry.value.kind === 'list' ? shares : shares[0]!;
  }
}

function lowerOptimizer(context: Context, entry: Entry | undefined): Training['optimizer'] {
  const call = entry?.value;
  if (call && call.kind !== 'call') {
    const name = wordOf(call);
    const hint = name !== undefined && signature(name, 'optimizer') ? `${name}()` : 'adam(lr = 0.01)';
    throw modelError('argument-value', call.span, `an optimizer is a call, such as ${hint}`);
  }
  const name = call?.callee.name ?? 'sgd';
  const user = call && context.optimizers.get(name);
  if (user) return lowerUserOptimizer(context, call, user);
  const shown = signature(name, 'optimizer');
  if (!shown || !call) {
    if (call) throw unknownOptimizer(call.callee.name, call.callee.span);
    return { name, settings: defaultsOf('sgd'), definition: optimizers.sgd! };
  }
  const optimizer = optimizers[name];
  if (!optimizer) throw modelError('unsupported', call.span, `${name} is not run by this version`);
  const settings: Record<string, OptimizerSetting> = defaultsOf(name);
  for (const [key, value] of bindArguments(context, call, shown).byName) {
    settings[key] = readSetting(context, parameterOf(shown, key), value);
  }
  for (const parameter of shown.parameters) {
    if (parameter.name in settings) continue;
    const text = context.snippet(call.span);
    throw modelError('argument', call.span, `\`${text}\`: ${name} needs ${parameter.name}`);
  }
  const problem = optimizer.problem?.(settings);
  if (problem !== undefined)
    throw modelError('train-config', call.span, `\`${context.snippet(call.span)}\`: ${problem}`);
  return { name, settings, definition: optimizer };
}

function unknownOptimizer(name: string, span: Expression['span']): Skip {
  return new Skip({
    code: 'name-unknown',
    severity: 'error',
    span,
    message: `there is no optimizer ${name}`,
  });
}

function defaultsOf(name: string): Record<string, OptimizerSetting> {
  const settings: Record<string, OptimizerSetting> = {};
  for (const { name: key, kind, default: text } of signature(name, 'optimizer')?.parameters ?? []) {
    if (text === undefined) continue;
    if (kind === 'word') settings[key] = text;
    else if (kind === 'flag') settings[key] = text === 'true';
    else settings[key] = JSON.parse(text) as number | number[];
  }
  return settings;
}

/** Settings that say how much of a running mean is kept; all of it is no mean that a start at 0 can be corrected for. */
const shares: ReadonlySet<string> = new Set(['betas', 'alpha', 'rho']);

function readSetting(
  context: Context,
  { name, kind, choices = [] }: SignatureParameter,
  expression: Expression,
): OptimizerSetting {
  const number = (item: Expression): number => {
    const value = knownNumber(context, item);
    if (value === undefined || !(value >= 0)) {
      throw modelError('argument-value', item.span, `${name} is a number from 0, known before running`);
    }
    if (shares.has(name) && !(name === 'betas' ? value < 1 : value <= 1)) {
      const bound = name === 'betas' ? 'below 1' : 'to 1';
      throw modelError(
        'argument-value',
        item.span,
        `${name}: a share is a number from 0 ${bound}, not ${value}`,
      );
    }
    return value;
  };
  if (kind === 'flag') return requireWord(context, expression, ['true', 'false']) === 'true';
  if (kind === 'word') return requireWord(context, expression, choices);
  if (kind === 'size') {
    const value = number(expression);
    if (Number.isSafeInteger(value) && value > 0) return value;
    throw modelError('argument-value', expression.span, `${name} is a whole number from 1`);
  }
  if (kind === 'number') return number(expression);
  if (expression.kind === 'list' && expression.items.length === 2) return expression.items.map(number);
  throw modelError('argument-value', expression.span, `${name} is a list of two numbers`);
}

/** A metric's key is its function's name, then `name_2`. */
function lowerMetrics(context: Context, entry: Entry | undefined): Training['metrics'] {
  if (!entry) return [];
  const items = entry.value.kind === 'list' ? entry.value.items : [entry.value];
  const counts = new Map<string, number>();
  return items.map(item => {
    const node = lowerExpression(context, item);
    if (node.shape.length > 0) {
      const shape = printShape(node.shape);
      throw modelError(
        'argument-value',
        item.span,
        `\`${context.snippet(item.span)}\` has shape ${shape}; a metric is a scalar. Bind it to a name to see all of it`,
      );
    }
    const name = item.kind === 'call' ? item.callee.name : (wordOf(item) ?? 'metric');
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return { key: count === 1 ? name : `${name}_${count}`, node };
  });
}

/** `params = [W, h, h.b]`: a parameter, a path, or everything a layer owns. */
function chosenParameters(context: Context, entry: Entry | undefined): readonly ModelParameter[] {
  if (!entry) return context.parameters;
  const items = entry.value.kind === 'list' ? entry.value.items : [entry.value];
  const chosen = new Set<ModelParameter>();
  for (const item of items) {
    const node: Node | undefined = item.kind === 'name' ? undefined : lowerExpression(context, item);
    const meaning = item.kind === 'name' ? context.meanings.get(item.name) : undefined;
    const layer = meaning?.kind === 'node' ? meaning.layer : undefined;
    const wanted = node ?? (meaning?.kind === 'node' ? meaning.node : undefined);
    const found = context.parameters.filter(
      p => p.node === wanted || (layer !== undefined && p.path.startsWith(`${layer}.`)),
    );
    if (found.length === 0) {
      throw modelError(
        'argument-value',
        item.span,
        `\`${context.snippet(item.span)}\` is not a parameter of this file`,
      );
    }
    for (const parameter of found) chosen.add(parameter);
  }
  return context.parameters.filter(parameter => chosen.has(parameter));
}
