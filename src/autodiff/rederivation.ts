import type { Descent } from '../graph/descent';
import type { Node, Provenance } from '../graph/node';
import type { Builder } from '../ops/builder';
import { scalarConstant } from '../ops/constant';
import { attributesOf, type ConstantAttributes } from '../ops/leaf';

/** What pulling back through one node has added to a graph. */
export interface Step {
  readonly adjoint: Node;
  /** Ids of the nodes added, from `start` up to `end`. */
  readonly start: number;
  readonly end: number;
  /** The contribution to each operand. */
  readonly values: readonly (Node | null)[];
}

/** How a graph was derived, for the graph of the text after an edit. */
export interface DerivationRecord {
  readonly nodes: readonly Node[];
  /** By id, 1 for nodes that are derived. */
  readonly active: Uint8Array;
  /** By id of the node that was pulled back through. */
  readonly steps: readonly (Step | undefined)[];
}

/**
 * Copies what pulling back through a node added before an edit, where the node has the same operands now. It must be the
 * same then: rules read the types of operands, numbers of constants, and nothing else.
 */
export class Rederivation {
  /** By id now, the node before. */
  private readonly origins: (Node | undefined)[];
  /** By id before, small numbers and what repeats them: `b` may have one node for all that are equal. */
  private readonly numbers = new Map<Node, Node>();
  /** What is in hand. */
  private step!: Step;
  private node!: Node;
  private adjoint!: Node;
  private made: Node[] = [];

  constructor(
    private readonly record: DerivationRecord,
    private readonly descent: Descent,
    private readonly b: Builder,
    private readonly placeOf: (of: Node) => Provenance,
  ) {
    this.origins = new Array<Node | undefined>(b.graph.nodes.length).fill(undefined);
    for (let id = 0; id < descent.after.length; id++) {
      const node = descent.after[id];
      if (node) this.origins[node.id] = descent.before[id];
    }
  }

  /** The contributions of `node` to its operands; undefined where they have to be derived. */
  pullBack(node: Node, adjoint: Node, active: Uint8Array): readonly (Node | null)[] | undefined {
    const origin = this.origins[node.id];
    const step = origin && this.record.steps[origin.id];
    if (!step || !this.isCopy(node, origin, active) || !this.mayReplace(step.adjoint, adjoint))
      return undefined;
    this.step = step;
    this.node = node;
    this.adjoint = adjoint;
    this.made = [];
    for (let id = step.start; id < step.end; id++) {
      const before = this.record.nodes[id]!;
      const own = this.number(before) ?? this.copy(before);
      if (!own) return undefined;
      this.made.push(own);
    }
    const values: (Node | null)[] = [];
    for (const value of step.values) {
      const own = value && this.now(value);
      if (own === undefined) return undefined;
      values.push(own);
    }
    return values;
  }

  /** What a node of the step in hand is now. */
  private now(before: Node): Node | undefined {
    const { step } = this;
    if (before === step.adjoint) return this.adjoint;
    if (before.id >= step.start && before.id < step.end) return this.made[before.id - step.start];
    return this.descent.after[before.id] ?? this.number(before);
  }

  private isCopy(node: Node, origin: Node, active: Uint8Array): boolean {
    const { inputs } = node;
    if (
      node.op !== origin.op ||
      node.attributes !== origin.attributes ||
      inputs.length !== origin.inputs.length
    )
      return false;
    for (let i = 0; i < inputs.length; i++) {
      const [own, before] = [inputs[i]!, origin.inputs[i]!];
      if (this.descent.after[before.id] !== own || active[own.id] !== this.record.active[before.id])
        return false;
      if (!haveSameNumber(own, before)) return false;
    }
    return true;
  }

  /** Whether a rule does with one upstream gradient what it does with the other. */
  private mayReplace(before: Node, own: Node): boolean {
    const same = this.descent.after[before.id];
    return (same === undefined || same === own) && haveSameNumber(before, own);
  }

  private copy(before: Node): Node | undefined {
    const { derivation } = before.provenance;
    const of = derivation.kind === 'source' ? undefined : this.descent.after[derivation.of.id];
    if (!of) return undefined;
    const inputs = new Array<Node>(before.inputs.length);
    for (let i = 0; i < inputs.length; i++) {
      const input = this.now(before.inputs[i]!);
      if (!input) return undefined;
      inputs[i] = input;
    }
    return this.b.graph.append(before.op, inputs, before.attributes, before, this.placeOf(of));
  }

  /** Undefined for all but numbers. */
  private number(before: Node): Node | undefined {
    const repeated = before.op === 'broadcast' ? before.inputs[0]! : undefined;
    const constant = repeated ?? before;
    if (constant.op !== 'constant' || constant.shape.length > 0) return undefined;
    let own = this.numbers.get(before);
    if (!own) {
      own = this.b.within(this.placeOf(this.node), () => {
        const number = this.descent.after[constant.id] ?? this.b.constant(numberIn(constant), constant.dtype);
        if (!repeated) return number;
        return this.b.broadcast(number, before.shape, attributesOf<{ axes: readonly number[] }>(before).axes);
      });
      this.numbers.set(before, own);
    }
    return own;
  }
}

function numberIn(constant: Node): number {
  return attributesOf<ConstantAttributes>(constant).data[0]!;
}

function haveSameNumber(a: Node, b: Node): boolean {
  return Object.is(scalarConstant(a), scalarConstant(b));
}
