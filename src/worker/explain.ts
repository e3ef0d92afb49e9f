import { describeLocal } from '../autodiff/localRule';
import type { Adjoints } from '../autodiff/reverse';
import { slopeOf } from '../autodiff/slope';
import type { ExplainedUse, Explanation, TensorSummary } from '../drawing/displayGraph';
import { groupPath, type Node } from '../graph/node';
import { printShape } from '../graph/shape';
import type { Tensor } from '../graph/types';
import type { Model } from '../language/model';
import type { Source } from '../language/source';
import { Builder } from '../ops/builder';
import type { Slope } from '../ops/definition';
import { definitionOf } from '../ops/registry';
import { type NodeNames, signOf } from './nodeNames';
import { summarize } from './summary';

export interface ExplainContext {
  readonly model: Model;
  readonly source: Source;
  readonly names: NodeNames;
  /** Derivatives of the objective; absent for a file without one. */
  readonly adjoints: Adjoints | undefined;
  readonly objectiveText: string;
  values(nodes: readonly Node[]): Tensor[];
}

const patternNames: Readonly<Record<string, string>> = {
  distributes: 'add distributes: the gradient passes as it is',
  switches: 'multiply switches: the gradient times the other operand',
  routes: 'routes: the gradient goes to what was chosen',
  sums: 'a fan-out sums: gradients of all copies add up',
  repeats: 'a sum repeats: every term gets the whole gradient',
};

/** Each use of a node as local derivative times upstream gradient, and their sum. */
export function explain(context: ExplainContext, node: Node): Explanation {
  const { adjoints, model, source, names } = context;
  const adjoint = adjoints?.of(node);
  const uses = adjoints?.contributions(node) ?? [];
  const slopes = uses.map(use => slopeNode(model, use.consumer, use.operand));
  const wanted = [node, ...(adjoint ? [adjoint] : [])];
  for (const [i, use] of uses.entries()) {
    wanted.push(adjoints!.of(use.consumer)!, use.value);
    const slope = slopes[i];
    if (slope) wanted.push(slope);
  }
  const unique = [...new Set(wanted)];
  const tensors = new Map(context.values(unique).map((tensor, i) => [unique[i]!, tensor]));
  const summaryOf = (wantedNode: Node): TensorSummary => summarize(tensors.get(wantedNode)!);
  const symbolOf = (name: string): string =>
    `∂${inParentheses(context.objectiveText)}/∂${inParentheses(name)}`;
  const explained = uses.map(({ consumer, operand, value }, i): ExplainedUse => {
    const rule = describeLocal(consumer, operand, names.of);
    const slope = slopes[i];
    const consumerName = longName(consumer, names);
    const line = consumer.provenance.span && source.line(consumer.provenance.span.start);
    return {
      consumer: consumer.id,
      consumerName,
      local: rule?.formula ?? '1',
      upstream: symbolOf(names.of(consumer)),
      upstreamValue: summaryOf(adjoints!.of(consumer)!),
      contribution: summaryOf(value),
      ...(line === undefined ? {} : { line }),
      ...(rule?.pattern ? { pattern: patternNames[rule.pattern] ?? rule.pattern } : {}),
      ...(slope ? { localValue: summaryOf(slope) } : {}),
    };
  });
  return {
    node: node.id,
    name: names.of(node),
    formula: statementOf(context, node) ?? formulaOf(node, names),
    value: summaryOf(node),
    reached: adjoint !== undefined,
    symbol: symbolOf(names.of(node)),
    uses: explained,
    notes: notesOf(context, node, tensors.get(node)!, adjoint ? tensors.get(adjoint)! : undefined),
    ...(adjoint ? { gradient: summaryOf(adjoint) } : {}),
  };
}

/** An expression in the place of a name. */
export function inParentheses(text: string): string {
  return /^[\p{L}\p{N}_.\p{M}₀-₉]+$/u.test(text) ? text : `(${text})`;
}

/** What declares a leaf: `param W : [16, 3] ~ xavier()`. */
function statementOf({ model, source }: ExplainContext, node: Node): string | undefined {
  if (node.inputs.length > 0) return undefined;
  const named = model.names.find(each => each.node === node);
  return named && source.slice(named.statement).replace(/\s+/g, ' ');
}

/** `h = tanh(z)`, `z = x @ W`. */
export function formulaOf(node: Node, names: NodeNames): string {
  const name = names.boundName(node);
  const left = name === undefined ? '' : `${name} = `;
  if (node.inputs.length === 0) {
    if (node.op === 'constant') return `${left}${names.of(node)}`;
    return name === undefined ? node.op : `${name} : ${printShape(node.shape)}`;
  }
  const operands = node.inputs.map(names.of);
  const sign = signOf(node);
  const infix = /^[^\p{L}]+$/u.test(sign) && operands.length === 2;
  const [a, b] = operands.map(operandText);
  return infix ? `${left}${a} ${sign} ${b}` : `${left}${sign}(${operands.join(', ')})`;
}

/** Beside an operator: `maximum(0, a)` and `-3` speak for themselves, `1 - y` does not. */
function operandText(text: string): string {
  const single = /^-?[\p{L}\p{N}_.\p{M}₀-₉]+(\((?:[^()]|\([^()]*\))*\)|\[[^[\]]*\])?$/u;
  return single.test(text) ? text : `(${text})`;
}

/** By consumer and operand: asked again while a training moves the values, the graph must not grow. */
const slopesOf = new WeakMap<Node, Map<number, Node>>();

/** The local derivative as a node, where it is one number an element. */
function slopeNode(model: Model, consumer: Node, operand: number): Node | undefined {
  const definition = definitionOf(consumer.op);
  if (definition.kind !== 'elementwise') return undefined;
  let known = slopesOf.get(consumer);
  if (!known) slopesOf.set(consumer, (known = new Map()));
  const found = known.get(operand);
  if (found) return found;
  const b = new Builder(model.builder.graph, { derivation: { kind: 'adjoint', of: consumer } });
  const slope = slopeAsNode(slopeOf(definition, consumer, operand, b), consumer, b);
  known.set(operand, slope);
  return slope;
}

function slopeAsNode(slope: Slope, like: Node, b: Builder): Node {
  if (slope === null) return b.zeros(like.shape);
  if (typeof slope === 'number') return b.broadcastTo(b.constant(slope), like.shape);
  if ('where' in slope) {
    return b.where(slope.where, slopeAsNode(slope.value, like, b), slopeAsNode(slope.otherwise, like, b));
  }
  return b.toFloat(slope);
}

function longName(node: Node, names: NodeNames): string {
  const bound = names.boundName(node);
  if (bound !== undefined) return bound;
  const groups = groupPath(node.provenance.group).map(group => group.label);
  return [...groups, groups.length > 0 ? signOf(node) : names.of(node)].join(' › ');
}

function notesOf(context: ExplainContext, node: Node, value: Tensor, gradient: Tensor | undefined): string[] {
  const notes: string[] = [];
  if (node.dtype !== 'float') notes.push(`A gradient exists for floats only, and this is ${node.dtype}.`);
  else if (!context.adjoints) notes.push('The file has no objective: a scalar float value to differentiate.');
  else if (node === context.adjoints.objective)
    notes.push('This is the objective: its derivative by itself is 1.');
  else if (!gradient) notes.push(`${context.objectiveText} does not depend on it, so its gradient is zero.`);
  if (gradient && ['relu', 'abs', 'maximum', 'minimum'].includes(node.op)) {
    const [a, b] = context.values(node.inputs);
    const onKink = [...a!.data].some((x, i) => x === (b ? b.data[i] : 0));
    if (onKink)
      notes.push('An element sits exactly on the kink; its derivative there is PyTorch’s convention.');
  }
  if (value.data.some(x => Number.isNaN(x))) notes.push('The value holds NaN.');
  return notes;
}
