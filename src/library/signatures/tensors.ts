import { group } from './define';

export const shapeSignatures = group('shape', [
  ['reshape(x, shape: shape)', 'The same elements in another shape; one size may be -1 and is worked out.'],
  [
    'transpose(x, axes: shape = none)',
    'The axes in another order, `[1, 0]` for a matrix; without `axes`, reversed. `x.T` swaps the last two.',
  ],
  ['flatten(x, from: axis = 1)', 'All axes from `from` on become one.'],
  [
    'concat(...values, axis: axis = 0)',
    'Tensors joined along an axis that exists: `concat(a, b, axis = 1)`.',
  ],
  ['stack(...values, axis: axis = 0)', 'Tensors of one shape joined along a new axis.'],
  ['squeeze(x, axis: axes = none)', 'Takes away axes of size 1; an axis of another size is an error.'],
  ['expand(x, axis: axis)', 'Puts in a new axis of size 1.'],
  ['pad(x, pairs: pairs)', 'Zeros around, one `[before, after]` an axis.'],
  ['broadcast_to(x, shape: shape)', 'Repeats axes of size 1 (and new ones in front) to reach a shape.'],
  ['size(x, axis: axis = none)', 'The size of an axis, or the number of elements, as int.'],
  [
    'one_hot(i, k: size)',
    'A 1 at the position of each class number and 0 elsewhere, as float: `[N]` becomes `[N, k]`. Another number is an error.',
    'y_nj = 1 if i_n = j else 0',
  ],
  [
    'take(x, i, axis: axis = 0)',
    'The entries at whole-number positions along an axis; negative ones count from the end.',
  ],
  ['flip(x, axis: axis)', 'The entries of an axis in reverse order.'],
  ['sort(x, axis: axis = -1)', 'The entries of an axis from small to large.'],
  ['argsort(x, axis: axis = -1)', 'The positions that would sort an axis, as int.'],
  ['tril(x, k: number = 0)', 'The lower triangle of a matrix, zeros above the k-th diagonal.'],
  [
    'arange(a: number, b: number = none, step: number = 1)',
    '`arange(n)`: 0 to n - 1; `arange(a, b, step = 1)`: from a, b excluded. Whole numbers give int.',
  ],
  ['linspace(a: number, b: number, n: size = 50)', 'n numbers from a to b, both included.'],
  ['zeros(shape: shape)', 'A tensor of zeros.'],
  ['ones(shape: shape)', 'A tensor of ones.'],
  ['full(shape: shape, value)', 'A tensor that holds one value everywhere.'],
  ['zeros_like(x)', "Zeros of another tensor's shape."],
  ['eye(n: size, m: size = n)', 'Ones on the diagonal, zeros elsewhere.'],
]);

export const linearAlgebraSignatures = group('linear algebra', [
  ['dot(a, b)', 'The inner product of vectors; for matrices the same as `@`.', 'y = sum_i a_i b_i'],
  ['outer(a, b)', 'The table of all products of two vectors.', 'y_ij = a_i b_j'],
  ['matmul(a, b)', 'The matrix product, the same as `a @ b`.', 'y_ij = sum_k a_ik b_kj'],
  [
    'solve(A, b)',
    'The x with A x = b, for a matrix or a stack of them; a singular A is an error that names the line.',
    'x = A^-1 b',
  ],
  ['inv(A)', 'The inverse of a square matrix, or of each in a stack; a singular one is an error.', 'A^-1'],
  ['det(A)', 'The determinant. Its gradient is det(A) A^-T; up to 10 by 10 also that of a singular matrix.'],
  [
    'lstsq(A, b)',
    'The x that makes |A x - b| smallest, for a matrix of full column rank or a stack of them.',
    'x = (A^T A)^-1 A^T b',
  ],
]);

export const gradientSignatures = group('gradient', [
  [
    'grad(L, w)',
    "The derivative of a scalar by any float node, in w's shape. It is a graph of its own and can be differentiated again.",
    'dL/dw',
  ],
  ['jacobian(y, x)', 'All partial derivatives, of shape `[*y.shape, *x.shape]`.', 'J_ij = dy_i/dx_j'],
  [
    'hessian(L, w)',
    'The second derivatives of a scalar, of shape `[*w.shape, *w.shape]`.',
    'H_ij = d^2 L / dw_i dw_j',
  ],
  ['jvp(y, x, v)', 'The derivative of y along the direction v of x, in forward mode.', 'J v'],
  ['vjp(y, x, u)', 'The gradient that arrives at x when u arrives at y: reverse mode.', 'J^T u'],
  [
    'numeric_grad(L, w, h: number = 1e-5, scheme: word central|forward = central)',
    'The derivative by finite differences, evaluating L again in 64-bit. A constant to differentiation.',
    'dL/dw_i = (L(w_i + h) - L(w_i - h)) / 2h',
  ],
  ['stop_gradient(x)', 'x, taken as a constant by differentiation.'],
]);
