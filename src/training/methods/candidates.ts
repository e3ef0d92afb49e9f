import { randomStream } from '../../base/random';
import { measured } from '../measures';
import { bufferUpdates } from '../step';
import type { Evaluation } from '../stepMethod';
import type { Work, Workbench } from '../workbench';
import { FlatParameters } from './flat';

/** What methods without gradients share: trying parameters out on a batch. */
export class Candidates {
  readonly at: FlatParameters;
  private readonly all: Work;
  private readonly lossAlone: Work;

  constructor(
    private readonly bench: Workbench,
    rows: number,
  ) {
    const { objective, metrics, parameters } = bench.training;
    const updates = bufferUpdates(bench.model, bench.training);
    this.all = { outputs: [objective.node, ...metrics.map(metric => metric.node)], updates };
    this.lossAlone = { outputs: [objective.node] };
    bench.program(this.all, rows);
    this.at = new FlatParameters(bench, parameters);
  }

  /** Loss and metrics of the parameters that a step begins with; moves the buffers of layers, such as running means. */
  present(rows: Int32Array): Evaluation {
    const program = this.bench.bind(this.all, rows);
    program.run();
    const { objective, metrics } = this.bench.training;
    return measured(program, objective.node, metrics);
  }

  /** The loss of other parameters, which stay in place; infinite where it is not a number. */
  loss(rows: Int32Array, candidate: Float64Array): number {
    this.at.write(candidate);
    const program = this.bench.bind(this.lossAlone, rows);
    program.run();
    const loss = program.buffer(this.bench.training.objective.node)[0]!;
    return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss;
  }

  /** The random numbers of one step: the same whenever and wherever the step is made. */
  random(step: number): ReturnType<typeof randomStream> {
    const { seed, optimizer } = this.bench.training;
    return randomStream(seed, optimizer.name, step);
  }
}
