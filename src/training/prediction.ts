import { ancestors, descendants } from '../graph/graph';
import { groupPath, type Node } from '../graph/node';
import type { Model } from '../language/model';
import { signature } from '../library/signatures';
import { attributesOf, type DataAttributes } from '../ops/leaf';

/** What a model predicts, as its loss tells. */
export interface Prediction {
  readonly node: Node;
  /** Its last axis is a score a class; with the names of the classes where the labels' column has them. */
  readonly classes?: { readonly names?: readonly string[] };
}

/** Losses that take a score a class, in the last axis. */
const classifying: ReadonlySet<string> = new Set(['cross_entropy', 'nll', 'hinge']);

/**
 * The float that depends on parameters and goes into the one call of a loss that the objective is made of. Undefined when
 * there is no such call, or there are several, or several such floats: then nobody but the user can tell.
 */
export function predictionOf(model: Model): Prediction | undefined {
  const { objective } = model;
  if (!objective) return undefined;
  const trained = trainedNodes(model);
  const found = new Map<Node, Prediction>();
  for (const [loss, operands] of lossCalls(objective.node)) {
    const [node, ...others] = [...operands].filter(each => each.dtype === 'float' && trained.has(each));
    if (!node || others.length > 0) return undefined;
    const labels = [...operands].filter(each => each !== node && !trained.has(each));
    const names = classNames(model, labels);
    const classes = classifying.has(loss) ? { classes: names ? { names } : {} } : {};
    found.set(node, { node, ...classes });
  }
  return found.size === 1 ? [...found.values()][0] : undefined;
}

/** Names that might be meant when it is not clear what the model predicts: those between the parameters and the objective. */
export function predictionCandidates(model: Model): string[] {
  const trained = trainedNodes(model);
  const used = new Set(model.objective ? ancestors([model.objective.node]) : []);
  const named = model.names.filter(({ kind, version, node }) => {
    const output = kind === 'node' && version === undefined && node !== model.objective?.node;
    return output && node.dtype === 'float' && trained.has(node);
  });
  const inside = named.filter(({ node }) => used.has(node) && node.shape.length > 0);
  return (inside.length > 0 ? inside : named).map(({ name }) => name);
}

function trainedNodes({ builder, parameters }: Model): Set<Node> {
  return descendants(
    builder.graph,
    parameters.map(parameter => parameter.node),
  );
}

/** What goes into each call of a loss, with the name of the loss. */
function lossCalls(objective: Node): [string, Set<Node>][] {
  const calls = new Map<number, [string, Set<Node>]>();
  for (const node of ancestors([objective])) {
    const call = lossOf(node);
    if (!call || node.provenance.derivation.kind !== 'source') continue;
    const entry = calls.get(call.id) ?? [call.label, new Set<Node>()];
    calls.set(call.id, entry);
    for (const input of node.inputs) if (lossOf(input)?.id !== call.id) entry[1].add(input);
  }
  return [...calls.values()];
}

function lossOf({ provenance }: Node) {
  const calls = groupPath(provenance.group).filter(({ kind }) => kind === 'call');
  return calls.find(({ label }) => signature(label)?.group === 'loss');
}

/** Of the one column that the labels are read from. */
function classNames(model: Model, labels: readonly Node[]): readonly string[] | undefined {
  const around = new Set(ancestors(labels));
  const values = model.inputs.filter(({ node }) => around.has(node)).flatMap(({ value }) => value ?? []);
  const columns = ancestors([...labels, ...values]).filter(({ op }) => op === 'data');
  if (columns.length !== 1) return undefined;
  const { table, columns: indices } = attributesOf<DataAttributes>(columns[0]!);
  const schema = model.tables.find(({ name }) => name === table)?.schema;
  return indices.length === 1 ? schema?.columns[indices[0]!]?.classes : undefined;
}
