import type { Evaluate } from '../../graph/evaluate';
import type { Node } from '../../graph/node';
import type { Sizes, Tensor } from '../../graph/types';
import { definitionOf } from '../../ops/registry';
import { scalarHelpers } from '../../ops/scalar';

/** Leaves whose values are not in the file. */
const open = new Set(['input', 'parameter', 'data', 'rows', 'size', 'numeric_gradient', 'random_mask']);

/**
 * Values of nodes that rest on constants alone, each computed once. Scalars, which steer loops and recursions, are
 * computed one op at a time; larger tensors by the executor.
 */
export class Constants {
  private readonly closed = new WeakMap<Node, boolean>();
  private readonly values = new WeakMap<Node, Tensor>();

  constructor(private readonly evaluate: Evaluate) {}

  /** Undefined for a node that depends on anything but constants. */
  of(node: Node, sizes: Sizes): Tensor | undefined {
    if (!this.isClosed(node)) return undefined;
    let value = this.values.get(node);
    if (!value) this.values.set(node, (value = this.compute(node, sizes)));
    return value;
  }

  private compute(node: Node, sizes: Sizes): Tensor {
    const { op, attributes, dtype, inputs } = node;
    if (op === 'constant') {
      const { data } = attributes as { data: readonly number[] };
      return { dtype, shape: node.shape.map(dim => Number(dim.key)), data: Float64Array.from(data) };
    }
    const apply = [node, ...inputs].every(x => x.shape.length === 0) ? scalarFunction(node) : undefined;
    if (!apply) return this.evaluate([node], new Map(), sizes)[0]!;
    const operands = inputs.map(input => this.of(input, sizes)!.data[0]!);
    return { dtype, shape: [], data: Float64Array.of(Number(apply(...operands))) };
  }

  /** Whether a node rests on constants alone. Nodes come after their inputs, so a chain that grows is settled a node at a time. */
  isClosed(node: Node): boolean {
    let known = this.closed.get(node);
    if (known === undefined) {
      known = !open.has(node.op) && node.inputs.every(input => this.isClosed(input));
      this.closed.set(node, known);
    }
    return known;
  }
}

type ScalarFunction = (...operands: number[]) => number | boolean;

const functions = new Map<string, ScalarFunction>();
const helperNames = Object.keys(scalarHelpers);

/** The op's own scalar definition as a function; undefined for ops that have none. */
function scalarFunction({ op, attributes, inputs }: Node): ScalarFunction | undefined {
  const definition = definitionOf(op);
  if (!('scalar' in definition) || !definition.scalar) return undefined;
  const names = inputs.map((_, i) => `x${i}`);
  const key = `${op} ${JSON.stringify(attributes)} ${names.length}`;
  let apply = functions.get(key);
  if (!apply) {
    const body = `return (${names}) => ${definition.scalar(names, attributes)};`;
    apply = new Function(...helperNames, body)(...Object.values(scalarHelpers)) as ScalarFunction;
    functions.set(key, apply);
  }
  return apply;
}
