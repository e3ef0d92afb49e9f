import type { Node } from '../../graph/node';
import type { Expression } from '../ast';
import type { NamedValue } from '../model';
import type { Context } from './context';

/** Positions from `start` up to `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What lowering one expression at the top of a file has added, when it is nothing but nodes and parameters. */
export interface Unit {
  readonly expression: Expression;
  readonly result: Node;
  readonly nodes: Range;
  readonly groups: Range;
  readonly parameters: Range;
  /** How many of the parameters no instance owns. */
  readonly unshared: number;
  /** Paths of the layer calls in the statement, and of the last one made. */
  readonly paths: readonly string[];
  readonly last: string | undefined;
}

/** What a statement at the top of a file has bound. */
export interface Bound {
  readonly names: readonly NamedValue[];
  readonly parameters: Range;
  /** Whether its expressions did no more than their units tell. */
  readonly isPlain: boolean;
}

/** Lowers an expression at the top of a file, and notes what that adds. */
export function unitOf(context: Context, expression: Expression, make: () => Node): [Node, Unit | undefined] {
  const marks = marksOf(context);
  const { graph } = context.builder;
  const before = { nodes: graph.nodes.length, groups: graph.groups, parameters: context.parameters.length };
  const { unshared } = context;
  const result = make();
  const isPlain = marksOf(context).every((mark, i) => mark === marks[i]);
  if (!isPlain) return [result, undefined];
  const unit = {
    expression,
    result,
    nodes: { start: before.nodes, end: graph.nodes.length },
    groups: { start: before.groups, end: graph.groups },
    parameters: { start: before.parameters, end: context.parameters.length },
    unshared: context.unshared - unshared,
    paths: context.layers?.all ?? [],
    last: context.layers?.last,
  };
  return [result, unit];
}

/** What lowering may change besides: equal before and after where it has changed none of that. */
function marksOf(context: Context): readonly unknown[] {
  return [
    context.diagnostics.length,
    context.conditions.length,
    context.met,
    context.branches.length,
    context.outputs.size,
    context.outputsOf.size,
    context.masks.size,
    context.modal,
    context.inputs.length,
    context.names.length,
    context.batch,
    Object.keys(context.sizes).length,
    context.usedSymbols.size,
    context.symbolLines.size,
    context.builder.graph.constraints.length,
    context.buffers.length,
    ...context.buffers,
  ];
}
