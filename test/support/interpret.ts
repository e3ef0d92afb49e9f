import { constantValue, evaluateDim } from '../../src/graph/dimension';
import type { Evaluate } from '../../src/graph/evaluate';
import { ancestors } from '../../src/graph/graph';
import type { Node } from '../../src/graph/node';
import { concreteShape, countOf, stridesOf } from '../../src/graph/shape';
import type { DType, Sizes, Tensor, TensorData } from '../../src/graph/types';
import type { ContractAttributes } from '../../src/ops/contraction';
import type { ConstantAttributes, IotaAttributes, SizeAttributes } from '../../src/ops/leaf';
import type {
  AxesAttributes,
  BroadcastAttributes,
  CumsumAttributes,
  SliceAttributes,
} from '../../src/ops/linear';
import type { PositionAttributes } from '../../src/ops/position';
import type { RecurrenceAttributes } from '../../src/ops/recurrence';
import { definitionOf } from '../../src/ops/registry';
import { scalarHelpers } from '../../src/ops/scalar';
import { determinant, leastSquares, solveSystem } from './matrices';

/**
 * The ops in their plainest form: one loop over all positions each, nothing fused, nothing shared. A second opinion
 * on the runtime, and what the tests of derivatives stand on.
 */
export const interpret: Evaluate = (outputs, feeds, sizes) => {
  const values = new Map<Node, Tensor>(feeds);
  for (const node of ancestors(outputs, new Set(feeds.keys()))) {
    if (!values.has(node))
      values.set(
        node,
        compute(
          node,
          node.inputs.map(input => values.get(input)!),
          sizes,
        ),
      );
  }
  return outputs.map(output => values.get(output)!);
};

export function storage(dtype: DType, count: number): TensorData {
  if (dtype === 'float') return new Float64Array(count);
  return dtype === 'int' ? new Int32Array(count) : new Uint8Array(count);
}

function compute(node: Node, inputs: readonly Tensor[], sizes: Sizes): Tensor {
  const shape = concreteShape(node.shape, sizes);
  const data = storage(node.dtype, countOf(shape));
  const result: Tensor = { dtype: node.dtype, shape, data };
  const definition = definitionOf(node.op);
  if ('scalar' in definition && definition.scalar) mapScalar(node, definition.scalar, inputs, data);
  else wholeOps[node.op]!(node, inputs, result, sizes);
  return result;
}

const compiled = new Map<string, (...operands: number[]) => number>();

function mapScalar(
  node: Node,
  scalar: (operands: readonly string[], attributes: object) => string,
  inputs: readonly Tensor[],
  data: TensorData,
): void {
  const names = inputs.map((_, i) => `x${i}`);
  const text = scalar(names, node.attributes);
  const key = `${names} ${text}`;
  let f = compiled.get(key);
  if (!f) {
    const helpers = `const {${Object.keys(scalarHelpers)}} = helpers;`;
    f = new Function('helpers', `${helpers} return (${names}) => ${text}`)(scalarHelpers) as typeof f & {};
    compiled.set(key, f);
  }
  for (let i = 0; i < data.length; i++) data[i] = f(...inputs.map(input => input.data[i]!));
}

type Whole = (node: Node, inputs: readonly Tensor[], result: Tensor, sizes: Sizes) => void;

const wholeOps: Readonly<Record<string, Whole>> = {
  constant: (node, _, { data }) => {
    const values = (node.attributes as ConstantAttributes).data;
    data.set(values);
  },
  size: (node, _, { data }, sizes) => {
    data[0] = evaluateDim((node.attributes as SizeAttributes).dim, sizes)!;
  },
  iota: (node, _, result) => {
    const { axis } = node.attributes as IotaAttributes;
    eachIndex(result.shape, (index, at) => {
      result.data[at] = index[axis]!;
    });
  },
  position: (node, [x], { data }, sizes) => {
    const { size, wrap } = node.attributes as PositionAttributes;
    const count = evaluateDim(size, sizes)!;
    x!.data.forEach((value, i) => {
      data[i] = wrap && value < 0 ? value + count : value;
    });
  },
  reshape: (_, [x], { data }) => data.set(x!.data),
  transpose: (node, [x], result) => {
    const { permutation } = node.attributes as { permutation: readonly number[] };
    const strides = stridesOf(x!.shape);
    eachIndex(result.shape, (index, at) => {
      result.data[at] =
        x!.data[
          offset(
            index,
            permutation.map(axis => strides[axis]!),
          )
        ]!;
    });
  },
  broadcast: (node, [x], result) => {
    const { axes } = node.attributes as BroadcastAttributes;
    eachIndex(result.shape, (index, at) => {
      result.data[at] = x!.data[offset(without(index, axes), stridesOf(x!.shape))]!;
    });
  },
  sum: reduce(
    () => 0,
    (total, x) => total + x,
  ),
  max: reduce(
    () => -Infinity,
    (most, x) => Math.max(most, x),
  ),
  min: reduce(
    () => Infinity,
    (least, x) => Math.min(least, x),
  ),
  prod: reduce(
    () => 1,
    (product, x) => product * x,
  ),
  norm: reduce(
    () => 0,
    (length, x) => Math.hypot(length, x),
  ),
  all: reduce(
    () => 1,
    (every, x) => every & x,
  ),
  any: reduce(
    () => 0,
    (some, x) => some | x,
  ),
  concat: (node, inputs, result) => {
    const { axis } = node.attributes as { axis: number };
    let start = 0;
    for (const input of inputs) {
      eachIndex(input.shape, (index, at) => {
        const place = index.map((i, a) => (a === axis ? i + start : i));
        result.data[offset(place, stridesOf(result.shape))] = input.data[at]!;
      });
      start += input.shape[axis]!;
    }
  },
  slice: (node, [x], result, sizes) => {
    eachPlaced(node, result.shape, x!.shape, sizes, (small, large) => {
      result.data[small] = x!.data[large]!;
    });
  },
  unslice: (node, [x], result, sizes) => {
    eachPlaced(node, x!.shape, result.shape, sizes, (small, large) => {
      result.data[large] = x!.data[small]!;
    });
  },
  gather: (node, [x, positions], result) => {
    const { axis } = node.attributes as { axis: number };
    eachGathered(result.shape, axis, positions!, x!.shape, (small, large) => {
      result.data[small] = x!.data[large]!;
    });
  },
  scatter_add: (node, [x, positions], result) => {
    const { axis } = node.attributes as { axis: number };
    eachGathered(x!.shape, axis, positions!, result.shape, (small, large) => {
      result.data[large]! += x!.data[small]!;
    });
  },
  cumsum: (node, [x], { shape, data }) => {
    eachLine(shape, node.attributes as CumsumAttributes, (at, before) => {
      data[at] = x!.data[at]! + (before === undefined ? 0 : data[before]!);
    });
  },
  recurrence: (node, [a, u], { shape, data }) => {
    eachLine(shape, node.attributes as RecurrenceAttributes, (at, before) => {
      data[at] = u!.data[at]! + (before === undefined ? 0 : a!.data[at]! * data[before]!);
    });
  },
  tril: (node, [x], { shape, data }) => {
    const { k } = node.attributes as { k: number };
    eachIndex(shape, (index, at) => {
      data[at] = index.at(-1)! - index.at(-2)! <= k ? x!.data[at]! : 0;
    });
  },
  contract: (node, [a, b], result) => {
    const { left, right, out } = node.attributes as ContractAttributes;
    const labels = [...new Set(out + left + right)];
    const size = (label: string): number =>
      left.includes(label) ? a!.shape[left.indexOf(label)]! : b!.shape[right.indexOf(label)]!;
    const along = (text: string, tensor: Tensor): number[] =>
      labels.map(label => (text.includes(label) ? stridesOf(tensor.shape)[text.indexOf(label)]! : 0));
    const [inA, inB, inOut] = [along(left, a!), along(right, b!), along(out, result)];
    eachIndex(labels.map(size), index => {
      result.data[offset(index, inOut)]! += a!.data[offset(index, inA)]! * b!.data[offset(index, inB)]!;
    });
  },
  argmax: best((x, most) => x > most),
  argmin: best((x, least) => x < least),
  argsort: (node, [x], result) => {
    const { axis } = node.attributes as { axis: number };
    const stride = stridesOf(x!.shape)[axis]!;
    eachIndex(without(x!.shape, [axis]), index => {
      const start = offset(index, without(stridesOf(x!.shape), [axis]));
      const value = (i: number): number => x!.data[start + i * stride]!;
      const order = Array.from({ length: x!.shape[axis]! }, (_, i) => i).sort(
        (p, q) => value(p) - value(q) || p - q,
      );
      order.forEach((position, i) => {
        result.data[start + i * stride] = position;
      });
    });
  },
  solve: (_, [a, b], { data }) => {
    const [n, k] = [b!.shape.at(-2)!, b!.shape.at(-1)!];
    for (let s = 0; s * n * n < a!.data.length; s++) {
      const A = a!.data.subarray(s * n * n, (s + 1) * n * n);
      data.set(solveSystem(A, b!.data.subarray(s * n * k, (s + 1) * n * k), n), s * n * k);
    }
  },
  det: (_, [a], { data }) => {
    const n = a!.shape.at(-1)!;
    for (let s = 0; s < data.length; s++)
      data[s] = determinant(a!.data.subarray(s * n * n, (s + 1) * n * n), n);
  },
  lstsq: (_, [a, b], { data }) => {
    data.set(leastSquares(a!.data, b!.data, a!.shape[0]!, a!.shape[1]!));
  },
};

function reduce(start: () => number, take: (total: number, x: number) => number): Whole {
  return (node, [x], result) => {
    const { axes } = node.attributes as AxesAttributes;
    result.data.fill(start());
    const strides = stridesOf(result.shape);
    eachIndex(x!.shape, (index, at) => {
      const place = offset(without(index, axes), strides);
      result.data[place] = take(result.data[place]!, x!.data[at]!);
    });
  };
}

function best(better: (x: number, than: number) => boolean): Whole {
  return (node, [x], { shape, data }) => {
    const { axis } = node.attributes as { axis: number };
    const strides = stridesOf(x!.shape);
    eachIndex(shape, (index, at) => {
      const start = offset(index, without(strides, [axis]));
      for (let i = 1; i < x!.shape[axis]!; i++) {
        if (better(x!.data[start + i * strides[axis]!]!, x!.data[start + data[at]! * strides[axis]!]!))
          data[at] = i;
      }
    });
  };
}

function eachIndex(shape: readonly number[], visit: (index: number[], at: number) => void): void {
  const strides = stridesOf(shape);
  for (let at = 0; at < countOf(shape); at++) {
    visit(
      shape.map((size, axis) => Math.floor(at / strides[axis]!) % size),
      at,
    );
  }
}

function eachPlaced(
  node: Node,
  small: readonly number[],
  large: readonly number[],
  sizes: Sizes,
  visit: (small: number, large: number) => void,
): void {
  const { start, step } = node.attributes as SliceAttributes;
  const first = start.map(dim => evaluateDim(dim, sizes) ?? constantValue(dim)!);
  eachIndex(small, (index, at) => {
    const place = index.map((i, axis) => first[axis]! + i * step[axis]!);
    visit(at, offset(place, stridesOf(large)));
  });
}

function eachGathered(
  small: readonly number[],
  axis: number,
  positions: Tensor,
  large: readonly number[],
  visit: (small: number, large: number) => void,
): void {
  const rank = positions.shape.length;
  eachIndex(small, (index, at) => {
    const position = positions.data[offset(index.slice(axis, axis + rank), stridesOf(positions.shape))]!;
    visit(at, offset([...index.slice(0, axis), position, ...index.slice(axis + rank)], stridesOf(large)));
  });
}

/** Along an axis, from its start or its end: a position and the one before it. */
function eachLine(
  shape: readonly number[],
  { axis, reverse }: CumsumAttributes,
  visit: (at: number, before: number | undefined) => void,
): void {
  const strides = stridesOf(shape);
  const [size, stride] = [shape[axis]!, strides[axis]!];
  eachIndex(without(shape, [axis]), index => {
    const start = offset(index, without(strides, [axis]));
    for (let i = 0; i < size; i++) {
      const at = start + (reverse ? size - 1 - i : i) * stride;
      visit(at, i === 0 ? undefined : at + (reverse ? stride : -stride));
    }
  });
}

function offset(index: readonly number[], strides: readonly number[]): number {
  return index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0);
}

function without(list: readonly number[], axes: readonly number[]): number[] {
  return list.filter((_, axis) => !axes.includes(axis));
}
