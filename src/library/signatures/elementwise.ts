import { group } from './define';

export const elementwiseSignatures = group('elementwise', [
  ['exp(x)', 'The exponential of each element.', 'y = e^x'],
  ['log(x)', 'The natural logarithm; `-inf` at 0, NaN below.', 'y = ln x'],
  ['log2(x)', 'The logarithm to base 2.', 'y = ln x / ln 2'],
  ['log10(x)', 'The logarithm to base 10.', 'y = ln x / ln 10'],
  ['log1p(x)', 'The logarithm of 1 + x, exact for small x.', 'y = ln(1 + x)'],
  ['xlogy(p, q)', 'p ln q, and 0 where p is 0: the terms of an entropy.', 'y = p ln q'],
  ['sqrt(x)', 'The square root; its derivative at 0 is infinite.', 'y = x^(1/2)'],
  ['square(x)', 'The square of each element.', 'y = x^2'],
  ['abs(x)', 'The absolute value; the derivative at 0 is 0.', 'y = |x|'],
  ['sign(x)', '-1, 0 or 1; the derivative is 0.', 'y = x / |x|'],
  ['sin(x)', 'The sine of an angle in radians.', 'y = sin x'],
  ['cos(x)', 'The cosine of an angle in radians.', 'y = cos x'],
  ['tan(x)', 'The tangent of an angle in radians.', 'y = sin x / cos x'],
  ['tanh(x)', 'The hyperbolic tangent, an activation between -1 and 1.', 'y = (e^x - e^-x) / (e^x + e^-x)'],
  [
    'sigmoid(x)',
    'The logistic function, between 0 and 1. Its derivative is y (1 - y).',
    'y = 1 / (1 + e^-x)',
  ],
  ['relu(x)', 'The positive part; the derivative at 0 is 0.', 'y = max(x, 0)'],
  [
    'leaky_relu(x, alpha: number = 0.01)',
    'The rectifier with a small slope below 0; the derivative at 0 is alpha.',
    'y = x if x > 0 else alpha x',
  ],
  [
    'prelu(x, a)',
    'The rectifier whose slope below 0 is a tensor, one number or one per channel (axis 1), and is learned.',
    'y = x if x > 0 else a x',
  ],
  [
    'elu(x, alpha: number = 1)',
    'The exponential linear unit; the derivative at 0 is alpha.',
    'y = x if x > 0 else alpha (e^x - 1)',
  ],
  ['gelu(x)', 'The Gaussian error linear unit, exact with `erf`.', 'y = x (1 + erf(x / sqrt 2)) / 2'],
  ['silu(x)', 'The sigmoid linear unit, also called swish.', 'y = x / (1 + e^-x)'],
  ['softplus(x)', 'A smooth rectifier; its derivative is the sigmoid.', 'y = ln(1 + e^x)'],
  [
    'maximum(a, b)',
    'The larger of two, element by element; equal values share the gradient evenly.',
    'y = max(a, b)',
  ],
  [
    'minimum(a, b)',
    'The smaller of two, element by element; equal values share the gradient evenly.',
    'y = min(a, b)',
  ],
  [
    'clip(x, lo, hi)',
    'Each element held between two bounds, which may be tensors; the derivative at a bound is 1.',
    'y = min(max(x, lo), hi)',
  ],
  ['where(c, a, b)', '`a` where the bool `c` is true, else `b`, element by element.', 'y = a if c else b'],
  ['floor(x)', 'The largest whole number not above; the derivative is 0.'],
  ['round(x)', 'The nearest whole number, halves to the even one; the derivative is 0.'],
  ['erf(x)', 'The error function.', 'y = 2 / sqrt(pi) * integral of e^(-t^2) from 0 to x'],
  ['atan(x)', 'The angle whose tangent is x.', 'y = arctan x'],
  ['isnan(x)', 'True where an element is NaN.'],
  ['float(x)', 'The values as floats; true is 1.'],
  ['int(x)', 'The values as whole numbers, cut off towards zero.'],
  ['bool(x)', 'True where a value is not 0.'],
]);

export const reductionSignatures = group('reduction', [
  [
    'sum(x, axis: axes = none, keepdims: flag = false)',
    'The sum over the axes, or over all elements.',
    'y = sum_i x_i',
  ],
  [
    'mean(x, axis: axes = none, keepdims: flag = false)',
    'The mean over the axes, or over all elements.',
    'y = 1/n sum_i x_i',
  ],
  [
    'max(x, axis: axes = none, keepdims: flag = false)',
    'The largest element; ties share the gradient evenly.',
    'y = max_i x_i',
  ],
  [
    'min(x, axis: axes = none, keepdims: flag = false)',
    'The smallest element; ties share the gradient evenly.',
    'y = min_i x_i',
  ],
  [
    'prod(x, axis: axes = none, keepdims: flag = false)',
    'The product; the gradient is exact where a factor is 0.',
    'y = prod_i x_i',
  ],
  [
    'norm(x, p: number = 2, axis: axes = none, keepdims: flag = false)',
    'The p-norm over all elements, matrices included; several axes count as one. The derivative at the zero vector is 0.',
    'y = (sum_i |x_i|^p)^(1/p)',
  ],
  [
    'var(x, axis: axes = none, ddof: number = 0, keepdims: flag = false)',
    'The variance; `ddof = 1` divides by n - 1.',
    'y = 1/(n - ddof) sum_i (x_i - mean x)^2',
  ],
  [
    'std(x, axis: axes = none, ddof: number = 0, keepdims: flag = false)',
    'The standard deviation; `ddof = 1` divides by n - 1.',
    'y = sqrt(var x)',
  ],
  [
    'logsumexp(x, axis: axes = none, keepdims: flag = false)',
    'The logarithm of a sum of exponentials, safe for large x. Its gradient is the softmax.',
    'y = ln sum_i e^(x_i)',
  ],
  [
    'argmax(x, axis: axes = none, keepdims: flag = false)',
    'The position of the largest element, the first of equals, as int.',
  ],
  [
    'argmin(x, axis: axes = none, keepdims: flag = false)',
    'The position of the smallest element, the first of equals, as int.',
  ],
  [
    'cumsum(x, axis: axes = none)',
    'The running sum along an axis; without one, over all elements in order.',
    'y_i = sum_{j <= i} x_j',
  ],
  ['all(x, axis: axes = none, keepdims: flag = false)', 'True where every element is true.'],
  ['any(x, axis: axes = none, keepdims: flag = false)', 'True where some element is true.'],
]);
