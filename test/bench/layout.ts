import type { DisplayGraph } from '../../src/drawing/displayGraph';
import { layoutGraph } from '../../src/drawing/layout';
import { layoutRequest } from '../../src/drawing/scene';
import { visibleGraph } from '../../src/drawing/visible';
import { residualNetwork, unrolledLstm } from '../unit/drawing/graphs';
import { type Row, time } from './measure';

/** From a graph to its picture, with nothing collapsed. */
export function layoutRows(): Row[] {
  const row = (name: string, graph: DisplayGraph, goal: number): Row => ({
    name: `layout: ${name}, ${graph.nodes.length} nodes`,
    micros: time(() => layoutGraph(layoutRequest(visibleGraph(graph, new Set()), graph, undefined, 1))),
    goal,
  });
  return [
    row('unrolled LSTM', unrolledLstm(34), 50_000),
    row('residual network', residualNetwork(667), 250_000),
  ];
}
