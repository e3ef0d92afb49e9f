import { type Dim, evaluateDim } from '../graph/dimension';
import { reachable } from '../graph/graph';
import type { Node } from '../graph/node';
import { concreteShape, countOf } from '../graph/shape';
import type { DType, Sizes } from '../graph/types';
import type { ConstantAttributes, SizeAttributes } from '../ops/leaf';
import type { OpName } from '../ops/registry';
import { checkSizes } from './sizes';

/**
 * One value of the lowered copy of a graph: every size is a number. Several nodes that compute the same share one
 * value; the nodes themselves are never touched.
 */
export interface Value {
  /** Position in topological order. */
  readonly index: number;
  readonly op: OpName;
  /** Given from outside (a leaf or a cut node) rather than computed. */
  readonly fed: boolean;
  readonly inputs: readonly Value[];
  readonly attributes: object;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly count: number;
  /** The first node that asked for it: errors name it. */
  readonly node: Node;
  /** Depends on nothing that is fed. */
  readonly constant: boolean;
  /** An identity that must not share its operand's buffer. */
  readonly copied?: boolean;
}

export interface Lowered {
  /** In topological order. */
  readonly values: readonly Value[];
  /** The value of a node. Throws for a node that was not lowered, a mistake of the caller. */
  of(node: Node): Value;
  /** A new value equal to `value` in a buffer of its own, for what must outlive an update of that leaf. */
  copyOf(value: Value): Value;
}

/** What computing a node reads: its inputs, except for ops that evaluate a sub-graph themselves. */
export type Operands = (node: Node) => readonly Node[];

/** All that `wanted` depends on, in topological order; what is fed is not entered. */
export function needed(wanted: Iterable<Node>, isFed: (node: Node) => boolean, operandsOf: Operands): Node[] {
  return reachable(wanted, node => (isFed(node) ? [] : operandsOf(node)));
}

/**
 * Lowers `nodes` (from `needed`) with the sizes of the symbols bound,
 * merging equal computations. Throws `SizeError` when operands that must have one shape do not.
 */
export function lower(
  nodes: readonly Node[],
  sizes: Sizes,
  isFed: (node: Node) => boolean,
  operandsOf: Operands,
): Lowered {
  const values: Value[] = [];
  const byNode = new Map<Node, Value>();
  const byKey = new Map<string, Value>();

  for (const node of nodes) {
    const fed = isFed(node);
    const shape = concreteShape(node.shape, sizes);
    const inputs = fed ? [] : operandsOf(node).map(input => byNode.get(input)!);
    const { op, attributes } = fed ? node : bind(node, sizes);
    const key =
      fed || op === 'numeric_gradient'
        ? `node ${node.id}`
        : `${op} ${node.dtype} ${shape} ${inputs.map(v => v.index)} ${attributesKey(attributes)}`;
    let value = byKey.get(key);
    if (!value) {
      value = {
        index: values.length,
        op: op as OpName,
        fed,
        inputs,
        attributes,
        dtype: node.dtype,
        shape,
        count: countOf(shape),
        node,
        constant: !fed && inputs.every(input => input.constant),
      };
      if (!fed) checkSizes(value);
      values.push(value);
      byKey.set(key, value);
    }
    byNode.set(node, value);
  }

  return {
    values,
    of(node) {
      const value = byNode.get(node);
      if (!value) throw new Error(`node ${node.id} (${node.op}) is not part of this program`);
      return value;
    },
    copyOf: value => copied(value, values),
  };
}

/** Adds a copy of `value` to `values`. */
export function copied(value: Value, values: Value[]): Value {
  const copy: Value = {
    ...value,
    index: values.length,
    op: 'identity',
    fed: false,
    inputs: [value],
    attributes: {},
    constant: false,
    copied: true,
  };
  values.push(copy);
  return copy;
}

/** Replaces dimensions among the attributes by numbers; the size of an axis becomes a constant. */
function bind(node: Node, sizes: Sizes): { op: string; attributes: object } {
  const number = (dim: Dim): number => {
    const value = evaluateDim(dim, sizes);
    if (value === undefined) throw new Error(`size of ${dim.key} is not known`);
    return value;
  };
  if (node.op === 'size') {
    const { dim } = node.attributes as SizeAttributes;
    return { op: 'constant', attributes: { data: [number(dim)] } };
  }
  if (node.op === 'constant') {
    return { op: 'constant', attributes: { data: (node.attributes as ConstantAttributes).data } };
  }
  // The value's own shape says it all; equal computations merge however their shapes were spelled.
  const own = node.attributes as { shape?: unknown; start?: readonly Dim[]; size?: Dim };
  if (!('shape' in own) && !own.start && !own.size) return node;
  const { shape: _, ...rest } = own;
  if (rest.start) return { op: node.op, attributes: { ...rest, start: rest.start.map(number) } };
  if (rest.size) return { op: node.op, attributes: { ...rest, size: number(rest.size) } };
  return { op: node.op, attributes: rest };
}

/** Equal for equal attributes. */
export function attributesKey(attributes: object): string {
  for (const _ in attributes) return keyOf(attributes);
  return '';
}

/** As JSON, but exact: that has one spelling for NaN and both infinities, and drops the sign of zero. */
function keyOf(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (Array.isArray(value)) return `[${value.map(keyOf).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  let key = '';
  for (const name in value) key += `${name}:${keyOf((value as Record<string, unknown>)[name])};`;
  return `{${key}}`;
}
