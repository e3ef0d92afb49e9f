import { Graph } from '../../../src/graph/graph';
import type { Node } from '../../../src/graph/node';
import { shapeOf } from '../../../src/graph/shape';
import type { DType, Tensor } from '../../../src/graph/types';
import { Builder } from '../../../src/ops/builder';
import type { OpName } from '../../../src/ops/registry';
import { evaluate } from '../../../src/runtime/evaluate';

export const fresh = (): Builder => new Builder(new Graph());

export function tensor(shape: readonly number[], data: readonly number[], dtype: DType = 'float'): Tensor {
  const Kind = { float: Float64Array, int: Int32Array, bool: Uint8Array }[dtype];
  return { dtype, shape, data: Kind.from(data) };
}

export function input(b: Builder, shape: readonly number[], dtype: DType = 'float', name = 'x'): Node {
  return b.apply('input', [], { name, shape: shapeOf(shape), dtype });
}

/** Evaluates an op on constants given as tensors. */
export function run(op: OpName, operands: readonly Tensor[], attributes: object = {}): number[] {
  const b = fresh();
  const leaves = operands.map((t, i) => input(b, t.shape, t.dtype, `x${i}`));
  const node = b.apply(op, leaves, attributes);
  const feeds = new Map(leaves.map((leaf, i) => [leaf, operands[i]!]));
  return [...evaluate([node], feeds, {})[0]!.data];
}
