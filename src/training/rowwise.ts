import { constantValue, type Dim, symbolDim } from '../graph/dimension';
import { ancestors, Graph } from '../graph/graph';
import type { Attributes, Node } from '../graph/node';
import type { Shape } from '../graph/types';
import { Builder } from '../ops/builder';
import { attributesOf, type DataAttributes, type RowsAttributes } from '../ops/leaf';
import type { AxesAttributes, BroadcastAttributes, SliceAttributes } from '../ops/linear';
import { definitionOf, type OpName } from '../ops/registry';

/** Which rows a value runs over: all of them, or one part of the cut. */
export type Part = 'all' | RowsAttributes['part'];

/** The size of the first axis while some of the rows are computed. Lower case, so that no symbol of a file can meet it. */
export const ROWS = 'rows at a time';

/** A value is not computed row by row: a row of it rests on other rows, in a way that is not understood. */
export class NotRowwise extends Error {}

/** A node over some of the rows, and of which part they are; absent where every row is the same. */
interface RowNode {
  readonly node: Node;
  readonly part?: Part;
}

/**
 * Values of data as a second graph, in which the first axis is any number of rows. What stands over all rows at once,
 * such as a mean, is a leaf there; `fixed` gives its value.
 */
export class RowGraph {
  private readonly builder = new Builder(new Graph());
  private readonly known = new Map<Node, RowNode>();
  /** The leaves that are columns, with what they are columns of. */
  readonly columns = new Map<Node, DataAttributes>();
  /** The leaves that do not depend on the rows, with the node they stand for. */
  readonly constants = new Map<Node, Node>();

  /** The node for some rows of `node`, whose first axis is the rows of a table. Throws `NotRowwise`. */
  rows(node: Node): RowNode {
    let row = this.known.get(node);
    if (!row) this.known.set(node, (row = this.rebuild(node)));
    return row;
  }

  /**
   * A reduction over rows, for some of them; undefined for any other node. What it gives for parts of the rows combines
   * with the same op: a sum of sums is the sum.
   */
  reduction(node: Node): { readonly partial: Node; readonly part: Part } | undefined {
    if (node.op !== 'sum' && node.op !== 'max' && node.op !== 'min') return undefined;
    const { axes } = attributesOf<AxesAttributes>(node);
    if (!axes.includes(0)) return undefined;
    try {
      const { node: input, part } = this.rows(node.inputs[0]!);
      return part && { partial: this.apply(node.op, [input], { axes }), part };
    } catch (error) {
      if (error instanceof NotRowwise) return undefined;
      throw error;
    }
  }

  private rebuild(node: Node): RowNode {
    const { op, inputs, attributes } = node;
    if (node.shape.length === 0) throw new NotRowwise();
    if (op === 'data') return this.column(node);
    if (op === 'gather') return this.gathered(node);
    // Counts along another axis, the same in every row.
    if (op === 'iota' && attributesOf<{ axis: number }>(node).axis !== 0) {
      return { node: this.apply(op, [], { ...attributes, shape: free(node.shape) }) };
    }
    if (op === 'broadcast' && attributesOf<BroadcastAttributes>(node).axes.includes(0)) {
      return {
        node: this.apply(op, [this.constant(inputs[0]!)], { ...attributes, shape: free(node.shape) }),
      };
    }
    const changed = rowwiseAttributes(node);
    const operands = inputs.map(input => this.rows(input));
    const parts = new Set(operands.flatMap(({ part }) => part ?? []));
    if (operands.length === 0 || parts.size > 1) throw new NotRowwise();
    const [part] = parts;
    const rebuilt = this.apply(
      op,
      operands.map(operand => operand.node),
      changed,
    );
    return { node: rebuilt, ...(part ? { part } : {}) };
  }

  private column(node: Node): RowNode {
    const leaf = this.apply('input', [], { name: 'column', shape: free(node.shape), dtype: node.dtype });
    this.columns.set(leaf, attributesOf(node));
    return { node: leaf, part: 'all' };
  }

  /** `x` at the rows of a part, or each row at the same positions. */
  private gathered(node: Node): RowNode {
    const [x, positions] = node.inputs as [Node, Node];
    const { axis } = attributesOf<{ axis: number }>(node);
    if (axis !== 0 && !restsOnData(positions)) {
      const { node: row, part } = this.rows(x);
      const chosen = this.apply(node.op, [row, this.constant(positions)], node.attributes);
      return { node: chosen, ...(part ? { part } : {}) };
    }
    if (axis !== 0 || positions.op !== 'rows') throw new NotRowwise();
    const row = this.rows(x);
    if (row.part !== 'all') throw new NotRowwise();
    return { node: row.node, part: attributesOf<RowsAttributes>(positions).part };
  }

  private constant(node: Node): Node {
    const leaf = this.apply('input', [], { name: 'constant', shape: node.shape, dtype: node.dtype });
    this.constants.set(leaf, node);
    return leaf;
  }

  private apply(op: string, inputs: readonly Node[], attributes: Attributes): Node {
    return this.builder.apply(op as OpName, inputs, attributes);
  }
}

/** The same shape with any number of rows. */
function free(shape: Shape): Dim[] {
  return [symbolDim(ROWS), ...shape.slice(1)];
}

/** The attributes of an op that keeps rows apart, for any number of rows. Throws `NotRowwise` for other ops. */
function rowwiseAttributes(node: Node): Attributes {
  const { op, attributes, inputs, shape } = node;
  const definition = definitionOf(op);
  if (definition.kind === 'elementwise' || (definition.kind === 'nondifferentiable' && definition.scalar)) {
    return attributes;
  }
  const sameRows = inputs[0]?.shape[0]?.key === shape[0]!.key;
  switch (op) {
    case 'position':
      return attributes;
    case 'broadcast':
    case 'reshape':
      if (sameRows) return { ...attributes, shape: free(shape) };
      break;
    case 'slice': {
      const { start, step } = attributesOf<SliceAttributes>(node);
      const whole = constantValue(start[0]!) === 0 && step[0] === 1;
      if (sameRows && whole) return { ...attributes, shape: free(shape) };
      break;
    }
    case 'transpose':
      if (attributesOf<{ permutation: readonly number[] }>(node).permutation[0] === 0) return attributes;
      break;
    case 'concat':
      if (attributesOf<{ axis: number }>(node).axis !== 0) return attributes;
      break;
    case 'sum':
    case 'max':
    case 'min':
      if (!attributesOf<AxesAttributes>(node).axes.includes(0)) return attributes;
      break;
  }
  throw new NotRowwise();
}

/** Whether a node rests on columns of a table. */
export function restsOnData(node: Node): boolean {
  return ancestors([node]).some(({ op }) => op === 'data');
}

/** Whether a node rests on columns of one table. */
export function restsOn(node: Node, table: string): boolean {
  return ancestors([node]).some(
    each => each.op === 'data' && attributesOf<DataAttributes>(each).table === table,
  );
}

/** Numbers in a row of a node whose first axis is rows. */
export function rowWidth({ shape }: Node): number {
  return shape.slice(1).reduce((product, dim) => product * (constantValue(dim) ?? Number.NaN), 1);
}

/** The rows of a node that runs over all rows of a table. */
export function rowCount({ shape }: Node): number | undefined {
  return shape[0] && constantValue(shape[0]);
}
