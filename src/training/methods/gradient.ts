import type { Node } from '../../graph/node';
import type { TensorData } from '../../graph/types';
import { measured } from '../measures';
import { bufferUpdates, buildGradients, type GradientGraph } from '../step';
import type { Evaluation } from '../stepMethod';
import type { Work, Workbench } from '../workbench';
import { FlatParameters } from './flat';

interface MeasuredGradient extends Evaluation {
  readonly gradient: Float64Array;
}

/** The loss on some rows and its gradient by all trained parameters that it depends on, as one vector. */
export class FlatGradient {
  readonly graph: GradientGraph;
  readonly at: FlatParameters;
  private readonly work: Work;
  /** The first evaluation of a step also moves the buffers of layers, such as running means. */
  private readonly first: Work;
  /** What the program takes on the usual number of rows. */
  readonly bytes: number;
  private readonly nodes: readonly Node[];

  constructor(
    private readonly bench: Workbench,
    rows: number,
  ) {
    this.graph = buildGradients(bench.model, bench.training);
    const { loss, metrics, gradients } = this.graph;
    this.nodes = [...gradients.values()];
    this.work = { outputs: [loss, ...metrics.map(metric => metric.node), ...this.nodes] };
    const updates = bufferUpdates(bench.model, bench.training);
    this.first = updates.length === 0 ? this.work : { ...this.work, updates };
    this.bytes = bench.program(this.work, rows).bytes;
    this.at = new FlatParameters(bench, [...gradients.keys()]);
  }

  /** At the parameters that a step begins with. */
  begin(rows: Int32Array): MeasuredGradient {
    return this.run(this.first, rows);
  }

  evaluate(rows: Int32Array): MeasuredGradient {
    return this.run(this.work, rows);
  }

  /** Moves the buffers of layers where no `begin` has done it. */
  moveBuffers(rows: Int32Array): void {
    if (this.first !== this.work) this.bench.bind(this.first, rows).run();
  }

  private run(work: Work, rows: Int32Array): MeasuredGradient {
    const program = this.bench.bind(work, rows);
    program.run();
    const gradient = flatten(
      this.nodes.map(node => program.buffer(node)),
      this.at.length,
    );
    return { ...measured(program, this.graph.loss, this.graph.metrics), gradient };
  }
}

export function flatten(parts: readonly TensorData[], length: number): Float64Array {
  const vector = new Float64Array(length);
  let offset = 0;
  for (const part of parts) {
    vector.set(part, offset);
    offset += part.length;
  }
  return vector;
}
