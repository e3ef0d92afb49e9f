import type { Node } from '../../graph/node';
import type { TensorData } from '../../graph/types';
import type { StoredTensor } from '../../interop/safetensors';
import type { Program } from '../../runtime/program';
import { requireSameTensors } from '../checkpoint';
import { measured } from '../measures';
import { buildStep, type StepGraph } from '../step';
import type { Evaluation, Moment, StepMethod, StoredState } from '../stepMethod';
import type { FloatBuffer, Work, Workbench } from '../workbench';

/** A first-order optimiser: forward pass, backward pass and update are one program. */
export class GraphUpdate implements StepMethod {
  private readonly graph: StepGraph;
  private readonly work: Work;
  private readonly buffers = new Map<
    string,
    { readonly shape: readonly number[]; readonly data: FloatBuffer }
  >();
  /** State of parameters that lie on other paths of a model with conditions on values. */
  private others = new Map<string, StoredTensor>();
  /** Where each program reads the learning rate and the number of the step; plain descent needs no number. */
  private readonly scalars = new Map<Program, { readonly rate?: TensorData; readonly count?: TensorData }>();

  /** `rows` is the usual size of a batch. */
  constructor(
    private readonly bench: Workbench,
    rows: number,
  ) {
    const { model, training } = bench;
    this.graph = buildStep(model, training);
    const { loss, metrics, updates } = this.graph;
    const parameters = model.parameters.map(parameter => parameter.node);
    this.work = { outputs: [loss, ...metrics.map(metric => metric.node), ...parameters], updates };
    // Compiling checks the memory and lays parameters and state side by side.
    bench.program(this.work, rows);
    for (const [key, { node, initial, sizes }] of this.graph.state) {
      const data = bench.leaf(
        node,
        sizes.reduce((product, size) => product * size, 1),
      );
      data.fill(initial);
      this.buffers.set(key, { shape: sizes, data });
    }
  }

  step(rows: Int32Array, { step, learningRate }: Moment): Evaluation {
    const program = this.bench.bind(this.work, rows);
    const { rate, count } = this.scalarsOf(program);
    if (rate) rate[0] = learningRate;
    if (count) count[0] = step;
    program.run();
    return measured(program, this.graph.loss, this.graph.metrics);
  }

  state(): StoredState {
    const own = [...this.buffers].map(
      ([key, { shape, data }]) => [key, { shape, data: Float64Array.from(data) }] as const,
    );
    return new Map([...this.others, ...own]);
  }

  restore(state: StoredState): void {
    const branches = this.bench.model.conditions.length > 0;
    const own = [...this.buffers].filter(([name]) => !branches || state.has(name));
    const expected = own.map(([name, { shape }]) => ({ name, shape }));
    const [others, mine] = [new Map(state), new Map(state)];
    for (const name of state.keys()) (this.buffers.has(name) || !branches ? others : mine).delete(name);
    requireSameTensors('the optimiser', expected, mine);
    this.others = others;
    // A parameter that a step does not reach keeps its state; one that none has reached begins.
    for (const [key, { initial }] of this.graph.state) {
      const { data } = this.buffers.get(key)!;
      const stored = mine.get(key);
      if (stored) data.set(stored.data);
      else data.fill(initial);
    }
  }

  private scalarsOf(program: Program): { readonly rate?: TensorData; readonly count?: TensorData } {
    let scalars = this.scalars.get(program);
    if (!scalars) {
      const has = (node: Node): boolean => program.fed.includes(node);
      const { learningRate, step } = this.graph;
      scalars = {
        ...(has(learningRate) ? { rate: program.buffer(learningRate) } : {}),
        ...(has(step) ? { count: program.buffer(step) } : {}),
      };
      this.scalars.set(program, scalars);
    }
    return scalars;
  }
}
