import type { Span } from '../base/span';
import type { DType, Shape } from './types';

/** Settings of one op that are known before running, such as the axes of a sum. Each op declares its own type. */
export type Attributes = object;

/**
 * One value of the computation graph. Immutable; its inputs come before it in `Graph.nodes`, so that order is
 * topological.
 */
export interface Node {
  /** Position in `Graph.nodes`. */
  readonly id: number;
  readonly op: string;
  readonly inputs: readonly Node[];
  readonly attributes: Attributes;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly provenance: Provenance;
}

/** Where a node comes from. Every node has one, from its construction on. */
export interface Provenance {
  /** The text that made it; absent for what no text stands for, such as an optimiser's update. */
  readonly span?: Span;
  /** The innermost call, layer, loop turn or branch it belongs to; absent at top level. */
  readonly group?: Group;
  readonly derivation: Derivation;
}

export type Derivation =
  /** Written in the file, or part of a function that is. */
  | { readonly kind: 'source' }
  /** Part of the derivative of some objective with respect to `of`. */
  | { readonly kind: 'adjoint'; readonly of: Node }
  /** Part of a forward-mode derivative of `of`. */
  | { readonly kind: 'tangent'; readonly of: Node }
  /** Part of an optimiser's step for the parameter `of`. */
  | { readonly kind: 'update'; readonly of: Node };

/** A call, layer, loop turn or branch, drawn as a box that opens. */
export interface Group {
  readonly id: number;
  readonly kind: 'call' | 'layer' | 'turn' | 'branch';
  /** The function's name, or `t = 3` for a turn of a loop. */
  readonly label: string;
  readonly span: Span;
  readonly parent?: Group;
}

/** Groups from the outermost to the innermost. */
export function groupPath(group: Group | undefined): Group[] {
  const path: Group[] = [];
  for (let g = group; g; g = g.parent) path.push(g);
  return path.reverse();
}
