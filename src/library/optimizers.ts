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
  /** A tensor of the parameter's shape that is kept from step to step; `initial`, or zero, before the first. */
  state(name: string, initial?: number): Node;
  /** Sets what `state` reads in the next step. */
  keep(name: string, value: Node): void;
}

export type OptimizerSetting = number | boolean | string | readonly number[];

/** A method of training, as far as the language needs to know it. */
export interface Optimizer {
  /** What is wrong with the settings, in one sentence; undefined when nothing is. */
  problem?(settings: Readonly<Record<string, OptimizerSetting>>): string | undefined;
  /** Maps a parameter and its gradient to the parameter's next value; absent for a method that is no graph. */
  update?(context: UpdateContext): Node;
  /** The most numbers that it can train. */
  readonly mostEntries?: number;
  /** Takes all rows at every step. */
  readonly fullBatch?: true;
  /** Has no use for gradients, so nothing can be clipped. */
  readonly gradientFree?: true;
}

/** PyTorch's definitions: the pages of torch.optim.SGD, Adagrad, Adadelta, RMSprop, Adam and AdamW. */
export const optimizers: Readonly<Record<string, Optimizer>> = {
  // Without `update`: procedures in `training/methods`.
  newton: { fullBatch: true, mostEntries: 2000 },
  lbfgs: { fullBatch: true },
  random_search: { gradientFree: true },
  local_search: { gradientFree: true },
  genetic: {
    gradientFree: true,
    problem: ({ population }) => (Number(population) < 2 ? 'a population has at least 2 members' : undefined),
  },
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
  adagrad: { update: adagrad },
  adadelta: { update: adadelta },
  rmsprop: { update: rmsprop },
  adam: { update: context => adam(context, context.parameter, decayed(context)) },
  adamw: {
    // I. Loshchilov, F. Hutter, "Decoupled Weight Decay Regularization", 2019: the decay passes by the moments.
    update: context => {
      const { b, parameter, gradient, learningRate, settings } = context;
      const decay = b.mul(learningRate, b.constant(Number(settings.weight_decay)));
      return adam(context, b.mul(parameter, b.sub(b.constant(1), decay)), gradient);
    },
  },
};

/** g + weight_decay * p */
function decayed({ b, parameter, gradient, settings }: UpdateContext): Node {
  const decay = Number(settings.weight_decay ?? 0);
  return decay === 0 ? gradient : b.add(gradient, b.mul(b.constant(decay), parameter));
}

/** J. Duchi, E. Hazan, Y. Singer, 2011: s = s + g^2; p - lr g / (sqrt s + eps), lr falling with 1 / (1 + (t - 1) decay). */
function adagrad(context: UpdateContext): Node {
  const { b, parameter, gradient, learningRate, step, settings } = context;
  const start = Number(settings.initial_accumulator_value);
  const sum = b.add(context.state('sum', start), b.square(gradient));
  context.keep('sum', sum);
  const decay = Number(settings.lr_decay);
  const made = b.sub(step, b.constant(1));
  const rate =
    decay === 0 ? learningRate : b.div(learningRate, b.add(b.constant(1), b.mul(made, b.constant(decay))));
  const deviation = b.add(b.sqrt(sum), b.constant(Number(settings.eps)));
  return b.sub(parameter, b.div(b.mul(rate, gradient), deviation));
}

/** M. Zeiler, "ADADELTA", 2012: d = sqrt(u + eps) / sqrt(v + eps) g, with running means v of g^2 and u of d^2. */
function adadelta(context: UpdateContext): Node {
  const { b, parameter, gradient, learningRate, settings } = context;
  const [rho, eps] = [Number(settings.rho), b.constant(Number(settings.eps))];
  const squares = average(context, 'square_avg', rho, b.square(gradient));
  const steps = b.sqrt(b.add(context.state('acc_delta'), eps));
  const delta = b.mul(b.div(steps, b.sqrt(b.add(squares, eps))), gradient);
  average(context, 'acc_delta', rho, b.square(delta));
  return b.sub(parameter, b.mul(learningRate, delta));
}

/**
 * T. Tieleman, G. Hinton, lecture 6.5, 2012: p - lr g / (sqrt v + eps) with a running mean v of g^2, as in A. Graves,
 * 2013, less the square of the mean of g when centered.
 */
function rmsprop(context: UpdateContext): Node {
  const { b, parameter, gradient, learningRate, settings } = context;
  const alpha = Number(settings.alpha);
  let variance = average(context, 'square_avg', alpha, b.square(gradient));
  if (settings.centered === true) {
    const mean = average(context, 'grad_avg', alpha, gradient);
    // Rounding must not push a variance below 0.
    variance = b.maximum(b.sub(variance, b.square(mean)), b.constant(0));
  }
  let direction = b.div(gradient, b.add(b.sqrt(variance), b.constant(Number(settings.eps))));
  const momentum = Number(settings.momentum);
  if (momentum !== 0) {
    direction = b.add(b.mul(b.constant(momentum), context.state('momentum_buffer')), direction);
    context.keep('momentum_buffer', direction);
  }
  return b.sub(parameter, b.mul(learningRate, direction));
}

/** A running mean kept as state: share * kept + (1 - share) * value. */
function average(context: UpdateContext, name: string, share: number, value: Node): Node {
  const { b } = context;
  const next = b.add(b.mul(b.constant(share), context.state(name)), b.mul(b.constant(1 - share), value));
  context.keep(name, next);
  return next;
}

/** D. Kingma, J. Ba, 2015: p - lr * m^ / (sqrt(v^) + eps), with bias-corrected moments; amsgrad keeps the largest v. */
function adam(context: UpdateContext, parameter: Node, gradient: Node): Node {
  const { b, learningRate, step, settings } = context;
  const [beta1, beta2] = settings.betas as readonly [number, number];
  const correction = (beta: number): Node => b.sub(b.constant(1), b.pow(b.constant(beta), step));
  const mean = average(context, 'exp_avg', beta1, gradient);
  let variance = average(context, 'exp_avg_sq', beta2, b.square(gradient));
  if (settings.amsgrad === true) {
    variance = b.maximum(context.state('max_exp_avg_sq'), variance);
    context.keep('max_exp_avg_sq', variance);
  }
  const size = b.div(learningRate, correction(beta1));
  const deviation = b.div(b.sqrt(variance), b.sqrt(correction(beta2)));
  return b.sub(parameter, b.div(b.mul(size, mean), b.add(deviation, b.constant(Number(settings.eps)))));
}
