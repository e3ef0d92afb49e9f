import { group } from './define';

const seed = 'seed: number auto = auto';

export const initializerSignatures = group('initializer', [
  [`zeros(${seed})`, 'Starts at 0.'],
  [`ones(${seed})`, 'Starts at 1.'],
  [`full(v: number, ${seed})`, 'Starts at one value everywhere.'],
  [`normal(mean: number = 0, std: number = 1, ${seed})`, 'Starts at random values of a normal distribution.'],
  [`uniform(lo: number, hi: number, ${seed})`, 'Starts at random values between two bounds.'],
  [
    `xavier(fan_in: number auto = auto, ${seed})`,
    'Normal with variance 1/fan_in; `auto` is the first size of a matrix, and I*kh*kw of a kernel.',
    'W ~ N(0, 1 / fan_in)',
  ],
  [
    `glorot(${seed})`,
    'Uniform with variance 2 / (fan_in + fan_out), for tanh and sigmoid.',
    'W ~ U(-a, a), a = sqrt(6 / (fan_in + fan_out))',
  ],
  [`he(${seed})`, 'Normal with variance 2 / fan_in, for relu.', 'W ~ N(0, 2 / fan_in)'],
  [`orthogonal(${seed})`, 'The rows or columns of a random orthogonal matrix.'],
]);

export const optimizerSignatures = group('optimizer', [
  [
    'sgd(lr: number = 0.01, momentum: number = 0, dampening: number = 0, nesterov: flag = false, weight_decay: number = 0)',
    'Gradient descent, with momentum if wanted.',
    'v = momentum v + g; p = p - lr v',
  ],
  [
    'adagrad(lr: number = 0.01, lr_decay: number = 0, eps: number = 1e-10, initial_accumulator_value: number = 0)',
    'Steps shrink with the sum of squared gradients.',
    's = s + g^2; p = p - lr g / (sqrt s + eps)',
  ],
  [
    'adadelta(lr: number = 1, rho: number = 0.9, eps: number = 1e-6)',
    'Steps follow running means of squared gradients and squared steps.',
  ],
  [
    'rmsprop(lr: number = 0.01, alpha: number = 0.99, eps: number = 1e-8, momentum: number = 0, centered: flag = false)',
    'Steps are divided by a running mean of squared gradients.',
    's = alpha s + (1 - alpha) g^2; p = p - lr g / (sqrt s + eps)',
  ],
  [
    'adam(lr: number = 0.001, betas: shape = [0.9, 0.999], eps: number = 1e-8, weight_decay: number = 0, amsgrad: flag = false)',
    'Momentum and a running mean of squared gradients, both corrected for their start at 0.',
    'm = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; p = p - lr m^ / (sqrt v^ + eps)',
  ],
  [
    'adamw(lr: number = 0.001, betas: shape = [0.9, 0.999], eps: number = 1e-8, weight_decay: number = 0.01, amsgrad: flag = false)',
    'Adam with weight decay that does not pass through the running means.',
  ],
  [
    'newton(damping: number = 0)',
    "Newton's method over all parameters together, on the full batch, for at most 2,000 entries.",
    'p = p - (H + damping I)^-1 g',
  ],
  [
    'lbfgs(lr: number = 1, history: size = 10, line_search: word strong_wolfe|none = strong_wolfe)',
    'A quasi-Newton method that remembers the last steps; needs `batch = full`.',
  ],
  ['random_search(samples: size, scale: number)', 'Without gradients: the best of some random parameters.'],
  ['local_search(scale: number)', 'Without gradients: a random step, kept if the loss falls.'],
  ['genetic(population: size, mutation: number)', 'Without gradients: a population that mixes and mutates.'],
]);

export const scheduleSignatures = group('schedule', [
  ['constant()', 'The learning rate stays as it is.', 'f(k) = 1'],
  [
    'step(size: size, gamma: number = 0.1)',
    'Multiplied by gamma every `size` updates.',
    'f(k) = gamma^floor(k / size)',
  ],
  ['exponential(gamma: number)', 'Multiplied by gamma at every update.', 'f(k) = gamma^k'],
  [
    'cosine(total: size, min: number = 0)',
    'Falls along half a cosine over `total` updates.',
    'f(k) = min + (1 - min) (1 + cos(pi k / total)) / 2',
  ],
  ['warmup(steps: size)', 'Rises evenly over the first updates.', 'f(k) = min(1, (k + 1) / steps)'],
]);

export const searchSignatures = group('search', [
  ['choice(...values)', 'One of the values given.'],
  ['uniform(lo: number, hi: number)', 'A number between two bounds, all alike.'],
  ['log_uniform(lo: number, hi: number)', 'A number between two bounds, all orders of magnitude alike.'],
]);
