import { constantValue, type Dim, symbolsOf } from '../../../graph/dimension';
import type { Node } from '../../../graph/node';
import type { ContractAttributes } from '../../../ops/contraction';
import type { ConstantAttributes, IotaAttributes, SizeAttributes } from '../../../ops/leaf';
import type {
  AxesAttributes,
  AxisAttributes,
  SliceAttributes,
  TransposeAttributes,
} from '../../../ops/linear';
import type { PositionAttributes } from '../../../ops/position';
import { definitionOf } from '../../../ops/registry';
import type { WindowAttributes } from '../../../ops/window';

/** How a node depends on the examples of a batch. */
export type Dependence =
  /** Not at all. */
  | { readonly kind: 'free' }
  /**
   * Example i holds for itself what lies at i along `axis`, `factor` places for each. Whole numbers with a `base` are
   * positions in a tensor that has `base` places for each example: i * base and less than `base` more.
   */
  | { readonly kind: 'rows'; readonly axis: number; readonly factor: number; readonly base?: number }
  /** A sum over the examples of what each has for itself. */
  | { readonly kind: 'sum' }
  /** Computed from such sums, and from nothing that belongs to an example. */
  | { readonly kind: 'after' };

const FREE: Dependence = { kind: 'free' };
const SUM: Dependence = { kind: 'sum' };
const AFTER: Dependence = { kind: 'after' };

/** Some op mixes examples, as batch normalisation does. */
class Coupled extends Error {}

/**
 * The dependence of every one of `nodes` (in topological order) on the examples that `symbol` counts; undefined when
 * the batch does not fall into examples that are computed one without the other and added up.
 */
export function separate(
  nodes: readonly Node[],
  symbol: string,
  isFed: (node: Node) => boolean,
): ReadonlyMap<Node, Dependence> | undefined {
  const found = new Map<Node, Dependence>();
  try {
    for (const node of nodes) {
      const own = placesOf(node, symbol);
      found.set(node, isFed(node) ? leaf(own) : dependenceOf(node, own, input => found.get(input)!));
    }
  } catch (error) {
    if (error instanceof Coupled) return undefined;
    throw error;
  }
  return found;
}

interface Places {
  readonly axis: number;
  readonly factor: number;
}

/** The axis along which the examples lie; undefined for a node without one. */
function placesOf({ shape }: Node, symbol: string): Places | undefined {
  const axes = shape.map((_, axis) => axis).filter(axis => symbolsOf(shape[axis]!).has(symbol));
  if (axes.length === 0) return undefined;
  const factor = multipleOf(shape[axes[0]!]!, symbol);
  if (axes.length > 1 || factor === undefined) throw new Coupled();
  return { axis: axes[0]!, factor };
}

/** f of a dimension f * symbol. */
function multipleOf({ terms }: Dim, symbol: string): number | undefined {
  const [term] = terms;
  const alone = terms.length === 1 && term!.factors.length === 1 && term!.factors[0]!.key === symbol;
  return alone ? term!.coefficient : undefined;
}

function leaf(own: Places | undefined): Dependence {
  return own ? { kind: 'rows', ...own } : FREE;
}

function dependenceOf(node: Node, own: Places | undefined, of: (node: Node) => Dependence): Dependence {
  const inputs = node.inputs.map(of);
  if (inputs.some(input => input.kind === 'sum' || input.kind === 'after')) {
    if (own || inputs.some(input => input.kind === 'rows')) throw new Coupled();
    // Such as the gradients of weights by the turns of a loop, which a share adds up for itself.
    return node.op === 'add' && inputs.every(({ kind }) => kind === 'sum') ? SUM : AFTER;
  }
  const based = inputs.some(input => input.kind === 'rows' && input.base !== undefined);
  if (based) return fromPositions(node, own, inputs);
  if (inputs.every(input => input.kind === 'free') && !own) return FREE;
  const reduced = sumOf(node, own, inputs);
  if (reduced) return reduced;
  if (!own) throw new Coupled();
  if (!keepsRows(node, own, inputs)) throw new Coupled();
  if (node.op === 'iota') return { kind: 'rows', ...own, ...indexOf(node, own) };
  return { kind: 'rows', ...own };
}

/** Numbers of the examples themselves have a meaning as positions only. */
function indexOf(node: Node, { axis, factor }: Places): { base?: number } {
  const along = (node.attributes as IotaAttributes).axis === axis;
  if (!along) return {};
  if (factor !== 1 || node.shape.length !== 1) throw new Coupled();
  return { base: 1 };
}

/** What sums over the examples: a sum, a contraction, or adding up at positions of something free. */
function sumOf(node: Node, own: Places | undefined, inputs: readonly Dependence[]): Dependence | undefined {
  if (own) return undefined;
  const [x, y] = inputs;
  const axisOf = (input: Dependence | undefined): number => (input?.kind === 'rows' ? input.axis : -1);
  switch (node.op) {
    case 'sum':
      return (node.attributes as AxesAttributes).axes.includes(axisOf(x)) ? SUM : undefined;
    case 'contract': {
      const { left, right } = node.attributes as ContractAttributes;
      return axisOf(x) >= 0 && axisOf(y) >= 0 && left[axisOf(x)] === right[axisOf(y)] ? SUM : undefined;
    }
    case 'scatter_add': {
      const { axis } = node.attributes as AxisAttributes;
      return axisOf(y) >= 0 && axisOf(x) === axis + axisOf(y) ? SUM : undefined;
    }
    default:
      return undefined;
  }
}

/** Whether each example of the result needs that example of the operands alone. */
function keepsRows(node: Node, { axis, factor }: Places, inputs: readonly Dependence[]): boolean {
  const { op, shape } = node;
  const [x, y] = inputs;
  const at = (input: Dependence | undefined, place: number): boolean =>
    input?.kind === 'rows' && input.axis === place && input.factor === factor;
  const free = (input: Dependence | undefined): boolean => input?.kind === 'free';
  const without = (axes: readonly number[]): number => axis - axes.filter(other => other < axis).length;
  switch (op) {
    case 'broadcast': {
      const { axes } = node.attributes as AxesAttributes;
      return axes.includes(axis) ? free(x) : at(x, without(axes));
    }
    case 'reshape':
      return x?.kind === 'rows' && sameProduct(node.inputs[0]!.shape, x.axis, shape, axis);
    case 'transpose':
      return at(x, (node.attributes as TransposeAttributes).permutation[axis]!);
    case 'sum':
    case 'max':
    case 'min':
    case 'prod':
    case 'norm':
    case 'all':
    case 'any': {
      const { axes } = node.attributes as AxesAttributes;
      return x?.kind === 'rows' && !axes.includes(x.axis) && at(x, x.axis);
    }
    case 'argmax':
    case 'argmin':
      return x?.kind === 'rows' && (node.attributes as AxisAttributes).axis !== x.axis;
    case 'argsort':
    case 'cumsum':
    case 'recurrence':
      return (
        (node.attributes as AxisAttributes).axis !== axis &&
        inputs.every(input => free(input) || at(input, axis))
      );
    case 'slice':
    case 'unslice': {
      const { start, step } = node.attributes as SliceAttributes;
      return at(x, axis) && constantValue(start[axis]!) === 0 && step[axis] === 1;
    }
    case 'concat':
      return (node.attributes as AxisAttributes).axis !== axis && inputs.every(input => at(input, axis));
    case 'tril':
      return axis < shape.length - 2 && at(x, axis);
    case 'window':
    case 'unwindow': {
      const { kernel } = node.attributes as WindowAttributes;
      const inner = op === 'window' ? 2 * kernel.length : kernel.length;
      return axis < shape.length - inner && at(x, axis);
    }
    case 'gather': {
      const along = (node.attributes as AxisAttributes).axis;
      if (free(x)) return y?.kind === 'rows' && at(y, axis - along);
      const added = node.inputs[1]!.shape.length - 1;
      return free(y) && x?.kind === 'rows' && x.axis !== along && at(x, axis < along ? axis : axis - added);
    }
    case 'contract': {
      const { left, right, out } = node.attributes as ContractAttributes;
      const label = out[axis]!;
      const fits = (input: Dependence | undefined, labels: string): boolean =>
        labels.includes(label) ? at(input, labels.indexOf(label)) : free(input);
      return fits(x, left) && fits(y, right);
    }
    case 'iota':
      return true;
    default: {
      const definition = definitionOf(op);
      const pointwise = definition.kind === 'elementwise' || 'scalar' in definition || op === 'position';
      const same = pointwise || op === 'identity' || op === 'stop_gradient';
      return same && inputs.length > 0 && inputs.every(input => at(input, axis));
    }
  }
}

/** What may be made of positions: another base, places within an example, and reading and adding up there. */
function fromPositions(node: Node, own: Places | undefined, inputs: readonly Dependence[]): Dependence {
  const based = inputs.findIndex(input => input.kind === 'rows' && input.base !== undefined);
  const { base } = inputs[based] as { readonly base: number };
  const other = node.inputs[1 - based];
  if (node.op === 'mul' && base === 1 && own?.factor === 1) {
    const number = numberOf(other!);
    if (number !== undefined && number > 0) return { kind: 'rows', ...own, base: number };
  }
  if (node.op === 'add' && other!.op === 'position' && own) {
    const size = constantValue((other!.attributes as PositionAttributes).size);
    if (size !== undefined && size <= base) return { kind: 'rows', ...own, base };
  }
  const [x] = inputs;
  const along = (node.attributes as AxisAttributes).axis;
  const reads = node.op === 'gather' && x!.kind === 'rows' && x!.axis === 0 && x!.factor === base;
  const adds = node.op === 'scatter_add' && own?.factor === base;
  if (own && based === 1 && along === 0 && (reads || adds)) return { kind: 'rows', ...own };
  throw new Coupled();
}

/** The whole number that `node` is everywhere. */
function numberOf(node: Node): number | undefined {
  switch (node.op) {
    case 'broadcast':
    case 'cast':
      return numberOf(node.inputs[0]!);
    case 'size':
      return constantValue((node.attributes as SizeAttributes).dim);
    case 'constant': {
      const { data } = node.attributes as ConstantAttributes;
      return data.length > 0 && data.every(x => x === data[0]) ? data[0] : undefined;
    }
    default:
      return undefined;
  }
}

/** Whether as many elements lie before the examples' axis in one shape as in the other. */
function sameProduct(from: readonly Dim[], fromAxis: number, to: readonly Dim[], toAxis: number): boolean {
  const before = (shape: readonly Dim[], axis: number): number | undefined =>
    shape.slice(0, axis).reduce<number | undefined>((product, dim) => {
      const size = constantValue(dim);
      return product === undefined || size === undefined ? undefined : product * size;
    }, 1);
  const count = before(from, fromAxis);
  return count !== undefined && count === before(to, toAxis);
}
