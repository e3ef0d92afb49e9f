import type { Node } from '../graph/node';
import type { Tensor } from '../graph/types';
import { ModelError } from '../language/diagnostic';
import type { Objective } from '../language/model';
import { evaluate } from '../runtime/evaluate';
import { Dataset } from '../training/dataset';
import { allAdjoints, type CheckOutcome, compare, Evaluation } from '../training/evaluation';
import { initialParameters } from '../training/initial';
import { followPath } from '../training/paths';
import { readFeeds } from './feeds';
import { withRowsOf } from './freedRows';
import type { LoadedFile } from './load';
import { nodeList } from './nodeList';
import { meant, type OptionSpecs, type Options } from './options';
import { readParameters } from './parameters';
import { InputError } from './status';
import type { Terminal } from './terminal';

/** Options of every command that evaluates a model. */
export const evaluationOptions = {
  feed: { value: 'NAME=FILE.json', multiple: true, help: 'the value of an input, as nested arrays' },
  params: { value: 'FILE.safetensors', help: 'the parameters, in place of initial ones' },
  seed: { value: 'S', help: 'in place of the seed of the train block' },
} as const satisfies OptionSpecs;

/** A file ready to be evaluated; its model is the one along the path that its values take. */
export interface PreparedFile {
  readonly loaded: LoadedFile;
  readonly evaluation: Evaluation;
}

/** The model with its inputs and parameters in place. */
export async function prepare(
  loaded: LoadedFile,
  options: Options,
  terminal: Terminal,
): Promise<PreparedFile> {
  return prepareRows(loaded, options, terminal, undefined);
}

/** The same, on the first rows alone. */
export async function prepareRows(
  read: LoadedFile,
  options: Options,
  terminal: Terminal,
  most: number | undefined,
): Promise<PreparedFile> {
  const feeds = await readFeeds(read.model, options.all('feed'));
  const loaded = await withRowsOf(read, feeds);
  const { model: first, tables } = loaded;
  const [training] = first.trainings;
  const seed = options.whole('seed', 0) ?? training?.seed ?? 0;
  const file = options.text('params');
  const given = file === undefined ? undefined : await readParameters(first, file, terminal);
  const { model, evaluation } = followPath(first, each => {
    const dataset = Dataset.build(each, tables, { split: training?.split ?? 1, seed }, evaluate, feeds);
    const parameters = given ?? initialParameters(each, seed, evaluate);
    const rows =
      most !== undefined && dataset.batch && most < dataset.rows
        ? Int32Array.from({ length: most }, (_, row) => row)
        : undefined;
    dataset.requireFed(each.names.map(named => named.node));
    return new Evaluation(each, dataset, parameters, evaluate, rows);
  });
  const error = model === first ? undefined : model.diagnostics.find(({ severity }) => severity === 'error');
  if (error) throw new ModelError(error);
  return { loaded: { ...loaded, model }, evaluation };
}

/** The file's own objective, or the scalar that `--grad-of` names. Throws `InputError`. */
export function objectiveOf(loaded: LoadedFile, asked: string | undefined): Objective | undefined {
  const { model } = loaded;
  if (asked === undefined) return model.objective;
  const entries = nodeList(loaded, false).filter(entry => entry.name === asked.normalize('NFC'));
  // The last version of a name that was bound anew.
  const found = entries.at(-1);
  if (!found) {
    const names = nodeList(loaded, false).flatMap(entry => entry.name ?? []);
    throw new InputError(`--grad-of ${asked}: the model has no node of that name${meant(asked, names)}`);
  }
  const { node } = found;
  if (node.dtype !== 'float' || node.shape.length > 0) {
    const kind = node.shape.length > 0 ? `[${node.shape.map(dim => dim.key).join(', ')}]` : node.dtype;
    throw new InputError(`--grad-of ${asked}: it is ${kind}, and only a scalar float has gradients`);
  }
  return { node, text: asked };
}

/** Values of some nodes, the objective's gradient of each, and the checks of the file, in one evaluation. */
export interface Pass {
  value(node: Node): Tensor;
  /** Zeros where the objective does not depend on it; undefined where there is no gradient. */
  gradient(node: Node): Tensor | undefined;
  reached(node: Node): boolean;
  readonly checks: readonly CheckOutcome[];
}

export function runPass(
  evaluation: Evaluation,
  objective: Objective | undefined,
  nodes: readonly Node[],
): Pass {
  const { model } = evaluation;
  const adjoints = objective && allAdjoints(model, objective.node);
  const wanted = new Set(nodes);
  for (const node of nodes) {
    const adjoint = adjoints?.of(node);
    if (adjoint) wanted.add(adjoint);
  }
  for (const { left, right } of model.checks) wanted.add(left).add(right);
  const all = [...wanted];
  const tensors = evaluation.values(all);
  const values = new Map(all.map((node, i) => [node, tensors[i]!]));
  return {
    value: node => values.get(node)!,
    gradient(node) {
      if (!adjoints || node.dtype !== 'float') return undefined;
      const adjoint = adjoints.of(node);
      if (adjoint) return values.get(adjoint)!;
      const { shape, data } = values.get(node)!;
      return { dtype: 'float', shape, data: new Float64Array(data.length) };
    },
    reached: node => adjoints?.of(node) !== undefined,
    checks: model.checks.map(check => ({
      check,
      ...compare(values.get(check.left)!, values.get(check.right)!, check.tolerance),
    })),
  };
}
