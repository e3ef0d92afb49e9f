import type { Node } from '../graph/node';
import type { Builder } from '../ops/builder';

/** One optimiser step for one parameter, as graph nodes. */
export interface UpdateContext {
  readonly b: Builder;
  readonly parameter: Node;
  /** Already clipped. */
  readonly gradient: Node;
  /** The learning rate of this step, a float scalar: the schedule has been applied. */
  readonly learningRate: Node;
  /** Counts from 1; a float scalar. */
  readonly step: Node;
  /** The optimiser's settings by name. */
  readonly settings: Readonly<Record<string, OptimizerSetting>>;
  /** A tensor of the parameter's shape that is kept from step to step, zero before the first. */
  state(name: string): Node;
  /** Sets what `state` reads in the next step. */
  keep(name: string, value: Node): void;
}

export type OptimizerSetting = number | boolean | readonly number[];

/** An optimiser maps a parameter and its gradient to the parameter's next value. */
export interface Optimizer {
  /** What is wrong with the settings, in one sentence; undefined when nothing is. */
  problem?(settings: Readonly<Record<string, OptimizerSetting>>): string | undefined;
  update(context: UpdateContext): Node;
}

/** PyTorch's definitions: docs of torch.optim.SGD and torch.optim.Adam. */
export const optimizers: Readonly<Record<string, Optimizer>> = {
  sgd: {
    problem: ({ momentum, nesterov, dampening }) => {
      if (nesterov !== true) return undefined;
      if (!(Number(momentum) > 0)) return 'nesterov needs a momentum above 0, as in PyTorch';
      return dampening === 0 ? undefined : 'nesterov needs dampening = 0, as in PyTorch';
    },
    update: context => {
      const { b, parameter, learningRate, step, settings } = context;
      let direction = decayed(context);
      const momentum = Number(settings.momentum);
      if (momentum !== 0) {
        // The first step takes the gradient undamped, so a zero state does not slow it.
        const damped = b.mul(b.constant(1 - Number(settings.dampening)), direction);
        const fresh =
          settings.dampening === 0 ? direction : b.where(b.equal(step, b.constant(1)), direction, damped);
        const velocity = b.add(b.mul(b.constant(momentum), context.state('momentum_buffer')), fresh);
        context.keep('momentum_buffer', velocity);
        direction =
          settings.nesterov === true ? b.add(direction, b.mul(b.constant(momentum), velocity)) : velocity;
      }
      return b.sub(parameter, b.mul(learningRate, direction));
    },
  },
  adam: { update: context => adam(context, decayed(context)) },
};

/** g + weight_decay * p */
function decayed({ b, parameter, gradient, settings }: UpdateContext): Node {
  const decay = Number(settings.weight_decay ?? 0);
  return decay === 0 ? gradient : b.add(gradient, b.mul(b.constant(decay), parameter));
}

/** D. Kingma, J. Ba, 2015: p - lr * m^ / (sqrt(v^) + eps), with bias-corrected moments; amsgrad keeps the largest v. */
function adam(context: UpdateContext, gradient: Node): Node {
  const { b, parameter, learningRate, step, settings } = context;
  const [beta1, beta2] = settings.betas as readonly [number, number];
  const average = (name: string, beta: number, value: Node): Node => {
    const next = b.add(b.mul(b.constant(beta), context.state(name)), b.mul(b.constant(1 - beta), value));
    context.keep(name, next);
    return next;
  };
  const correction = (beta: number): Node => b.sub(b.constant(1), b.pow(b.constant(beta), step));
  const mean = average('exp_avg', beta1, gradient);
  let variance = average('exp_avg_sq', beta2, b.square(gradient));
  if (settings.amsgrad === true) {
    variance = b.maximum(context.state('max_exp_avg_sq'), variance);
    context.keep('max_exp_avg_sq', variance);
  }
  const size = b.div(learningRate, correction(beta1));
  const deviation = b.div(b.sqrt(variance), b.sqrt(correction(beta2)));
  return b.sub(parameter, b.div(b.mul(size, mean), b.add(deviation, b.constant(Number(settings.eps)))));
}
