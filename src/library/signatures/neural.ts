import { group } from './define';

const training = 'training: word auto|true|false = auto';
const weights = 'W: initializer = none, b: initializer = none';
const window = 'stride: shape = 1, padding: shape = 0';

export const neuralSignatures = group('neural', [
  [
    'softmax(x, axis: axis = -1)',
    'Scores as probabilities that add up to 1 along an axis.',
    'y_i = e^(x_i) / sum_j e^(x_j)',
  ],
  [
    'log_softmax(x, axis: axis = -1)',
    'The logarithm of the softmax, safe for large scores.',
    'y_i = x_i - ln sum_j e^(x_j)',
  ],
  [
    `conv2d(x, W, b = none, ${window}, dilation: shape = 1, groups: size = 1)`,
    'Slides the kernel `W : [O, I, kh, kw]` over images `[N, C, H, W]` (cross-correlation).',
    'y_oij = b_o + sum_{c,u,v} W_ocuv x_{c, i+u, j+v}',
  ],
  [
    `conv1d(x, W, b = none, ${window}, dilation: shape = 1, groups: size = 1)`,
    'Slides the kernel `W : [O, I, k]` over sequences `[N, C, T]`, as PyTorch does.',
    'y_ot = b_o + sum_{c,u} W_ocu x_{c, t+u}',
  ],
  [
    'max_pool2d(x, size: shape, stride: shape = size, padding: shape = 0)',
    'The largest value of each window; the gradient goes to the first position that attains it.',
    'y_ij = max_{u,v} x_{i+u, j+v}',
  ],
  [
    'avg_pool2d(x, size: shape, stride: shape = size, padding: shape = 0, count_padding: flag = true)',
    'The mean of each window.',
    'y_ij = 1/k sum_{u,v} x_{i+u, j+v}',
  ],
  [
    `dropout(x, p: number = 0.5, mask = none, ${training})`,
    'Sets a share p of the entries to 0 while training and divides the others by 1 - p. A given 0/1 mask is used as it is.',
    'y = x m / (1 - p)',
  ],
  [
    'attention(q, k, v, mask = none)',
    'Scaled dot-product attention; the mask is added to the scores.',
    'y = softmax(q k^T / sqrt(d) + mask) v',
  ],
]);

export const layerSignatures = group('layer', [
  [
    `dense(x, units: size, act: function = none, bias: flag = true, ${weights})`,
    'A fully connected layer. Owns `W : [in, units]` and `b : [units]`.',
    'y = act(x @ W + b)',
  ],
  [
    `conv(x, filters: size, kernel: shape, act: function = none, ${window}, dilation: shape = 1, groups: size = 1, bias: flag = true, ${weights})`,
    'A convolution over images `[N, C, H, W]` that owns its kernel `W : [filters, C / groups, kh, kw]` and `b : [filters]`.',
    'y = act(conv2d(x, W, b))',
  ],
  [
    `batch_norm(x, momentum: number = 0.1, eps: number = 1e-5, ${training}, gamma: initializer = none, beta: initializer = none)`,
    'Each channel (axis 1) with mean 0 and variance 1 over the batch, then scaled and shifted. Owns `gamma` and `beta`, and keeps the running mean and variance.',
    'y = gamma (x - mean) / sqrt(var + eps) + beta',
  ],
  [
    'layer_norm(x, eps: number = 1e-5, gamma: initializer = none, beta: initializer = none)',
    'Each example with mean 0 and variance 1 over its last axis, then scaled and shifted. Owns `gamma` and `beta`.',
    'y = gamma (x - mean) / sqrt(var + eps) + beta',
  ],
  [
    'embedding(i, vocabulary: size, units: size, W: initializer = none)',
    'A learned vector for each number below `vocabulary`. Owns `W : [vocabulary, units]`.',
    'y_n = W[i_n]',
  ],
  [
    `rnn(x, units: size, lengths = none, h0: value zeros = zeros, ${weights})`,
    'A simple recurrent layer over sequences `[N, T, D]`; gives every step `[N, T, units]`. Owns `W : [units + D, units]` and `b`.',
    'h = tanh([h, x] @ W + b)',
  ],
  [
    `lstm(x, units: size, lengths = none, h0: value zeros = zeros, c0: value zeros = zeros, ${weights})`,
    'A long short-term memory over sequences `[N, T, D]`; `h.c` is its sequence of cells. Owns `W : [units + D, 4*units]` (columns i, f, o, g) and `b`.',
    'c = f*c + i*g; h = o * tanh(c)',
  ],
  [
    `gru(x, units: size, lengths = none, h0: value zeros = zeros, ${['Wz', 'Wr', 'Wh', 'Uz', 'Ur', 'Uh', 'bz', 'br', 'bh'].map(name => `${name}: initializer = none`).join(', ')})`,
    'A gated recurrent unit over sequences `[N, T, D]`. Owns `Wz Wr Wh : [D, units]`, `Uz Ur Uh : [units, units]` and `bz br bh`.',
    'h = (1 - z)*h + z * tanh(x @ Wh + (r*h) @ Uh + bh)',
  ],
]);

const reduction = 'reduction: word mean|sum|none = mean';

export const lossSignatures = group('loss', [
  [`mse(a, b, ${reduction})`, 'The mean squared error over all elements.', 'L = mean (a - b)^2'],
  [`mae(a, b, ${reduction})`, 'The mean absolute error over all elements.', 'L = mean |a - b|'],
  [
    `huber(a, b, delta: number = 1, ${reduction})`,
    'Squared for small errors, absolute for large ones; the mean over all elements.',
    'L = mean (d^2 / 2 if |d| <= delta else delta (|d| - delta / 2)), d = a - b',
  ],
  [
    `cross_entropy(logits, labels, ${reduction})`,
    'The mean over the examples of minus the log-probability of the right class (natural logarithm). Labels are class numbers or a distribution. Its gradient is (softmax(logits) - one_hot(labels)) / N.',
    'L = -1/N sum_n ln softmax(logits_n)[label_n]',
  ],
  [
    `bce(logits, labels, ${reduction})`,
    'Binary cross-entropy of logits with labels 0 and 1 (or between); the mean over all elements.',
    'L = mean (ln(1 + e^s) - y s)',
  ],
  [
    `logistic(scores, labels, ${reduction})`,
    'The logistic loss of labels -1 and +1; the mean over all elements.',
    'L = mean ln(1 + e^(-y s))',
  ],
  [
    `hinge(scores, labels, margin: number = 1, ${reduction})`,
    'The multiclass support vector machine: every wrong class must score less than the right one by the margin. Summed over the wrong classes, mean over the examples.',
    'L_n = sum_{j != y} max(0, s_j - s_y + margin)',
  ],
  [
    `nll(logp, labels, ${reduction})`,
    'Minus the log-probability of the right class, given log-probabilities.',
    'L = -1/N sum_n logp_n[label_n]',
  ],
  [
    `kl_div(p, q, ${reduction})`,
    'The Kullback-Leibler divergence of two distributions over the last axis; terms with p = 0 count 0.',
    'L = sum_i p_i ln(p_i / q_i)',
  ],
  [
    `entropy(p, ${reduction})`,
    'The entropy of a distribution over the last axis, in nats.',
    'H = -sum_i p_i ln p_i',
  ],
]);

export const penaltySignatures = group('penalty', [
  [
    'l1(...values)',
    'The sum of absolute values; without an argument, of every parameter of the file.',
    'sum_i |w_i|',
  ],
  [
    'l2(...values)',
    'The sum of squares, with no factor one half; without an argument, of every parameter of the file.',
    'sum_i w_i^2',
  ],
]);

export const metricSignatures = group('metric', [
  ['accuracy(logits, labels)', 'The share of examples whose largest score is at the right class.'],
  ['confusion(logits, labels)', 'Counts of examples: rows are true classes, columns predicted ones.'],
  [
    'r2(a, b)',
    'The share of the variance of b that the prediction a explains; 1 is perfect.',
    'R^2 = 1 - sum (b - a)^2 / sum (b - mean b)^2',
  ],
]);

export const classicalSignatures = group('classical', [
  [
    'knn(train_x, train_y, x, k: size = 5, metric: word l2|l1 = l2)',
    'The label most of the k nearest training rows have; a tied vote goes to the label of the nearest tied member.',
  ],
]);
