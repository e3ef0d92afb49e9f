import type { EdgeContribution, GraphValues, NodeValues } from '../drawing/displayGraph';
import type { Analysis, Shown, StateInfo } from '../worker/protocol';

/** Values and gradients of one version of a text under one state: what hover, hints, trees and graph all show. */
export class ShownValues {
  private readonly byNode = new Map<number, NodeValues>();
  private contributions: readonly EdgeContribution[] = [];

  private constructor(
    readonly version: number,
    readonly state: StateInfo,
    /** Whether everything in the picture is here, not only the names. */
    readonly complete: boolean,
  ) {}

  /** The names' values, which an analysis brings along. */
  static ofAnalysis(analysis: Analysis): ShownValues {
    const values = new ShownValues(analysis.version, analysis.state, false);
    for (const { node, value, gradient, reached } of analysis.names) {
      if (value) values.byNode.set(node, { id: node, value, ...(gradient ? { gradient } : {}), reached });
    }
    return values;
  }

  static ofGraph(version: number, shown: Shown<GraphValues>): ShownValues {
    const values = new ShownValues(version, shown.state, true);
    for (const node of shown.result.nodes) values.byNode.set(node.id, node);
    values.contributions = shown.result.edges;
    return values;
  }

  of(node: number): NodeValues | undefined {
    return this.byNode.get(node);
  }

  get graph(): GraphValues {
    return { nodes: [...this.byNode.values()], edges: this.contributions };
  }
}
