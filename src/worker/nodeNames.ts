import { printExpression } from '../autodiff/expression';
import { type Group, groupPath, type Node } from '../graph/node';
import { type Model, savedTensors } from '../language/model';
import {
  attributesOf,
  type ConstantAttributes,
  type InputAttributes,
  type ParameterAttributes,
} from '../ops/leaf';
import { definitionOf } from '../ops/registry';

/** Characters of an expression that stands for a name. */
const LONGEST = 24;

/** What people call the nodes of one model: names of the file first, then numbers, then the text, then the op. */
export class NodeNames {
  private readonly bound = new Map<Node, string>();
  /** See `resultsOf`; found when a name is first asked for that hangs on it. */
  private results: ReadonlyMap<Node, Group> | undefined;

  constructor(
    private readonly model: Model,
    private readonly text: string,
  ) {
    for (const { path, node } of savedTensors(model)) this.bound.set(node, path);
    for (const { outline } of model.branches) {
      for (const { name, node } of outline?.names ?? []) if (name !== undefined) this.bound.set(node, name);
    }
    for (const { name, version, node } of model.names) {
      if (!this.bound.has(node))
        this.bound.set(node, version === undefined ? name : `${name}${subscript(version)}`);
    }
  }

  /** The name bound in the file or the parameter's path. */
  boundName(node: Node): string | undefined {
    return this.bound.get(node);
  }

  /** A name in any case, short enough for a formula. */
  of = (node: Node): string => {
    const bound = this.bound.get(node);
    if (bound !== undefined) return bound;
    switch (node.op) {
      case 'constant': {
        const { data } = attributesOf<ConstantAttributes>(node);
        return data.length === 1 ? printNumber(data[0]!) : this.source(node, 'constant');
      }
      case 'input':
        return attributesOf<InputAttributes>(node).name;
      case 'parameter':
      case 'buffer':
      case 'random_mask':
        return attributesOf<ParameterAttributes>(node).path;
      case 'broadcast':
      case 'cast':
      case 'reshape':
        return this.of(node.inputs[0]!);
      default:
        return node.provenance.group ? this.inside(node) : this.source(node, this.expression(node));
    }
  };

  /** What a call returns goes by the call where it is short, what lies inside by what it computes. */
  private inside(node: Node): string {
    this.results ??= resultsOf(this.model.builder.graph.nodes);
    const call = this.results.get(node);
    const text = call && shorten(this.text.slice(call.span.start, call.span.end));
    if (text !== undefined) return text.length <= LONGEST ? text : `${call!.label}(…)`;
    return this.expression(node);
  }

  /** What a node of a built-in computes, when that is short: `x @ h.W + h.b`. */
  private expression(node: Node): string {
    const text = printExpression(node, this.bound);
    return text.length <= LONGEST ? text : signOf(node);
  }

  /** The source text of an unnamed node when it is short. */
  private source(node: Node, otherwise: string): string {
    const { span, derivation } = node.provenance;
    if (!span || derivation.kind !== 'source') return otherwise;
    const text = shorten(this.text.slice(span.start, span.end));
    return text.length > 0 && text.length <= LONGEST ? text : otherwise;
  }
}

/** Nodes that leave a call, with the outermost call they leave. */
function resultsOf(nodes: readonly Node[]): ReadonlyMap<Node, Group> {
  const results = new Map<Node, Group>();
  for (const node of nodes) {
    if (node.provenance.derivation.kind !== 'source') continue;
    const { group } = node.provenance;
    const inputs = node.inputs.filter(input => input.provenance.group && input.provenance.group !== group);
    if (inputs.length === 0) continue;
    const around = new Set(groupPath(group));
    for (const input of inputs) {
      const outermost = outermostBeside(input.provenance.group!, around);
      if (outermost) results.set(input, outermost);
    }
  }
  return results;
}

/** The outermost of a group and those around it that is not among `around`. */
function outermostBeside(group: Group, around: ReadonlySet<Group>): Group | undefined {
  let found: Group | undefined;
  for (let g: Group | undefined = group; g && !around.has(g); g = g.parent) found = g;
  return found;
}

function shorten(text: string): string {
  return text.replace(/\s+/g, ' ');
}

/** The op's usual sign, such as `+`, else its name. */
export function signOf(node: Node): string {
  return definitionOf(node.op).sign?.(node.attributes) ?? node.op.replaceAll('_', ' ');
}

function printNumber(value: number): string {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
}

function subscript(version: number): string {
  return [...String(version)].map(digit => String.fromCharCode(0x2080 + Number(digit))).join('');
}
