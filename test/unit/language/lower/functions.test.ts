import assert from 'node:assert/strict';
import { builtins } from '../../../../src/library/builtins';
import { Evaluated, findingsOf } from './models';

/**
 * Every function, as it is called in a file, against a closed form. Derivatives and less friendly operands are held
 * against PyTorch in `test/unit/autodiff/golden.test.ts`.
 */
const values: readonly [expression: string, expected: unknown][] = [
  // elementwise
  ['exp([0, 1])', [1, Math.E]],
  ['log([1, 2])', [0, Math.LN2]],
  ['log2(8)', 3],
  ['log10(0.01)', -2],
  ['log1p(1e-20)', 1e-20],
  ['xlogy([0, 2], [0, 3])', [0, 2 * Math.log(3)]],
  ['sqrt([4, 2])', [2, Math.SQRT2]],
  ['square(-3)', 9],
  ['abs([-1, 0, 2])', [1, 0, 2]],
  ['sign([-3, 0, 2])', [-1, 0, 1]],
  ['sin(pi / 6)', 0.5],
  ['cos(pi / 3)', 0.5],
  ['tan(pi / 4)', 1],
  ['atan(1)', Math.PI / 4],
  ['tanh(log(2))', 0.6],
  ['sigmoid([0, log(3), -800])', [0.5, 0.75, 0]],
  ['relu([-1, 0, 2])', [0, 0, 2]],
  ['leaky_relu([-2, 2])', [-0.02, 2]],
  ['leaky_relu(-2, alpha = 0.5)', -1],
  ['prelu([-2, 2], 0.25)', [-0.5, 2]],
  ['elu([-1, 2])', [Math.expm1(-1), 2]],
  ['gelu([0, 1])', [0, 0.8413447460685429]],
  ['silu([0, log(3)])', [0, 0.75 * Math.log(3)]],
  ['softplus([0, 800])', [Math.LN2, 800]],
  ['erf([0, 1])', [0, 0.8427007929497149]],
  ['maximum([1, 5], 3)', [3, 5]],
  ['minimum([1, 5], 3)', [1, 3]],
  ['clip([1, 5, 9], 2, 6)', [2, 5, 6]],
  ['where([true, false], [1, 2], 0)', [1, 0]],
  ['floor([-1.5, 1.5])', [-2, 1]],
  ['round([0.5, 1.5, 2.6])', [0, 2, 3]],
  ['isnan([nan, 1])', [true, false]],
  ['int([-1.7, 1.7])', [-1, 1]],
  ['float(true)', 1],
  ['bool([0, 2])', [false, true]],
  // reductions
  ['sum([[1, 2], [3, 4]])', 10],
  ['sum([[1, 2], [3, 4]], axis = 0)', [4, 6]],
  ['sum([[1, 2], [3, 4]], axis = -1, keepdims = true)', [[3], [7]]],
  ['sum(ones([2, 3, 4]), axis = [0, 2])', [8, 8, 8]],
  ['mean([1, 2, 6])', 3],
  ['max([[1, 5], [7, 2]], axis = 1)', [5, 7]],
  ['min([3, 1, 2])', 1],
  ['prod([2, 0, 3])', 0],
  ['prod([[2, 3], [4, 5]], axis = 0)', [8, 15]],
  ['norm([[3, 0], [0, 4]])', 5],
  ['norm([3, -4], p = 1)', 7],
  ['var([1, 2, 3, 4])', 1.25],
  ['var([1, 2, 3, 4], ddof = 1)', 5 / 3],
  ['std([1, 2, 3], ddof = 1)', 1],
  ['logsumexp([1000, 1000])', 1000 + Math.LN2],
  ['argmax([[1, 5], [7, 2]], axis = 1)', [1, 0]],
  ['argmin([3, 1, 2])', 1],
  ['cumsum([1, 2, 3])', [1, 3, 6]],
  [
    'cumsum([[1, 2], [3, 4]], axis = 1)',
    [
      [1, 3],
      [3, 7],
    ],
  ],
  ['any([false, true])', true],
  ['all([false, true])', false],
  // shapes
  [
    'reshape([1, 2, 3, 4], [2, -1])',
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ['transpose([[1, 2, 3]], [1, 0])', [[1], [2], [3]]],
  [
    '[[1, 2], [3, 4]].T',
    [
      [1, 3],
      [2, 4],
    ],
  ],
  ['flatten([[[1, 2], [3, 4]]])', [[1, 2, 3, 4]]],
  ['concat([[1]], [[2]], axis = 1)', [[1, 2]]],
  [
    'stack([1, 2], [3, 4], axis = 1)',
    [
      [1, 3],
      [2, 4],
    ],
  ],
  ['squeeze([[1], [2]], axis = 1)', [1, 2]],
  ['expand([1, 2], 1)', [[1], [2]]],
  [
    'pad([[1, 2]], [[0, 1], [2, 0]])',
    [
      [0, 0, 1, 2],
      [0, 0, 0, 0],
    ],
  ],
  [
    'broadcast_to([1, 2], [2, 2])',
    [
      [1, 2],
      [1, 2],
    ],
  ],
  ['size(ones([4, 5]), 1)', 5],
  [
    'one_hot([2, 0], 3)',
    [
      [0, 0, 1],
      [1, 0, 0],
    ],
  ],
  [
    'take([[1, 2], [3, 4]], [1, 0], axis = 1)',
    [
      [2, 1],
      [4, 3],
    ],
  ],
  ['flip([1, 2, 3], 0)', [3, 2, 1]],
  ['sort([3, 1, 2])', [1, 2, 3]],
  ['argsort([3, 1, 2])', [1, 2, 0]],
  [
    'tril(ones([2, 2]))',
    [
      [1, 0],
      [1, 1],
    ],
  ],
  [
    'tril(ones([2, 2]), k = 1)',
    [
      [1, 1],
      [1, 1],
    ],
  ],
  ['arange(3)', [0, 1, 2]],
  ['arange(1, 2, 0.5)', [1, 1.5]],
  ['linspace(0, 1, 3)', [0, 0.5, 1]],
  ['zeros([2])', [0, 0]],
  ['ones([1, 2])', [[1, 1]]],
  ['full([2], 7)', [7, 7]],
  ['zeros_like([1, 2])', [0, 0]],
  [
    'eye(2, 3)',
    [
      [1, 0, 0],
      [0, 1, 0],
    ],
  ],
  // linear algebra
  ['dot([1, 2], [3, 4])', 11],
  [
    'outer([1, 2], [3, 4])',
    [
      [3, 4],
      [6, 8],
    ],
  ],
  ['matmul([[1, 2]], [[3], [4]])', [[11]]],
  ['[[1, 2], [3, 4]] @ [1, 1]', [3, 7]],
  ['solve([[2, 1], [1, 3]], [3, 5])', [0.8, 1.4]],
  [
    'inv([[2, 0], [0, 4]])',
    [
      [0.5, 0],
      [0, 0.25],
    ],
  ],
  ['det([[1, 2], [3, 4]])', -2],
  ['lstsq([[1, 0], [1, 1], [1, 2]], [1, 3, 5])', [1, 2]],
  // networks
  ['softmax([0, log(3)])', [0.25, 0.75]],
  [
    'softmax([[0, 0], [log(3), 0]], axis = 0)',
    [
      [0.25, 0.5],
      [0.75, 0.5],
    ],
  ],
  ['log_softmax([0, 0])', [-Math.LN2, -Math.LN2]],
  ['dense([[1, 2]], 1, W = [[3], [4]], b = [5])', [[16]]],
  ['dense([[1, -2]], 1, W = [[3], [4]], bias = false, act = relu)', [[0]]],
  ['dense([[0]], 2, W = [[3, 4]], bias = false, act = softmax)', [[0.5, 0.5]]],
  ['dense([[0]], 2, W = [[3, 4]], bias = false, act = log_softmax)', [[-Math.LN2, -Math.LN2]]],
  // losses, each with its reductions
  ['mse([1, 2], [3, 5])', 6.5],
  ['mse([1, 2], [3, 5], reduction = sum)', 13],
  ['mse([1, 2], [3, 5], reduction = none)', [4, 9]],
  ['mae([1, 2], [3, 5])', 2.5],
  ['mae([1, 2], [3, 5], reduction = sum)', 5],
  ['huber([0, 0], [0.5, 3])', (0.125 + 2.5) / 2],
  ['huber(0, 3, delta = 2)', 4],
  ['cross_entropy([[0, 0], [0, log(3)]], [0, 1])', (Math.LN2 + Math.log(4 / 3)) / 2],
  ['cross_entropy([[0, 0], [0, log(3)]], [0, 1], reduction = none)', [Math.LN2, Math.log(4 / 3)]],
  ['cross_entropy([0, log(3)], 1)', Math.log(4 / 3)],
  ['cross_entropy([[0, log(3)]], [[0.5, 0.5]])', Math.log(4) - Math.log(3) / 2],
  ['bce([0, log(3)], [1, 1])', (Math.LN2 + Math.log(4 / 3)) / 2],
  ['bce(800, 0)', 800],
  ['logistic([0, log(3)], [1, -1])', (Math.LN2 + Math.log(4)) / 2],
  ['hinge([[3.2, 5.1, -1.7]], [0])', 2.9],
  ['hinge([3, 1], 1, margin = 2)', 4],
  ['nll([[-1, -2], [-3, -4]], [0, 1])', 2.5],
  ['kl_div([0.5, 0.5], [0.25, 0.75])', 0.5 * Math.log(2) + 0.5 * Math.log(2 / 3)],
  ['kl_div([0, 1], [0.5, 0.5])', Math.LN2],
  ['entropy([0.5, 0.5, 0])', Math.LN2],
  // penalties and metrics
  ['l1([1, -2], [[3]])', 6],
  ['l2([1, -2], [[3]])', 14],
  ['accuracy([[1, 2], [3, 1], [0, 1]], [1, 1, 1])', 2 / 3],
  [
    'confusion([[1, 2], [3, 1]], [1, 1])',
    [
      [0, 0],
      [1, 1],
    ],
  ],
  ['r2([1, 2, 4], [1, 2, 3])', 0.5],
  ['knn([[0], [1], [2], [10]], [4, 7, 7, 4], [[0.2], [9]], k = 2)', [4, 4]],
  // neural
  ['conv2d([[[[1, 2], [3, 4]]]], ones([1, 1, 2, 1]))', [[[[4, 6]]]]],
  ['conv2d(ones([1, 4, 2, 2]), ones([2, 2, 2, 2]), [1, 2], groups = 2)', [[[[9]], [[10]]]]],
  ['conv1d([[[1, 2, 3]]], [[[1, -1]]])', [[[-1, -1]]]],
  ['conv1d([[[1, 2, 3]]], [[[1, 1]]], stride = 2, padding = [1])', [[[1, 5]]]],
  ['max_pool2d([[[[1, 2], [5, 4]]]], 2)', [[[[5]]]]],
  [
    'max_pool2d([[[[-1, -2], [-5, -4]]]], 2, padding = 1)',
    [
      [
        [
          [-1, -2],
          [-5, -4],
        ],
      ],
    ],
  ],
  ['avg_pool2d([[[[1, 2], [5, 4]]]], [1, 2])', [[[[1.5], [4.5]]]]],
  ['avg_pool2d([[[[4]]]], 2, padding = 1)', [[[[1]]]]],
  ['avg_pool2d([[[[4]]]], 2, padding = 1, count_padding = false)', [[[[4]]]]],
  ['attention([[0, 0]], [[1, 2], [3, 4]], [[2], [4]])', [[3]]],
  ['attention([[0, 0]], [[1, 2], [3, 4]], [[2], [4]], mask = [[true, false]])', [[2]]],
  ['dropout([1, 2, 3], 0.5, mask = [1, 0, 1])', [2, 0, 6]],
  ['dropout([1, 2], training = false)', [1, 2]],
  ['dropout([1, 2], p = 1)', [0, 0]],
  // layers
  ['conv(ones([1, 3, 2, 2]), 1, 2, W = ones())', [[[[12]]]]],
  ['conv(ones([1, 1, 2, 2]), 1, [2, 2], act = tanh, bias = false, W = zeros())', [[[[0]]]]],
  ['batch_norm([[1], [3]], eps = 0)', [[-1], [1]]],
  ['batch_norm([[1], [3]], eps = 0, training = false, beta = ones())', [[2], [4]]],
  ['layer_norm([[1, 3]], eps = 0)', [[-1, 1]]],
  [
    'embedding([1, 0], 2, 2, W = [[1, 2], [3, 4]])',
    [
      [3, 4],
      [1, 2],
    ],
  ],
  [
    'rnn(zeros([1, 2, 1]), 1, W = ones(), b = ones(), h0 = zeros)',
    [[[Math.tanh(1)], [Math.tanh(1 + Math.tanh(1))]]],
  ],
  ['rnn(ones([1, 2, 1]), 1, lengths = [0], h0 = [[0.5]])', [[[0.5], [0.5]]]],
  ['lstm(ones([1, 1, 2]), 1, W = zeros(), c0 = [[2]])', [[[Math.tanh(1) / 2]]]],
  [
    'gru(ones([1, 1, 2]), 1, Wz = zeros(), Wr = zeros(), Wh = zeros(), h0 = [[1]], Uz = zeros(), Uh = zeros())',
    [[[0.5]]],
  ],
  // derivatives
  ['grad(3 ** 2, 3)', 0],
  ['stop_gradient([1, 2])', [1, 2]],
];

/** Those of rows, in `data.test.ts`. */
const ofData = new Set(['standardize', 'minmax', 'train_rows', 'test_rows', 'fillna']);

describe('functions', () => {
  for (const [expression, expected] of values) {
    it(expression, async () => {
      const value = (await Evaluated.of(`out = ${expression}\n`)).value('out');
      close(nested([...value.data], value.shape, value.dtype === 'bool'), expected);
    });
  }

  it('have all been called', () => {
    const text = values.map(([expression]) => expression).join(' ');
    const missing = Object.keys(builtins).filter(
      name => !ofData.has(name) && !new RegExp(`\\b${name}\\(`).test(text),
    );
    assert.deepEqual(missing, []);
  });

  describe('are refused', () => {
    for (const [expression, expected] of [
      ['sum([1, 2], axis = 1)', /error\[rank\] .*axis 1 does not exist/],
      ['sum(3, axis = 0)', /error\[rank\]/],
      ['sum([1, 2], axis = [])', /error\[rank\] .*list of axes is empty/],
      ['reshape([1, 2, 3], [2, -1])', /error\[shape-mismatch\] .*3 elements do not divide by 2/],
      ['reshape([1, 2], [-1, -1])', /error\[/],
      ['squeeze([[1, 2]], axis = 1)', /error\[shape-mismatch\] .*axis 1 has size 2, not 1/],
      ['concat([1], [[2]])', /error\[(rank|shape-mismatch)\]/],
      ['one_hot([1], 0.5)', /error\[/],
      ['solve([[1, 2, 3], [4, 5, 6]], [1, 2])', /error\[rank\] .*a square matrix is needed/],
      ['mse([1, 2], [1, 2, 3])', /error\[shape-mismatch\] .*2 and 3 must agree/],
      ['cross_entropy([[1, 2]], [0, 1])', /error\[shape-mismatch\]/],
      ['dense(3, 2)', /error\[rank\]/],
    ] as const) {
      it(expression, async () => {
        const found = await findingsOf(`out = ${expression}\n`);
        assert.equal(found.length, 1, found.join('\n'));
        assert.match(found[0]!, expected);
      });
    }
  });
});

function nested(data: readonly number[], shape: readonly number[], truth: boolean): unknown {
  const [size, ...rest] = shape;
  if (size === undefined) return truth ? data[0] !== 0 : data[0];
  const width = data.length / size;
  return Array.from({ length: size }, (_, i) => nested(data.slice(i * width, (i + 1) * width), rest, truth));
}

function close(actual: unknown, expected: unknown): void {
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual) && actual.length === expected.length, `${JSON.stringify(actual)}`);
    expected.forEach((item, i) => {
      close((actual as unknown[])[i], item);
    });
  } else if (typeof expected === 'number') {
    assert.ok(
      Math.abs((actual as number) - expected) <= 1e-14 * Math.max(1, Math.abs(expected)),
      `${actual}`,
    );
  } else assert.equal(actual, expected);
}
