import assert from 'node:assert/strict';
import { gradcheck } from '../../../../src/autodiff/gradcheck';
import { randomStream } from '../../../../src/base/random';
import { groupPath } from '../../../../src/graph/node';
import { printShape } from '../../../../src/graph/shape';
import type { NamedValue } from '../../../../src/language/model';
import { evaluate } from '../../../../src/runtime/evaluate';
import { Dataset } from '../../../../src/training/dataset';
import { allAdjoints, Evaluation } from '../../../../src/training/evaluation';
import { initialParameters } from '../../../../src/training/initial';
import { finished } from '../../../support/finished';
import { Evaluated, findingsOf, lowered } from './models';

describe('layers', () => {
  it('own the parameters of the contract', async () => {
    const { model } = await lowered(`
input x : [2, 5, 3]
input i : [2, 4, 6, 6]
input w : [7] int
c = conv(i, 6, [3, 2], groups = 2)
n = batch_norm(c)
l = layer_norm(x)
e = embedding(w, 9, 4)
r = rnn(x, 2)
h = lstm(x, 2)
g = gru(x, 2)
`);
    assert.deepEqual(
      model.parameters.map(({ path, sizes }) => `${path} [${sizes.join(', ')}]`),
      [
        'c.W [6, 2, 3, 2]',
        'c.b [6]',
        'n.gamma [6]',
        'n.beta [6]',
        'l.gamma [3]',
        'l.beta [3]',
        'e.W [9, 4]',
        'r.W [5, 2]',
        'r.b [2]',
        'h.W [5, 8]',
        'h.b [8]',
        ...['z', 'r', 'h'].flatMap(gate => [`g.W${gate} [3, 2]`, `g.U${gate} [2, 2]`, `g.b${gate} [2]`]),
      ],
    );
    assert.deepEqual(
      model.buffers.map(({ path, sizes, initial }) => `${path} [${sizes.join(', ')}] ${initial}`),
      ['n.running_mean [6] 0', 'n.running_var [6] 1'],
    );
  });

  it('give more than their value by name: the cells of an LSTM, running statistics', async () => {
    const model = await Evaluated.of(`
h = lstm(ones([1, 2, 1]), 1, W = zeros(), b = zeros(), c0 = [[4]])
check h.c ~= [[[2], [1]]]
y = dense(lstm(ones([1, 2, 1]), 1, W = zeros(), c0 = [[4]]), 1)
check y.lstm2.c ~= h.c
n = batch_norm([[1, 2], [3, 4]])
check n.running_mean ~= [0, 0]
check n.running_var ~= [1, 1]
`);
    for (const { pass, check } of model.checks()) assert.ok(pass, `${check.span.start}`);
  });

  it('show every step as a turn', async () => {
    const { model } = await lowered('input x : [2, 3, 1]\nh = rnn(x, 2)\n');
    const labels = model.builder.graph.nodes
      .filter(node => node.op === 'tanh')
      .map(node => groupPath(node.provenance.group).map(({ kind, label }) => `${kind} ${label}`));
    assert.deepEqual(
      labels,
      [0, 1, 2].map(t => ['layer rnn', `turn t = ${t}`]),
    );
  });

  it('give each call of one instance its own cells', async () => {
    const model = await Evaluated.of(`
layer cell = lstm(units = 1, W = zeros())
s = cell([[[1]]], c0 = [[4]])
u = cell([[[1]]], c0 = [[8]])
check s.c ~= [[[2]]]
check u.c ~= [[[4]]]
check cell.W ~= zeros([2, 4])
`);
    for (const { pass, check } of model.checks()) assert.ok(pass, `${check.span.start}`);
  });

  it('share parameters and running statistics between the calls of one instance', async () => {
    const { model } = await lowered(`
input x : [4, 2]
layer norm = batch_norm()
a = norm(x)
b = norm(a)
`);
    assert.deepEqual(
      model.parameters.map(({ path }) => path),
      ['norm.gamma', 'norm.beta'],
    );
    assert.deepEqual(
      model.buffers.map(({ path }) => path),
      ['norm.running_mean', 'norm.running_var'],
    );
  });
});

describe('the gradient check', () => {
  const texts = {
    'a 5-step LSTM': `
param x : [3, 5, 2] ~ normal()
h = lstm(x, 3, lengths = [5, 2, 4])
loss = mean(h ** 2) + mean(sin(h.c))
`,
    'a GRU on embedded words': `
g = gru(embedding([[0, 2, 1], [1, 1, 0]], 3, 2), 2)
loss = sum(g ** 2)
`,
    'a small convolutional net': `
param x : [4, 2, 6, 6] ~ normal()
c = conv(x, 4, 3, act = tanh, padding = 1, groups = 2)
n = batch_norm(max_pool2d(c, 3, stride = 2, padding = 1))
d = conv(n, 3, 2, stride = 2, dilation = 1, act = tanh)
f = dropout(flatten(layer_norm(avg_pool2d(d, [1, 1]))), 0.3)
loss = cross_entropy(dense(f, 3), [0, 2, 1, 1])
`,
    attention: `
param q : [2, 3, 4] ~ normal()
loss = sum(attention(q, q, q, mask = tril(ones([3, 3]))) ** 2)
`,
  };
  for (const [name, text] of Object.entries(texts)) {
    it(`passes every parameter of ${name}`, async () => {
      const { model, tables, findings } = await lowered(text);
      assert.deepEqual(
        findings.filter(({ severity }) => severity === 'error'),
        [],
      );
      const dataset = Dataset.build(model, tables, { split: 1, seed: 0 }, evaluate);
      const evaluation = new Evaluation(model, dataset, initialParameters(model, 0, evaluate), evaluate);
      const loss = model.objective!.node;
      const adjoints = allAdjoints(model, loss);
      const targets = model.parameters.map(({ path, node }) => ({ path, node, adjoint: adjoints.of(node) }));
      const random = randomStream(0, 'gradcheck');
      const feeds = evaluation.neededFeeds([loss]);
      const options = { graph: model.builder.graph, random, entries: 60 };
      for (const row of finished(gradcheck(evaluate, loss, targets, feeds, evaluation.sizes, options))) {
        assert.ok(row.pass, `${row.path}: ${row.automatic}, ${row.numeric}`);
        assert.ok(row.checked > 0, row.path);
      }
    });
  }
});

describe('layers that do not fit', () => {
  const image = 'input x : [2, 4, 6, 5]\n';
  const sequence = 'input x : [2, 3, 4]\n';
  for (const [text, expected] of [
    [
      'y = conv(x, 3, 7)',
      /^2:16 error\[shape-mismatch\] .*window of 7 x 7 does not fit into 6 x 5: x is \[2, 4, 6, 5\] \(line 1\), padding 0 x 0, stride 1 x 1/,
    ],
    [
      'y = conv(x, 3, 3, padding = [0, 1], dilation = 3)',
      /^2:16 .*window of 3 x 3, 7 x 7 with dilation 3 x 3 does not fit into 6 x 7/,
    ],
    ['y = conv(x, 3, 0)', /^2:16 error\[argument-value\] .*kernel takes whole numbers from 1, not 0/],
    [
      'y = conv(x, 3, [3, 3, 3])',
      /^2:16 error\[argument-value\] .*kernel is one number or a list of 2, not 3/,
    ],
    [
      'y = conv(x, 3, 2, stride = 0)',
      /^2:28 error\[argument-value\] .*stride takes whole numbers from 1, not 0/,
    ],
    ['y = conv(x, 3, 2, stride = [1, -1])', /^2:28 error\[argument-value\] .*not 1, -1/],
    ['y = conv(x, 3, 2, padding = -1)', /^2:29 error\[argument-value\] .*padding takes whole numbers from 0/],
    ['y = conv(x, 3, 2, dilation = 0.5)', /^2:30 error\[argument-value\]/],
    [
      'y = conv(x, 6, 2, groups = 3)',
      /^2:28 error\[shape-mismatch\] .*4 channels do not divide by groups = 3/,
    ],
    [
      'y = conv(x, 3, 2, groups = 2)',
      /^2:28 error\[shape-mismatch\] .*3 filters do not divide by groups = 2/,
    ],
    ['y = conv(x, 0, 2)', /^2:13 error\[argument-value\] .*filters is at least 1/],
    [
      'y = conv(x[0], 3, 2)',
      /^2:10 error\[rank\] .*conv takes images \[N, C, H, W\]; `x\[0\]` is \[4, 6, 5\]/,
    ],
    [
      'y = conv2d(x, ones([3, 2, 2, 2]))',
      /^2:15 error\[shape-mismatch\] .*x has 4 channels, and the kernel takes 2/,
    ],
    [
      'y = conv2d(x, ones([4, 4, 2, 2]), groups = 2)',
      /^2:15 error\[shape-mismatch\] .*4 channels, 2 for each of 2 groups, and the kernel takes 4/,
    ],
    ['y = conv2d(x, ones([3, 4]))', /^2:15 error\[rank\] .*the kernel of conv2d is \[O, I, kh, kw\]/],
    ['y = conv2d(x, ones([3, 4, 7, 1]))', /^2:15 error\[shape-mismatch\] .*7 x 1 does not fit into 6 x 5/],
    [
      'y = conv2d(x, ones([3, 4, 1, 1]), ones([4]))',
      /^2:35 error\[shape-mismatch\] .*one bias a filter is needed, \[3\]/,
    ],
    ['y = conv1d(x, ones([3, 4, 2]))', /^2:12 error\[rank\] .*sequences \[N, C, T\]/],
    [
      'y = max_pool2d(x, 2, padding = 2)',
      /^2:32 error\[argument-value\] .*padding 2 x 2 is more than half of the window of 2 x 2/,
    ],
    ['y = max_pool2d(x, [7, 2])', /^2:19 error\[shape-mismatch\] .*7 x 2 does not fit into 6 x 5/],
    ['y = avg_pool2d(x, 2, stride = -2)', /^2:31 error\[argument-value\]/],
    ['y = avg_pool2d(flatten(x), 2)', /^2:16 error\[rank\] .*images/],
    ['y = batch_norm(x[0, 0, 0])', /^2:16 error\[rank\] .*channels in axis 1/],
    ['y = batch_norm(x[0:1, :, 0, 0])', /^2:16 error\[shape-mismatch\] .*no variance/],
    ['y = batch_norm(x, momentum = 2)', /^2:30 error\[argument-value\]/],
    [
      'y = conv(x, 3, 2, W = ones([3, 4, 2, 3]))',
      /^2:23 error\[shape-mismatch\] .*W is \[3, 4, 2, 2\] here; `ones\(\[3, 4, 2, 3\]\)` is \[3, 4, 2, 3\]/,
    ],
    ['y = layer_norm(x, gamma = [1, 2])', /^2:27 error\[shape-mismatch\] .*gamma is \[5\] here/],
    ['y = dropout(x, 1.5)', /^2:16 error\[argument-value\] .*share from 0 to 1/],
    ['y = layer_norm(x, eps = -1)', /^2:25 error\[argument-value\]/],
  ] as const) {
    it(text, async () => one(await findingsOf(`${image}${text}\n`), expected));
  }
  for (const [text, expected] of [
    ['y = lstm(x, 0)', /^2:13 error\[argument-value\] .*units is at least 1/],
    ['y = rnn(x[0], 2)', /^2:9 error\[rank\] .*rnn takes sequences \[N, T, D\]; `x\[0\]` is \[3, 4\]/],
    ['y = gru(x, 2, lengths = [[1]])', /^2:25 error\[rank\] .*lengths are one whole number a row/],
    ['y = gru(x, 2, lengths = [1, 2, 3])', /^2:5 error\[shape-mismatch\]/],
    ['y = rnn(x, 2, h0 = ones([2, 3]))', /^2:5 error\[shape-mismatch\]/],
    ['y = embedding([0], 0, 2)', /^2:20 error\[argument-value\] .*vocabulary is at least 1/],
    ['y = attention(x, x, ones([3]))', /^2:21 error\[rank\] .*v as \[\.\., T, d\]/],
  ] as const) {
    it(text, async () => one(await findingsOf(`${sequence}${text}\n`), expected));
  }

  it('needs to know the number of steps', async () => {
    one(
      await findingsOf('input x : [N, T, 3]\nh = rnn(x, 2)\n'),
      /^2:9 error\[shape-unknown\] .*unrolled over T, which must be known before running/,
    );
  });

  it('refuses lengths beyond the steps and words beyond the vocabulary while running', async () => {
    const fails = async (text: string, message: RegExp): Promise<void> => {
      const model = await Evaluated.of(text);
      assert.throws(() => model.value('y'), message);
    };
    await fails(
      'y = rnn(ones([1, 2, 1]), 1, lengths = [3])\n',
      /length 3 is out of range: there are 3, from 0 to 2/,
    );
    await fails('y = embedding([4], 4, 2)\n', /number 4 is out of range: there are 4, from 0 to 3/);
    await fails('y = embedding([0.5], 4, 2)\n', /number 0.5 is not a whole number/);
  });

  it('takes sizes that are known later, and refuses windows that are too large then', async () => {
    const { model } = await lowered('input x : [N, 1, H, W]\ny = max_pool2d(x, 3, stride = 2)\n');
    const [{ node: x }, { node: y }] = model.names as [NamedValue, NamedValue];
    assert.equal(printShape(y.shape), '[N, 1, ((H - 3)//2) + 1, ((W - 3)//2) + 1]');
    const run = (h: number, w: number): readonly number[] => {
      const data = new Float64Array(h * w);
      const feeds = new Map([[x, { dtype: 'float', shape: [1, 1, h, w], data } as const]]);
      return evaluate([y], feeds, { N: 1, H: h, W: w })[0]!.shape;
    };
    assert.deepEqual(run(7, 4), [1, 1, 3, 1]);
    assert.throws(() => run(7, 2), /a window of 3 does not fit into an axis of 2/);
  });
});

function one(found: readonly string[], expected: RegExp): void {
  assert.equal(found.length, 1, found.join('\n'));
  assert.match(found[0]!, expected);
}
