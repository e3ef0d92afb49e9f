import type { StoredTensor } from '../../interop/safetensors';
import { CheckpointMismatch } from '../checkpoint';
import type { Evaluation, Moment, StepMethod, StoredState } from '../stepMethod';
import type { Workbench } from '../workbench';
import { addScaled, dot } from './flat';
import { FlatGradient } from './gradient';
import { strongWolfe } from './wolfe';

/** A step s and the change y of the gradient along it. */
interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
}

/** Pairs of less curvature say nothing about the Hessian and are left out, as in PyTorch. */
const LEAST_CURVATURE = 1e-10;

/**
 * Limited-memory BFGS (J. Nocedal, "Updating Quasi-Newton Matrices with Limited Storage", 1980), one iteration a step:
 * `torch.optim.LBFGS` with max_iter = 1 and without tolerances.
 */
export class Lbfgs implements StepMethod {
  private readonly gradient: FlatGradient;
  private readonly searches: boolean;
  private readonly history: number;
  private pairs: Pair[] = [];
  /** The gradient before the last step, and that step. */
  private previous: { readonly gradient: Float64Array; readonly step: Float64Array } | undefined;
  private iterations = 0;

  constructor(
    private readonly bench: Workbench,
    rows: number,
  ) {
    const { settings } = bench.training.optimizer;
    this.history = Number(settings.history);
    this.searches = settings.line_search === 'strong_wolfe';
    this.gradient = new FlatGradient(bench, rows);
  }

  step(rows: Int32Array, { learningRate }: Moment): Evaluation {
    const { gradient, ...measures } = this.gradient.begin(rows);
    if (!Number.isFinite(measures.loss)) return measures;
    this.iterations++;
    if (this.previous) this.remember(this.previous.step, gradient, this.previous.gradient);
    const direction = this.direction(gradient);
    const slope = dot(gradient, direction);
    const total = gradient.reduce((sum, x) => sum + Math.abs(x), 0);
    // Where the gradient is zero there is nowhere to go; rounding can also turn a direction uphill.
    if (!(slope < 0)) {
      this.previous = { gradient, step: new Float64Array(gradient.length) };
      return measures;
    }
    let t = this.iterations === 1 ? Math.min(1, 1 / total) * learningRate : learningRate;
    const origin = this.gradient.at.read();
    const move = (length: number): void => {
      const point = origin.slice();
      addScaled(point, length, direction);
      this.gradient.at.write(point);
    };
    if (this.searches) {
      const evaluate = (length: number): { loss: number; gradient: Float64Array } => {
        move(length);
        return this.gradient.evaluate(rows);
      };
      t = strongWolfe(evaluate, t, direction, { loss: measures.loss, gradient }).t;
    }
    move(t);
    this.previous = { gradient, step: direction.map(x => x * t) };
    return measures;
  }

  state(): StoredState {
    const state = new Map<string, StoredTensor>();
    const put = (name: string, data: Float64Array): void => {
      state.set(name, { shape: [data.length], data: data.slice() });
    };
    put('iterations', Float64Array.of(this.iterations));
    this.pairs.forEach(({ s, y }, i) => {
      put(`s.${i}`, s);
      put(`y.${i}`, y);
    });
    if (this.previous) {
      put('previous.gradient', this.previous.gradient);
      put('previous.step', this.previous.step);
    }
    return state;
  }

  restore(state: StoredState): void {
    const { length } = state.get('previous.gradient')?.data ?? { length: this.gradient.at.length };
    if (this.bench.model.conditions.length > 0 && length !== this.gradient.at.length) {
      // Another path of the model reaches other parameters, of which the history knows nothing.
      this.iterations = 0;
      this.pairs = [];
      this.previous = undefined;
      return;
    }
    const vector = (name: string): Float64Array => {
      const tensor = state.get(name);
      if (tensor?.data.length === this.gradient.at.length) return tensor.data.slice();
      const found = tensor ? `has ${tensor.data.length} entries instead of` : 'is missing, which has';
      throw new CheckpointMismatch(
        `the checkpoint does not fit the optimiser: ${name} ${found} ${this.gradient.at.length}`,
      );
    };
    this.iterations = state.get('iterations')?.data[0] ?? 0;
    this.pairs = [];
    for (let i = 0; state.has(`s.${i}`); i++) this.pairs.push({ s: vector(`s.${i}`), y: vector(`y.${i}`) });
    this.previous = state.has('previous.gradient')
      ? { gradient: vector('previous.gradient'), step: vector('previous.step') }
      : undefined;
  }

  private remember(s: Float64Array, gradient: Float64Array, before: Float64Array): void {
    const y = gradient.slice();
    addScaled(y, -1, before);
    if (!(dot(y, s) > LEAST_CURVATURE)) return;
    if (this.pairs.length === this.history) this.pairs.shift();
    this.pairs.push({ s, y });
  }

  /** The two-loop recursion: minus the approximate inverse of the Hessian times the gradient. */
  private direction(gradient: Float64Array): Float64Array {
    const r = gradient.map(x => -x);
    const last = this.pairs.at(-1);
    const factors: number[] = [];
    for (let i = this.pairs.length - 1; i >= 0; i--) {
      const { s, y } = this.pairs[i]!;
      const factor = dot(s, r) / dot(y, s);
      factors[i] = factor;
      addScaled(r, -factor, y);
    }
    if (last) {
      const scale = dot(last.y, last.s) / dot(last.y, last.y);
      for (let i = 0; i < r.length; i++) r[i]! *= scale;
    }
    this.pairs.forEach(({ s, y }, i) => {
      addScaled(r, factors[i]! - dot(y, r) / dot(y, s), s);
    });
    return r;
  }
}
