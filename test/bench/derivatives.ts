import { hessian } from '../../src/autodiff/derived';
import { constantDim, symbolDim } from '../../src/graph/dimension';
import { Graph } from '../../src/graph/graph';
import { shapeOf } from '../../src/graph/shape';
import { Builder } from '../../src/ops/builder';
import { compile } from '../../src/runtime/program';
import { type Row, time } from './measure';

const [BATCH, INPUTS, UNITS] = [150, 8, 25] as const;

/** The Hessian of a net's 200 weights, as one program. */
export function hessianRow(): Row {
  const started = performance.now();
  const b = new Builder(new Graph());
  const x = b.apply('input', [], { name: 'x', shape: [symbolDim('N'), constantDim(INPUTS)], dtype: 'float' });
  const W = b.apply('parameter', [], { path: 'W', shape: shapeOf([INPUTS, UNITS]) });
  const V = b.apply('parameter', [], { path: 'V', shape: shapeOf([UNITS]) });
  const scores = b.contract(b.tanh(b.contract(x, W, 'ni', 'io', 'no')), V, 'no', 'o', 'n');
  const loss = b.sumAll(b.elementwise('softplus', [scores]));
  const before = b.graph.nodes.length;
  const table = hessian(b, loss, W)!;
  const nodes = b.graph.nodes.length - before;
  const program = compile({ outputs: [table], sizes: { N: BATCH }, precision: 64, runs: 'few' });
  for (const buffer of [x, W, V].map(node => program.buffer(node))) {
    for (let i = 0; i < buffer.length; i++) buffer[i] = Math.sin(13 * i);
  }
  program.run();
  const first = performance.now() - started;
  return {
    name: `hessian of ${INPUTS * UNITS} weights, batch ${BATCH}`,
    micros: time(() => program.run()),
    goal: 500_000,
    note: `${nodes} nodes, first value after ${first.toFixed(0)} ms`,
  };
}
