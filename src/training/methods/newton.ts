import { solveInPlace } from '../../runtime/matrix';
import { requireSameTensors } from '../checkpoint';
import type { Evaluation, StepMethod, StoredState } from '../stepMethod';
import type { Workbench } from '../workbench';
import { addScaled } from './flat';
import { FlatGradient } from './gradient';
import { Hessian } from './hessian';
import { leastNorm } from './leastNorm';

/** Newton's method: p - (H + damping I)^-1 g over all parameters together. */
export class Newton implements StepMethod {
  private readonly gradient: FlatGradient;
  private readonly hessian: Hessian;
  private readonly damping: number;
  private readonly epsilon: number;
  private told = false;
  private finding: string | undefined;

  constructor(bench: Workbench, rows: number) {
    const { settings } = bench.training.optimizer;
    this.damping = Number(settings.damping);
    this.epsilon = bench.training.precision === 32 ? 2 ** -23 : Number.EPSILON;
    this.gradient = new FlatGradient(bench, rows);
    this.hessian = new Hessian(bench, this.gradient.graph, rows);
  }

  step(rows: Int32Array): Evaluation {
    const { gradient, ...measures } = this.gradient.begin(rows);
    if (!Number.isFinite(measures.loss)) return measures;
    const n = gradient.length;
    const matrix = this.hessian.evaluate(rows);
    for (let i = 0; i < n; i++) matrix[i * n + i]! += this.damping;
    const point = this.gradient.at.read();
    addScaled(point, -1, this.solve(matrix, gradient, n));
    this.gradient.at.write(point);
    return measures;
  }

  /** The rank is decided by pivoted QR; elimination serves where it is full beyond doubt. */
  private solve(matrix: Float64Array, gradient: Float64Array, n: number): Float64Array {
    const direct = gradient.slice();
    const eliminated = matrix.slice();
    if (solveInPlace(eliminated, direct, n, 1) && wellPivoted(eliminated, n, this.epsilon)) return direct;
    const { x, rank } = leastNorm(matrix, gradient, n, this.epsilon);
    if (rank < n && !this.told) {
      this.told = true;
      const what = this.damping === 0 ? 'the Hessian' : 'the damped Hessian';
      this.finding = `${what} is singular (rank ${rank} of ${n}): some direction does not change the gradient. The step of least norm is taken; newton(damping = 0.01) makes it regular`;
    }
    return x;
  }

  warning(): string | undefined {
    const { finding } = this;
    this.finding = undefined;
    return finding;
  }

  state(): StoredState {
    return new Map();
  }

  restore(state: StoredState): void {
    requireSameTensors('the optimiser', [], state);
  }
}

/** Whether no pivot of an elimination is rounding error beside the largest. */
function wellPivoted(eliminated: Float64Array, n: number, epsilon: number): boolean {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < n; i++) {
    const pivot = Math.abs(eliminated[i * n + i]!);
    least = Math.min(least, pivot);
    most = Math.max(most, pivot);
  }
  return least > 10 * n * epsilon * most;
}
