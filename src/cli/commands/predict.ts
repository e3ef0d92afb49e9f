import { DataError } from '../../data/error';
import type { Table } from '../../data/table';
import { ancestors } from '../../graph/graph';
import type { Node } from '../../graph/node';
import { ModelError } from '../../language/diagnostic';
import type { Model, ModelInput } from '../../language/model';
import { evaluate } from '../../runtime/evaluate';
import { Dataset } from '../../training/dataset';
import { Evaluation } from '../../training/evaluation';
import { type Feeds, leadingSymbol } from '../../training/feeds';
import type { ParameterValues } from '../../training/initial';
import { inputsOfRows, RowsTogether } from '../../training/newRows';
import { followPath } from '../../training/paths';
import { type Prediction, predictionCandidates, predictionOf } from '../../training/prediction';
import { NodeNames } from '../../worker/nodeNames';
import type { Command } from '../command';
import { readFeeds } from '../feeds';
import { reporting } from '../findings';
import { withRowsOf } from '../freedRows';
import { jsonTensor, toJson } from '../json';
import { type LoadedFile, loadFile } from '../load';
import { readNewTables } from '../newTable';
import { nodeList } from '../nodeList';
import { meant } from '../options';
import { readParameters } from '../parameters';
import { evaluationOptions } from '../pass';
import { Predictions } from '../predictions';
import { exitStatus, InputError, UsageError } from '../status';

/** What a trained model says about rows of data. */
export const predict: Command = {
  name: 'predict',
  arguments: 'FILE --params F',
  summary: 'outputs of a trained model, in evaluation mode',
  options: {
    params: { value: 'FILE.safetensors', help: 'the parameters, as `nabla train --out` writes them' },
    feed: { ...evaluationOptions.feed, help: 'the value of an input for new rows; labels are not needed' },
    data: {
      value: '[NAME=]FILE',
      multiple: true,
      help: 'rows as the data of the file has them; inputs are made of them as of its own',
    },
    node: { value: 'NAME', help: 'what to print; otherwise what the loss takes from the model' },
    json: { help: 'one JSON object: node, shape and value' },
    csv: { help: 'comma-separated values, a row of data a line' },
  },
  async run(options, terminal) {
    const file = options.file();
    const stored = options.text('params');
    if (stored === undefined) {
      throw new UsageError('nabla predict needs the trained parameters: --params FILE.safetensors');
    }
    if (options.flag('json') && options.flag('csv'))
      throw new UsageError('--json and --csv exclude each other');
    const read = await loadFile(file, terminal);
    if (!read) return exitStatus.wrong;
    return reporting(read, terminal, async () => {
      const given = await readFeeds(read.model, options.all('feed'));
      const own = await withRowsOf(read, given);
      const loaded = { ...own, model: own.model.inEvaluation() };
      const rows = await readNewTables(loaded, options.all('data'));
      const parameters = await readParameters(loaded.model, stored, terminal);
      const { model, source } = loaded;
      const find = (each: Model): Prediction => predicted({ ...loaded, model: each }, options.text('node'));
      // Tells what is wrong with the name before any row is looked at.
      const { node } = find(model);
      const feeds = new Map([...fedByRows(loaded, node, rows, given), ...given]);
      const { found, evaluation } = evaluationOf(loaded, find, feeds, parameters);
      const prediction = find(found);
      const [value] = evaluation.values([prediction.node]);
      const name = options.text('node') ?? new NodeNames(found, source.text).of(prediction.node);
      if (options.flag('json')) {
        const { shape, data, dtype } = value!;
        terminal.out(`${toJson({ node: name, shape, value: jsonTensor(data, shape, dtype) })}\n`);
        return exitStatus.success;
      }
      const predictions = new Predictions(name, value!, prediction.classes);
      terminal.out(options.flag('csv') ? predictions.csv() : predictions.table(terminal));
      return exitStatus.success;
    });
  },
};

/** The inputs that the prediction needs and that new rows make. */
function fedByRows(
  { model, tables }: LoadedFile,
  node: Node,
  rows: ReadonlyMap<string, Table>,
  given: Feeds,
): Feeds {
  if (rows.size === 0) return new Map();
  const needed = new Set(ancestors([node, ...model.conditions.map(condition => condition.node)]));
  const inputs = model.inputs.filter(input => needed.has(input.node) && !given.has(input.name));
  try {
    const feeds = inputsOfRows(model, inputs, tables, rows, evaluate);
    if (feeds.size > 0) return feeds;
  } catch (error) {
    if (error instanceof DataError) throw new InputError(`--data: ${error.message}`);
    if (!(error instanceof RowsTogether)) throw error;
    const { name } = error.input;
    throw new InputError(`--data: ${error.message}; feed its value, with --feed ${name}=FILE.json`);
  }
  throw new InputError('--data: no input that the prediction needs is made of that data');
}

/** The node asked for, or what the loss takes from the model. Throws `InputError`. */
function predicted(loaded: LoadedFile, asked: string | undefined): Prediction {
  const { model, source } = loaded;
  const own = predictionOf(model);
  if (asked === undefined) {
    if (own) return own;
    const names = predictionCandidates(model);
    const choice = names.length > 0 ? `: ${names.join(', ')}` : '';
    throw new InputError(
      `${source.file}: the loss does not tell what the model predicts; name it with --node NAME${choice}`,
    );
  }
  const entries = nodeList(loaded, false).filter(({ name }) => name !== undefined);
  const node = entries.findLast(({ name }) => name === asked.normalize('NFC'))?.node;
  if (!node) {
    const names = entries.map(({ name }) => name!);
    throw new InputError(`--node ${asked}: the model has no node of that name${meant(asked, names)}`);
  }
  const alike = own?.classes && node.dtype === 'float' && sameShape(node, own.node);
  return { node, ...(alike ? { classes: own.classes } : {}) };
}

/** Such as the probabilities beside the scores. */
function sameShape(a: Node, b: Node): boolean {
  return a.shape.map(dim => dim.key).join() === b.shape.map(dim => dim.key).join();
}

/** The rows are those of the inputs that the prediction needs: labels need not be fed beside new data. */
function evaluationOf(
  { model: first, tables }: LoadedFile,
  find: (model: Model) => Prediction,
  feeds: Feeds,
  parameters: ParameterValues,
): { found: Model; evaluation: Evaluation } {
  const { model: found, evaluation } = followPath(first, each => {
    const outputs = [find(each).node, ...each.conditions.map(({ node }) => node)];
    const needed = new Set(ancestors(outputs));
    const inputs = each.inputs.filter(({ name, node }) => needed.has(node) || feeds.has(name));
    const narrowed: Model = { ...each, inputs, inEvaluation: () => narrowed };
    const [training] = each.trainings;
    const seed = training?.seed ?? 0;
    const split = allFed(inputs, feeds) ? 1 : (training?.split ?? 1);
    const dataset = Dataset.build(narrowed, tables, { split, seed }, evaluate, feeds);
    dataset.requireFed(outputs);
    return new Evaluation(narrowed, dataset, parameters, evaluate);
  });
  const error = found === first ? undefined : found.diagnostics.find(({ severity }) => severity === 'error');
  if (error) throw new ModelError(error);
  return { found, evaluation };
}

/** Rows from outside are not cut: there may be a single one. */
function allFed(inputs: readonly ModelInput[], feeds: Feeds): boolean {
  const batched = inputs.filter(input => leadingSymbol(input) !== undefined);
  return batched.length > 0 && batched.every(({ name }) => feeds.has(name));
}
