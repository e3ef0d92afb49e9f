import type { Node } from '../graph/node';
import { type ComparisonName, comparisonOps } from './comparison';
import { type ContractionName, contractionOps } from './contraction';
import type { OpDefinition } from './definition';
import { type ElementwiseName, elementwiseOps } from './elementwise';
import { type LeafName, leafOps } from './leaf';
import { type LinearName, linearOps } from './linear';
import { type LinearAlgebraName, linearAlgebraOps } from './linearAlgebra';
import { type PositionName, positionOps } from './position';
import { type ReductionName, reductionOps } from './reduction';
import { type WindowName, windowOps } from './window';

export type OpName =
  | LeafName
  | ElementwiseName
  | ComparisonName
  | LinearName
  | WindowName
  | ContractionName
  | PositionName
  | ReductionName
  | LinearAlgebraName;

/** Every primitive, once. */
const registry = {
  ...leafOps,
  ...elementwiseOps,
  ...comparisonOps,
  ...linearOps,
  ...windowOps,
  ...contractionOps,
  ...positionOps,
  ...reductionOps,
  ...linearAlgebraOps,
};

export const opNames = Object.keys(registry) as readonly OpName[];

const definitions = new Map(Object.entries(registry) as unknown as [string, OpDefinition][]);

export function definitionOf(op: string): OpDefinition {
  const definition = definitions.get(op);
  if (!definition) throw new Error(`no op is called ${op}`);
  return definition;
}

/** How a node's op is drawn and printed: `+`, `@`, or its name. */
export function signOf(node: Node): string {
  return definitionOf(node.op).sign?.(node.attributes) ?? node.op;
}
