import { requireSameTensors } from '../checkpoint';
import type { Evaluation, StepMethod, StoredState } from '../stepMethod';
import type { Workbench } from '../workbench';
import { eliminate } from './elimination';
import { addScaled } from './flat';
import { FlatGradient } from './gradient';
import { Hessian } from './hessian';
import { leastNorm } from './leastNorm';

/** Newton's method: p - (H + damping I)^-1 g over all parameters together. Nothing changes before the step's end. */
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
    this.hessian = new Hessian(bench, this.gradient.graph, rows, this.gradient.bytes);
  }

  *step(rows: Int32Array): Generator<number, Evaluation> {
    const { gradient, ...measures } = this.gradient.evaluate(rows);
    if (!Number.isFinite(measures.loss)) return measures;
    const n = gradient.length;
    const matrix = yield* scaled(this.hessian.evaluate(rows), 0, 1 / 2);
    for (let i = 0; i < n; i++) matrix[i * n + i]! += this.damping;
    const direction = yield* this.solve(matrix, gradient, n);
    const point = this.gradient.at.read();
    addScaled(point, -1, direction);
    this.gradient.moveBuffers(rows);
    this.gradient.at.write(point);
    return measures;
  }

  /** The rank is decided by pivoted QR; elimination serves where it is full beyond doubt. */
  private *solve(matrix: Float64Array, gradient: Float64Array, n: number): Generator<number, Float64Array> {
    const { x: direct, pivots } = yield* scaled(eliminate(matrix.slice(), gradient, n), 1 / 2, 1);
    // No pivot is rounding error beside the largest.
    if (pivots > 10 * n * this.epsilon) return direct;
    const { x, rank } = yield* scaled(leastNorm(matrix, gradient, n, this.epsilon), 1, 1);
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

/** Shares of a part of the step as shares of the whole. */
function* scaled<T>(part: Generator<number | undefined, T>, from: number, to: number): Generator<number, T> {
  for (;;) {
    const next = part.next();
    if (next.done) return next.value;
    yield from + (next.value ?? 0) * (to - from);
  }
}
