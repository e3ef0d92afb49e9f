import { forward } from '../../autodiff/forward';
import { vectorize } from '../../autodiff/vectorize';
import { constantDim } from '../../graph/dimension';
import type { Node } from '../../graph/node';
import { Builder } from '../../ops/builder';
import type { GradientGraph } from '../step';
import type { FloatBuffer, Work, Workbench } from '../workbench';

/** Directions that one program takes together at most. */
const MOST_DIRECTIONS = 32;

/** What the gradient's program would take for all of them together: so little stays near the processor. */
const BYTES = 8_000_000;

/**
 * The matrix of second derivatives of the loss: the derivative of the gradient along v is H v (B. Pearlmutter, "Fast
 * Exact Multiplication by the Hessian", 1994), and v goes through the unit vectors, a batch of them at a time.
 */
export class Hessian {
  private readonly work: Work;
  private readonly directions: readonly FloatBuffer[];
  private readonly products: readonly (Node | undefined)[];
  private readonly counts: readonly number[];
  /** Numbers of all parameters together. */
  private readonly n: number;
  /** Directions that one program takes. */
  private readonly size: number;

  /** `gradientBytes` is what the program of the gradient takes on so many rows. */
  constructor(
    private readonly bench: Workbench,
    graph: GradientGraph,
    rows: number,
    gradientBytes: number,
  ) {
    const parameters = [...graph.unclipped.keys()];
    this.counts = parameters.map(parameter => bench.buffer(parameter).length);
    this.n = this.counts.reduce((sum, count) => sum + count, 0);
    const most = Math.max(1, Math.min(MOST_DIRECTIONS, Math.floor(BYTES / gradientBytes)));
    this.size = Math.ceil(this.n / Math.max(1, Math.ceil(this.n / most)));
    const b = new Builder(bench.model.builder.graph);
    const alone = new Builder(b.graph.fork());
    const vectors = parameters.map(({ path, node: { shape } }) =>
      alone.apply('input', [], { name: `v:${path}`, shape, dtype: 'float' }),
    );
    const batches = parameters.map(({ path, node }) => {
      const shape = [constantDim(this.size), ...node.shape];
      return b.apply('input', [], { name: `v:${path}`, shape, dtype: 'float' });
    });
    const along = new Map(parameters.map(({ node }, i) => [node, vectors[i]!]));
    const tangents = forward(alone, [...graph.unclipped.values()], along);
    const reached = tangents.filter(tangent => tangent !== null);
    const batched = vectorize(b, reached, new Map(vectors.map((vector, i) => [vector, batches[i]!])));
    this.products = tangents.map(tangent => (tangent ? batched[reached.indexOf(tangent)] : undefined));
    this.work = { outputs: batched };
    if (batched.length > 0) bench.program(this.work, rows);
    this.directions = batches.map((node, i) => bench.leaf(node, this.size * this.counts[i]!));
  }

  /**
   * [n, n], row-major, with the parameters in the order of the gradient graph. Gives way between two batches with the
   * share of the rows that are there.
   */
  *evaluate(rows: Int32Array): Generator<number, Float64Array> {
    const { n } = this;
    const matrix = new Float64Array(n * n);
    // The loss is linear in all of them.
    if (this.work.outputs.length === 0) return matrix;
    for (let first = 0; first < n; first += this.size) {
      if (first > 0) yield first / n;
      const program = this.bench.bind(this.work, rows);
      this.setDirections(first);
      program.run();
      let column = 0;
      this.products.forEach((node, k) => {
        const count = this.counts[k]!;
        if (node) {
          const product = program.buffer(node);
          for (let d = 0; d < this.size && first + d < n; d++) {
            matrix.set(product.subarray(d * count, (d + 1) * count), (first + d) * n + column);
          }
        }
        column += count;
      });
    }
    return matrix;
  }

  /** The unit vectors from `first` on, and zeros behind the last. */
  private setDirections(first: number): void {
    let column = 0;
    this.directions.forEach((buffer, k) => {
      buffer.fill(0);
      const count = this.counts[k]!;
      for (let d = 0; d < this.size; d++) {
        const at = first + d - column;
        if (at >= 0 && at < count) buffer[d * count + at] = 1;
      }
      column += count;
    });
  }
}
