import { reverse } from '../../autodiff/reverse';
import type { Node } from '../../graph/node';
import { Builder } from '../../ops/builder';
import type { GradientGraph } from '../step';
import type { FloatBuffer, Work, Workbench } from '../workbench';
import { flatten } from './gradient';

/**
 * The matrix of second derivatives of the loss, row by row: the derivative of g . v by the parameters is H v, and v goes
 * through the unit vectors (B. Pearlmutter, "Fast Exact Multiplication by the Hessian", 1994).
 */
export class Hessian {
  private readonly work: Work;
  private readonly directions: readonly FloatBuffer[];
  private readonly products: readonly (Node | undefined)[];
  private readonly counts: readonly number[];

  constructor(
    private readonly bench: Workbench,
    graph: GradientGraph,
    rows: number,
  ) {
    const b = new Builder(bench.model.builder.graph);
    const parameters = [...graph.unclipped.keys()];
    const vectors = parameters.map(({ path, node }) =>
      b.apply('input', [], { name: `v:${path}`, shape: node.shape, dtype: 'float' }),
    );
    const slopes = parameters.map((p, i) => b.sumAll(b.mul(graph.unclipped.get(p)!, vectors[i]!)));
    const slope = slopes.reduce((sum, each) => b.add(sum, each));
    const adjoints = reverse(b, slope, { wrt: parameters.map(({ node }) => node) });
    this.products = parameters.map(({ node }) => adjoints.of(node));
    this.work = { outputs: this.products.flatMap(node => node ?? []) };
    this.counts = parameters.map(parameter => bench.buffer(parameter).length);
    if (this.work.outputs.length > 0) bench.program(this.work, rows);
    this.directions = vectors.map((node, i) => bench.leaf(node, this.counts[i]!));
  }

  /** [n, n], row-major, with the parameters in the order of the gradient graph. */
  evaluate(rows: Int32Array): Float64Array {
    const n = this.counts.reduce((sum, count) => sum + count, 0);
    const matrix = new Float64Array(n * n);
    // The loss is linear in all of them.
    if (this.work.outputs.length === 0) return matrix;
    const program = this.bench.bind(this.work, rows);
    let row = 0;
    for (const direction of this.directions) {
      for (let i = 0; i < direction.length; i++) {
        direction[i] = 1;
        program.run();
        direction[i] = 0;
        const parts = this.products.map((node, k) =>
          node ? program.buffer(node) : new Float64Array(this.counts[k]!),
        );
        matrix.set(flatten(parts, n), row++ * n);
      }
    }
    return matrix;
  }
}
