import type { Node } from '../graph/node';
import type { ConstantAttributes } from './leaf';

/** The one known value of all elements, else undefined; looks through broadcasts and reshapes. */
export function scalarConstant(node: Node): number | undefined {
  if (node.op === 'broadcast' || node.op === 'reshape') return scalarConstant(node.inputs[0]!);
  if (node.op !== 'constant') return undefined;
  const { data } = node.attributes as ConstantAttributes;
  const [value] = data;
  return data.every(x => x === value) ? value : undefined;
}

/** Whether every element is known to be `value`. */
export function isConstant(node: Node, value: number): boolean {
  return scalarConstant(node) === value;
}
