import type { OnnxNode } from '../model';
import { ELEMENTWISE, type Known } from './shapes';

/** How a node treats the first axis of an operand: as rows that it computes each for itself, or the same for all. */
export type Role = 'rows' | 'shared';

/**
 * The role of each operand where a node computes every row of its outputs from the same rows of its operands, so that
 * several such nodes are one over all their rows; undefined for any other node.
 */
export function rolesOf(node: OnnxNode, known: Known): readonly Role[] | undefined {
  const { op, domain, inputs, outputs, attributes } = node;
  if (domain !== '' || inputs.includes('')) return undefined;
  const out = known.shape(outputs[0]!);
  const shapes = inputs.map(name => known.shape(name));
  if (!out || out.length === 0 || shapes.includes(undefined)) return undefined;
  const rank = out.length;
  const rest = (count: number): readonly Role[] => new Array<Role>(count).fill('shared');
  if (ELEMENTWISE.has(op)) {
    const roles = shapes.map((shape): Role | undefined => {
      if (shape!.length === rank && shape![0] === out[0]) return 'rows';
      return shape!.length < rank || shape![0] === 1 ? 'shared' : undefined;
    });
    return roles.includes('rows') && !roles.includes(undefined) ? (roles as Role[]) : undefined;
  }
  switch (op) {
    case 'Gemm': {
      const bias = shapes[2];
      if (attributes.transA || 'alpha' in attributes) return undefined;
      const whole = bias?.length === 2 && bias[0] === out[0];
      return ['rows', 'shared', ...(bias ? [whole ? ('rows' as const) : ('shared' as const)] : [])];
    }
    case 'Concat':
      return (attributes.axis as number) > 0 ? shapes.map(() => 'rows') : undefined;
    case 'Slice': {
      const axes = known.ints(inputs[3] ?? '');
      return axes?.every(axis => axis > 0) ? ['rows', ...rest(inputs.length - 1)] : undefined;
    }
    case 'Split':
      return (attributes.axis as number) > 0 ? ['rows', 'shared'] : undefined;
    case 'Pad': {
      const pads = known.ints(inputs[1]!);
      return pads?.length === 2 * rank && pads[0] === 0 && pads[rank] === 0
        ? ['rows', ...rest(inputs.length - 1)]
        : undefined;
    }
    default:
      return undefined;
  }
}
