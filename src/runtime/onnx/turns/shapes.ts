import type { ElementType, OnnxNode } from '../model';
import { CAST } from '../tensor';

type Shape = readonly number[];

/** What is known of tensors by name. */
export interface Known {
  shape(name: string): Shape | undefined;
  type(name: string): ElementType | undefined;
  /** Of a tensor of known whole numbers, such as the bounds of a slice. */
  ints(name: string): readonly number[] | undefined;
}

/** Done to each element alone, operands broadcast. */
export const ELEMENTWISE: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Sum', 'Max', 'Min', 'Where'],
  ...['Sigmoid', 'Tanh', 'Exp', 'Log', 'Sqrt', 'Neg', 'Relu', 'Abs', 'Erf', 'Softplus', 'Reciprocal', 'Sign'],
  ...['Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual', 'Equal', 'And', 'Or', 'Not', 'Cast', 'Identity'],
]);

/** Shapes of the outputs of a node, as far as this part of the work needs them; empty where they are not known. */
export function shapesOf(node: OnnxNode, known: Known): readonly Shape[] {
  const { op, inputs, attributes } = node;
  const shapes = inputs.map(name => (name === '' ? [] : known.shape(name)));
  const [first, second] = shapes;
  if (ELEMENTWISE.has(op)) {
    const all = shapes.every(shape => shape !== undefined) ? (shapes as Shape[]) : undefined;
    return all ? [all.reduce(broadcast)] : [];
  }
  switch (op) {
    case 'Gemm':
      return first?.length === 2 && second?.length === 2
        ? [[attributes.transA ? first[1]! : first[0]!, attributes.transB ? second[0]! : second[1]!]]
        : [];
    case 'MatMul':
      return first && second && first.length <= 2 && second.length === 2
        ? [[...first.slice(0, -1), second[1]!]]
        : [];
    case 'Reshape':
    case 'Expand': {
      const wanted = known.ints(inputs[1]!);
      if (!wanted?.every(size => size > 0)) return [];
      return op === 'Reshape' ? [wanted] : first ? [broadcast(first, wanted)] : [];
    }
    case 'Transpose': {
      const { perm } = attributes;
      return first && Array.isArray(perm) ? [perm.map(axis => first[axis]!)] : [];
    }
    case 'Concat': {
      const axis = attributes.axis as number;
      if (!first || axis < 0 || shapes.some(shape => shape?.length !== first.length)) return [];
      const size = shapes.reduce((sum, shape) => sum + shape![axis]!, 0);
      return [first.map((own, i) => (i === axis ? size : own))];
    }
    case 'Slice': {
      const slice = sliceOf(node, known);
      return slice && first
        ? [first.map((own, i) => (i === slice.axis ? slice.end - slice.start : own))]
        : [];
    }
    case 'Split': {
      const sizes = known.ints(inputs[1]!);
      return first && sizes
        ? sizes.map(size => first.map((own, i) => (i === attributes.axis ? size : own)))
        : [];
    }
    case 'Pad': {
      const pads = known.ints(inputs[1]!);
      if (!first || pads?.length !== 2 * first.length) return [];
      return [first.map((own, i) => own + pads[i]! + pads[i + first.length]!)];
    }
    default:
      return [];
  }
}

const BOOLS: ReadonlySet<string> = new Set([
  ...['Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual', 'Equal', 'And', 'Or', 'Not'],
]);

/** Operations whose outputs have the type of the first operand. */
const ALIKE: ReadonlySet<string> = new Set([
  ...['Gemm', 'MatMul', 'FusedMatMul', 'Softmax', 'LogSoftmax', 'Elu', 'Sin', 'Cos', 'Floor', 'Round'],
  ...['Reshape', 'Expand', 'Transpose', 'Concat', 'Slice', 'Split', 'Pad', 'Trilu', 'Gather'],
  ...['GatherElements', 'ScatterElements', 'ReduceSum', 'ReduceMax', 'ReduceMin', 'ReduceProd'],
]);

/** The type of all outputs of a node, as far as this part of the work needs it. */
export function typeOf({ op, inputs, attributes }: OnnxNode, known: Known): ElementType | undefined {
  if (BOOLS.has(op)) return 'bool';
  if (op === 'Cast') return CASTS.get(attributes.to as number);
  if (op === 'Where') return known.type(inputs[1]!);
  return ELEMENTWISE.has(op) || ALIKE.has(op) ? known.type(inputs[0]!) : undefined;
}

const CASTS: ReadonlyMap<number, ElementType> = new Map([
  [CAST.float, 'float'],
  [CAST.int, 'int32'],
  [CAST.bool, 'bool'],
]);

export interface OnnxSlice {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

/** A slice of neighbours along one axis; undefined for any other. */
export function sliceOf({ op, inputs }: OnnxNode, known: Known): OnnxSlice | undefined {
  if (op !== 'Slice') return undefined;
  const shape = known.shape(inputs[0]!);
  const [starts, ends, axes, steps] = inputs.slice(1).map(name => known.ints(name));
  if (!shape || starts?.length !== 1 || ends?.length !== 1 || axes?.length !== 1) return undefined;
  if (inputs.length > 4 && steps?.[0] !== 1) return undefined;
  const [axis, start, end] = [axes[0]!, starts[0]!, ends[0]!];
  return axis >= 0 && start >= 0 && start < end && end <= shape[axis]! ? { axis, start, end } : undefined;
}

function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [own, other] = [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1];
    return own === 1 ? other : own;
  });
}
