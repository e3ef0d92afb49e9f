import { Graph } from '../graph/graph';
import type { Node } from '../graph/node';
import { Builder } from '../ops/builder';
import type { Slope } from '../ops/definition';
import { definitionOf } from '../ops/registry';
import { printExpression, printNumber } from './expression';
import { slopeOf } from './slope';

/** How a node passes its gradient on, where that has a name. */
export type LocalPattern =
  /** To every operand as it is. */
  | 'distributes'
  /** To each operand times the other operand. */
  | 'switches'
  /** To the operand, or the element, that was chosen. */
  | 'routes'
  /** The value went to many places: their gradients add up. */
  | 'sums'
  /** The value was added up: every part gets the whole gradient. */
  | 'repeats';

export interface LocalRule {
  /** `factor`: the local derivative, which multiplies the upstream gradient; `gradient`: the product, with `g` in it. */
  readonly kind: 'factor' | 'gradient';
  readonly formula: string;
  readonly pattern?: LocalPattern;
}

const patterns: Readonly<Record<string, LocalPattern>> = {
  add: 'distributes',
  sub: 'distributes',
  identity: 'distributes',
  mul: 'switches',
  contract: 'switches',
  maximum: 'routes',
  minimum: 'routes',
  relu: 'routes',
  where: 'routes',
  clip: 'routes',
  max: 'routes',
  min: 'routes',
  gather: 'routes',
  slice: 'routes',
  broadcast: 'sums',
  window: 'sums',
  sum: 'repeats',
  scatter_add: 'repeats',
};

/** The local derivative of a node in one operand, in the names of the file; undefined for leaves. */
export function describeLocal(
  node: Node,
  operand: number,
  nameOf: (node: Node) => string,
): LocalRule | undefined {
  const definition = definitionOf(node.op);
  const pattern = patterns[node.op];
  const describe = (kind: LocalRule['kind'], formula: string): LocalRule => ({
    kind,
    formula,
    ...(pattern ? { pattern } : {}),
  });
  switch (definition.kind) {
    case 'leaf':
      return undefined;
    case 'nondifferentiable':
      return describe('factor', '0');
    case 'elementwise':
      return describe('factor', describeSlope(node, operand, nameOf));
    default: {
      // Positions and masks have no gradient.
      if (node.inputs[operand]!.dtype !== 'float') return { kind: 'factor', formula: '0' };
      const names = { operands: node.inputs.map(nameOf), output: nameOf(node) };
      return describe('gradient', definition.rule(operand, names, node.attributes));
    }
  }
}

/** Derives on a graph of its own and prints what comes out. */
function describeSlope(node: Node, operand: number, nameOf: (node: Node) => string): string {
  const definition = definitionOf(node.op);
  if (definition.kind !== 'elementwise') return '';
  const named = new Map([...node.inputs, node].map(n => [n, nameOf(n)]));
  const slope = slopeOf(
    definition,
    node,
    operand,
    new Builder(new Graph(), { derivation: { kind: 'adjoint', of: node } }),
  );
  return printSlope(slope, named);
}

function printSlope(slope: Slope, named: ReadonlyMap<Node, string>): string {
  if (slope === null) return '0';
  if (typeof slope === 'number') return printNumber(slope);
  if ('where' in slope) {
    const [value, otherwise] = [printSlope(slope.value, named), printSlope(slope.otherwise, named)];
    return `${value} if ${printExpression(slope.where, named)}, else ${otherwise}`;
  }
  const text = printExpression(slope, named);
  return slope.dtype === 'bool' ? `1 if ${text}, else 0` : text;
}
